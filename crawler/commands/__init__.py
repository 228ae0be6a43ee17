"""Scrapy's commands, where Dateline's own differ: ``scrapy crawl`` with an exit code."""

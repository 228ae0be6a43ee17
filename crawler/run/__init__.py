"""One run of one outlet: what it takes up, what it records, and how Scrapy drives it."""

"""Whether an outlet still reads as it used to: pure, without Scrapy and without a database."""

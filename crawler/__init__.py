"""What a crawl is: the engine of Dateline, which knows no outlet and no profile of settings."""

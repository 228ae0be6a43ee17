"""How pages are fetched: handlers, politeness, robots.txt, refusals, browser, HTTP caching."""

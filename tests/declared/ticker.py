"""An outlet rendered by JavaScript, declared for the tests."""

from crawler.outlet import Selectors
from crawler.sources import Feed
from crawler.spider import OutletSpider


class Ticker(OutletSpider):
    """Newsworld's outlet whose pages are empty without a browser."""

    name = "ticker"
    title = "The Ticker"
    home = "https://ticker.example/"
    language = "en"
    timezone = "UTC"
    schedule = "0 * * * *"
    sources = (Feed("/feed"),)
    stories = r"/story/\d+$"
    page = Selectors(title="h1", body="#story p", published="time::attr(datetime)")
    browser = True

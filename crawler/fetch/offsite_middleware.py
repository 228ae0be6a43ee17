"""Refuses requests to hosts outside the outlet's domains."""

from scrapy import Request, Spider
from scrapy.downloadermiddlewares import offsite
from scrapy.exceptions import IgnoreRequest

from crawler.fetch.failure_reasons import OFFSITE, RequestRefused


class OffsiteMiddleware(offsite.OffsiteMiddleware):
    """Scrapy's middleware, whose refusals all reach the errback: every lead has an outcome."""

    def request_scheduled(self, request: Request, spider: Spider) -> None:
        """Refuse nothing here: a request dropped by this signal tells nobody."""

    def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Refuse a request to a host outside the outlet's domains."""
        try:
            super().process_request(request)
        except IgnoreRequest:
            raise RequestRefused(OFFSITE) from None

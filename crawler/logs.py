"""What a crawl logs of its items and requests: one short line, never a page or an item in full."""

import logging
from typing import Any

from itemadapter import ItemAdapter
from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawler.errors import StoreError


class Formatter(LogFormatter):
    """Scrapy's log formatter, with addresses in place of items."""

    def scraped(
        self, item: Any, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """A story that passed the pipelines."""
        return _line(logging.DEBUG, "Stored %(url)s", item)

    def dropped(
        self, item: Any, exception: BaseException, response: Any, spider: Spider
    ) -> LogFormatterResult:
        """A story that a pipeline refused."""
        return _line(logging.INFO, f"Rejected %(url)s: {exception}", item)

    def item_error(
        self, item: Any, exception: BaseException, response: Any, spider: Spider
    ) -> LogFormatterResult:
        """A story that broke a pipeline; of a store that refused, the run tells at its end."""
        level = logging.DEBUG if isinstance(exception, StoreError) else logging.ERROR
        return _line(level, "Could not process %(url)s", item)


def _line(level: int, message: str, item: Any) -> LogFormatterResult:
    return {"level": level, "msg": message, "args": {"url": ItemAdapter(item)["url"]}}

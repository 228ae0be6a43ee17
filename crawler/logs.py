"""How things are logged: one short line, never a page or an item in full; on request as JSON."""

import logging
from typing import Any

from itemadapter import ItemAdapter
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter
from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawler.errors import ConfigurationError, StoreError

CONTEXT: dict[str, Any] = {}
"""Fields of every JSON line of this process: ``outlet`` and ``run``, in a crawl."""
_NAMES = {"levelname": "level", "name": "logger", "exc_info": "exception"}
_OBJECTS = ("spider", "crawler")
"""What Scrapy attaches to records, and is no text."""


def wants_json(log: str) -> bool:
    """Whether logs are to be JSON, by ``DATELINE_LOG``.

    Raises:
        ConfigurationError: it is neither that nor text.
    """
    if log not in ("", "text", "json"):
        raise ConfigurationError(f"DATELINE_LOG={log} is no form of logs: write json, or unset it.")
    return log == "json"


def log_as_json(handler: logging.Handler, level: str = "INFO") -> None:
    """Log through `handler` alone: on each line an object with ``time`` (UTC), ``level``,
    ``logger``, ``message``, where there is one ``exception``, and `CONTEXT`.
    """
    formatter = JsonFormatter(
        ["levelname", "name", "message"],
        rename_fields=_NAMES,
        timestamp="time",
        reserved_attrs=[*RESERVED_ATTRS, *_OBJECTS],
        json_ensure_ascii=False,
    )
    formatter.static_fields = CONTEXT  # given above, it would be copied
    handler.setFormatter(formatter)
    handler.setLevel(level)
    logging.captureWarnings(True)
    logging.root.handlers = [handler]
    logging.root.setLevel(level)


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

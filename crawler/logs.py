"""How things are logged: one short line, never a page or an item in full; on request as JSON."""

import logging
from contextvars import ContextVar
from typing import Any

from itemadapter import ItemAdapter
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter
from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawler.errors import ConfigurationError, StoreError

_CONTEXT: ContextVar[dict[str, Any]] = ContextVar("log_context")
_NAMES = {"levelname": "level", "name": "logger", "exc_info": "exception"}
_OBJECTS = ("spider", "crawler")
"""What Scrapy attaches to records, and is no text."""


def wants_json(log: str) -> bool:
    """Tell whether logs are to be JSON, by ``DATELINE_LOG``.

    Raises:
        ConfigurationError: it has another value.
    """
    if log not in ("", "text", "json"):
        raise ConfigurationError(f"DATELINE_LOG={log} is not known: write json, or unset it.")
    return log == "json"


def begin_log_context(**fields: Any) -> None:
    """Add fields to every JSON line that is logged from here on, in this context and its tasks."""
    _CONTEXT.set(fields)


def add_log_context(**fields: Any) -> None:
    """Add fields to the context that has begun, for all that is in it; elsewhere to nothing."""
    _CONTEXT.get({}).update(fields)


class ContextFormatter(JsonFormatter):
    """A JSON formatter that adds the fields of the context."""

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Add the context's fields to python-json-logger's own."""
        super().add_fields(log_data, record, message_dict)
        log_data.update(_CONTEXT.get({}))


def log_as_json(handler: logging.Handler, level: str = "INFO") -> None:
    """Log through `handler` alone: on each line an object with ``time`` (UTC), ``level``,
    ``logger``, ``message``, where there is one ``exception``, and the fields of the context.
    """
    formatter = ContextFormatter(
        ["levelname", "name", "message"],
        rename_fields=_NAMES,
        timestamp="time",
        reserved_attrs=[*RESERVED_ATTRS, *_OBJECTS],
        json_ensure_ascii=False,
    )
    handler.setFormatter(formatter)
    handler.setLevel(level)
    logging.captureWarnings(True)
    logging.root.handlers = [handler]
    logging.root.setLevel(level)


class ItemLogFormatter(LogFormatter):
    """Scrapy's log formatter, with addresses in place of items."""

    def scraped(
        self, item: Any, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Describe a story that passed the pipelines."""
        return _line(logging.DEBUG, "Stored %(url)s", item)

    def dropped(
        self, item: Any, exception: BaseException, response: Any, spider: Spider
    ) -> LogFormatterResult:
        """Describe a story that a pipeline rejected."""
        return _line(logging.INFO, f"Rejected %(url)s: {exception}", item)

    def item_error(
        self, item: Any, exception: BaseException, response: Any, spider: Spider
    ) -> LogFormatterResult:
        """Describe a story that broke a pipeline; of a lost store the run tells at its end."""
        level = logging.DEBUG if isinstance(exception, StoreError) else logging.ERROR
        return _line(level, "Could not process %(url)s", item)


def _line(level: int, message: str, item: Any) -> LogFormatterResult:
    return {"level": level, "msg": message, "args": {"url": ItemAdapter(item)["url"]}}

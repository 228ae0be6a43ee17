"""The systems that are measured: each makes a prediction of a page, in the scorer's terms."""

import importlib.util
import logging
import resource
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from crawler.extract.page import FetchedPage
from crawler.reparse.corpus import predict
from settings.base import ITEM_PIPELINES

Prediction = dict[str, Any]
"""``text``, ``title``, ``authors`` (a list), ``date`` (ISO 8601); None where there is none."""
PageReader = Callable[[FetchedPage], Prediction]

OURS = "dateline"
PEERS = {"trafilatura": "trafilatura", "newspaper4k": "newspaper"}
"""Each with its module."""

_WARM_UP = (
    "<h1>Eine Schlagzeile</h1><time>2. Dez. 2024, 8 Uhr</time><p>Ein Absatz ist kein Text.</p>",
    '<h1>初雪の知らせ</h1><p class="date"><time>2024年11月22日 18時05分</time></p><p>本文</p>',
)
"""Parts of a page on which the systems load all that they load late."""


@dataclass(frozen=True, slots=True)
class TimedPrediction:
    """A page's prediction, its time and memory."""

    prediction: Prediction
    seconds: float
    """CPU time of the reading, without the import of the system."""
    peak: float
    """The most memory the process has held so far, in MB."""


def installed() -> list[str]:
    """Return the peers that are installed."""
    return [name for name, module in PEERS.items() if importlib.util.find_spec(module)]


def measure(system: str, page: FetchedPage) -> TimedPrediction:
    """Read one page; for a worker process."""
    reader = _reader(system)
    start = time.process_time()
    prediction = reader(page)
    seconds = time.process_time() - start
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return TimedPrediction(prediction, seconds, peak)


@cache
def _reader(system: str) -> PageReader:
    """Load a system and let it read two pages, so that no other pays for imports."""
    reader = {OURS: _dateline, "trafilatura": _trafilatura, "newspaper4k": _newspaper4k}[system]()
    for markup in _WARM_UP:
        body = f"<html><body><article>{markup}</article></body></html>".encode()
        reader(
            FetchedPage(
                url="https://page.invalid/", body=body, encoding=None, fetched=datetime.now(UTC)
            )
        )
    return reader


def _dateline() -> PageReader:
    return lambda page: predict(page, ITEM_PIPELINES)


def _trafilatura() -> PageReader:
    from trafilatura import bare_extraction  # noqa: PLC0415 - only in its own worker

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

    def read(page: FetchedPage) -> Prediction:
        # Comments are no part of any gold, so that it need not look for them.
        found = bare_extraction(
            _decoded(page), url=page.url, include_comments=False, with_metadata=True
        )
        if found is None:
            return {}
        authors = (getattr(found, "author", None) or "").split("; ")
        return {
            "text": getattr(found, "text", None),
            "title": getattr(found, "title", None),
            "authors": [name for name in authors if name],
            "date": getattr(found, "date", None),
        }

    return read


def _newspaper4k() -> PageReader:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that are not used
        from newspaper import Article  # noqa: PLC0415
    warnings.filterwarnings("ignore", module="dateutil")  # of zones it does not know

    def read(page: FetchedPage) -> Prediction:
        article = Article(page.url, fetch_images=False)
        article.download(input_html=_decoded(page))  # nothing is fetched
        article.parse()
        date = article.publish_date
        return {
            "text": article.text,
            "title": article.title,
            "authors": article.authors,
            "date": date.isoformat() if date and hasattr(date, "isoformat") else date,
        }

    return read


def _decoded(page: FetchedPage) -> str:
    """Make the prediction of a peer; peers get the encoding, too."""
    return page.body.decode(page.encoding or "utf-8", errors="replace")

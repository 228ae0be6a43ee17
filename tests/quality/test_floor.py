"""The generic reader is never worse than it was, on pages of our own.

After an improvement: raise `FLOOR`. After a change of the pages: measure anew, then pin them.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import cache
from statistics import mean
from typing import Any

import pytest

from benchmarks.quality.sentences import compare
from crawler.extract.page import FetchedPage
from crawler.reparse.corpus import predict
from settings.base import ITEM_PIPELINES
from tests.quality.pages import FETCHED, Sample, samples

PAGES = "a99426aaa385e8874928df7816c5898e060ff2eaa28b466a03bcbf9f55588974"
"""SHA-256 of all pages and their gold."""

FLOOR = {
    "body": 0.987,  # F1 of words, mean over the pages
    "worst body": 0.87,  # of a single page
    "title": 0.9,  # the rest: shares of the pages
    "authors": 1,
    "date": 1,  # to the second and offset where the page states them
    "sentences kept": 1,
    "sentences clean": 0.975,  # of those that are read, how many are the story's
}
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")

Read = list[tuple[Sample, dict[str, Any]]]


@cache
def read() -> Read:
    """Every page, and what the reader makes of it."""
    return [
        (
            sample,
            predict(
                FetchedPage(
                    url=sample.url,
                    body=sample.markup.encode(),
                    encoding=sample.encoding,
                    fetched=FETCHED,
                ),
                ITEM_PIPELINES,
            ),
        )
        for sample in samples()
    ]


def body(sample: Sample, told: dict[str, Any]) -> float:
    """F1 of the words, as multisets; of scripts without spaces, of the characters."""
    gold, found = Counter(_WORD.findall(sample.text)), Counter(_WORD.findall(told["text"]))
    return 2 * (gold & found).total() / (gold.total() + found.total())


def same_date(sample: Sample, told: dict[str, Any]) -> bool:
    """Whether the date is the gold's: the same instant, or on a page that prints a day, the day."""
    if not told["date"] or not sample.date:
        return not told["date"] and not sample.date
    gold, found = datetime.fromisoformat(sample.date), datetime.fromisoformat(told["date"])
    return gold == found if "T" in sample.date else gold.date() == found.date()


def measures() -> dict[str, float]:
    compared = [compare(sample.text, told["text"]) for sample, told in read()]
    bodies = [body(sample, told) for sample, told in read()]
    signed = [(sample, told) for sample, told in read() if sample.authors]
    return {
        "body": mean(bodies),
        "worst body": min(bodies),
        "title": mean(told["title"] == sample.title for sample, told in read()),
        "authors": mean(told["authors"] == sample.authors for sample, told in signed),
        "date": mean(same_date(sample, told) for sample, told in read()),
        "sentences kept": 1 - sum(len(c.lost) for c in compared) / sum(c.gold for c in compared),
        "sentences clean": 1 - sum(len(c.leaked) for c in compared) / sum(c.text for c in compared),
    }


@pytest.mark.parametrize("name", FLOOR)
def test_quality_never_falls(name: str) -> None:
    reached = measures()[name]
    assert reached >= FLOOR[name], f"{name} fell to {reached:.4f}"


def test_the_pages_are_those_that_were_measured() -> None:
    assert len(samples()) >= 25
    digest = hashlib.sha256("\0".join(map(repr, samples())).encode()).hexdigest()
    assert digest == PAGES


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (lambda told: told | {"text": told["text"] + "\n\nRead our latest offers, today."}, "body"),
        (lambda told: told | {"text": told["text"].rpartition("\n\n")[0]}, "body"),
        (lambda told: told | {"title": f"{told['title']} - News"}, "title"),
        (lambda told: told | {"authors": []}, "authors"),
        (lambda told: told | {"date": None}, "date"),
    ],
)
def test_the_measures_notice(
    monkeypatch: pytest.MonkeyPatch, harm: Callable[[dict[str, Any]], dict[str, Any]], name: str
) -> None:
    before = measures()[name]
    harmed = [(sample, harm(told)) for sample, told in read()]
    monkeypatch.setattr(f"{__name__}.read", lambda: harmed)
    assert measures()[name] < before

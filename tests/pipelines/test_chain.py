"""All pipelines that need no run, in order: applied to its own output the chain changes nothing."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.exceptions import DropItem
from scrapy.utils.misc import load_object

from crawler.article import Article, Image
from crawler.outlet import Selectors
from crawler.run.pipeline import NEED_A_RUN
from crawler.text.dates.timestamp import Timestamp
from settings.base import ITEM_PIPELINES
from spiders.asianlite import AsianLite
from spiders.national_times import NationalTimes
from tests.pipelines.helpers import FETCHED, article, pipeline, stamp

PATHS = [path for path in ITEM_PIPELINES if path not in NEED_A_RUN]
assert sorted(PATHS, key=ITEM_PIPELINES.__getitem__) == PATHS
PARAGRAPHS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "", " ", "ALSO READ: Ports", "also read:Ports", "Advertisements", "1 min read",
            "Latest from -Top News", "Go toTop", "Latest News", "\u00a0Multi Media",
            "Pakistan(National Times)- SEOUL: Ports are open.", "Pakistan(National Times)-",
            "Pakistan(National Times)- Pakistan(National Times)- SEOUL: Ports are open.",
            "Ports are open, reports Asian Lite News", "Ports reopen", "November 30, 2024",
            "Share on Facebook", "A\u0301\u200b e\u0301 \u202eX", "lone \ud800 surrogate", "ﬁ ſ ½",
        ]
    ),
)  # fmt: skip
TEXT = st.text(max_size=30) | st.none()
DATES = st.none() | st.builds(
    stamp,
    st.datetimes(datetime(1980, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    flags=st.sampled_from([(), ("future",), ("ambiguous",)]),
)
ARTICLES = st.fixed_dictionaries(
    {
        "title": st.text(max_size=30) | st.just("Ports reopen"),
        "body": st.lists(PARAGRAPHS, max_size=6).map("\n\n".join),
        "standfirst": TEXT,
        "section": TEXT,
        "authors": st.lists(st.text(max_size=10), max_size=3),
        "tags": st.lists(st.text(max_size=10), max_size=3),
        "aliases": st.lists(st.sampled_from(["https://news.example/a", ""]), max_size=3),
        "images": st.lists(st.builds(Image, st.just("https://news.example/a.png"), TEXT)),
        "published": DATES,
        "modified": DATES,
        "language": st.sampled_from([None, "en", "ko", "th"]),
    }
)
OUTLETS = [Selectors(), AsianLite.page, NationalTimes.page]


@cache
def pipelines(page: Selectors) -> list[Any]:
    return [pipeline(load_object(path), page) for path in PATHS]


def chain(story: Article, page: Selectors) -> Article:
    for made in pipelines(page):
        story = made.process_item(story)
    return story


def test_the_chain_is_the_whole_one() -> None:
    assert PATHS[0] == "pipelines.check_title_and_body.CheckTitleAndBody"
    assert set(ITEM_PIPELINES) - set(PATHS) == NEED_A_RUN
    assert len(PATHS) >= 5


@pytest.mark.parametrize("page", OUTLETS, ids=["none", "asianlite", "national_times"])
@settings(max_examples=100, deadline=None)
@given(values=ARTICLES)
def test_twice_is_once(page: Selectors, values: dict[str, Any]) -> None:
    try:
        once = chain(article(**values), page)
    except DropItem:
        return
    assert once.title
    assert once.body
    assert chain(deepcopy(once), page) == once


def test_every_text_that_leaves_the_chain_can_be_stored() -> None:
    done = chain(
        article(title="a\ud800b", body="c\udfffd\n\n" + "x" * 3_000_000, tags=["\ud800"]),
        Selectors(),
    )
    assert "\n".join([done.title, done.body, *done.tags]).encode()
    assert "truncated" in done.flags
    assert chain(deepcopy(done), Selectors()) == done


def test_dates_are_checked_before_they_leave() -> None:
    done = chain(article(published=stamp(FETCHED + timedelta(days=30))), Selectors())
    assert done.published is None
    assert isinstance(chain(article(), Selectors()).published, Timestamp)

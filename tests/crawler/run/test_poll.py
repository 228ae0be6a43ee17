"""Which pages a poll reads of a source that shows them one after the other."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from crawler.fetch.http_cache import ResponseMetadata
from crawler.lead import Lead
from crawler.run.poll import Poll
from crawler.run.record import RunOptions, RunRecord
from crawler.run.run import Run
from crawler.run.source_states import SourceStates
from crawler.sources import Sitemap, Source, SourceListing, WordPress

POSTS = WordPress(pages=9)


async def save(_: object) -> None:
    pass


def begun(source: Source = POSTS, **state: object) -> Poll:
    run = SimpleNamespace(
        record=RunRecord(RunOptions(outlet="gazette")),
        sources=SourceStates({source.key: {"stories": "", **state}}, save),
    )
    poll = Poll(source, cast("Run", run), "")
    poll.begin("https://gazette.example/")
    return poll


def read(*pages: SourceListing) -> int:
    """How many pages a first poll reads of those there are; the last goes on for ever."""
    poll = begun()

    async def all_of() -> int:
        count = 0
        while place := poll.next():
            shown = pages[min(count, len(pages) - 1)]
            await poll.page_done(place, shown, ResponseMetadata(), complete=True)
            count += 1
        return count

    return asyncio.run(all_of())


def page(number: int, count: int = 10, *, first: int = 0, guess: bool = True) -> SourceListing:
    """Posts from one number on, ten a page unless it says otherwise."""
    begin = first or number * 10
    leads = (
        Lead(url=f"https://gazette.example/{n}", origin="rest") for n in range(begin, begin + count)
    )
    older = f"https://gazette.example/posts?page={number + 1}"
    return SourceListing(leads=tuple(leads), older=older, may_be_last=guess)


@pytest.mark.parametrize(
    ("pages", "count"),
    [
        ([page(1), page(2), page(3, 9)], 3),
        ([page(1, guess=False), page(2, 9, guess=False), page(3, 9)], 3),
        ([page(1, 9), page(2), page(3), page(4, 9)], 4),
        ([page(1), page(2), SourceListing()], 3),
        # whatever is asked for, the first page comes; a post may have come out in between
        ([page(1), page(2, first=10)], 2),
        ([page(1), page(2, first=9), page(3, first=9)], 3),
        # the same posts in part, because a post came out: they go on
        ([page(1), page(2, first=19), page(3, first=29), page(4, 1, first=39)], 4),
        ([page(n) for n in range(1, 20)], 9),
    ],
)
def test_a_poll_ends_with_a_page_that_is_short_or_shows_nothing_new(
    pages: list[SourceListing], count: int
) -> None:
    assert read(*pages) == count


@pytest.mark.parametrize(
    ("reasons", "asked", "outcome"),
    [
        (["http_400"], 2, "unread"),  # for fewer posts a page
        (["http_400", "http_400"], 2, "failed"),
        (["http_403"], 1, "failed"),
    ],
)
def test_a_site_that_refuses_many_posts_a_page_is_asked_for_as_many_as_it_gives(
    reasons: list[str], asked: int, outcome: str
) -> None:
    poll = begun()

    async def refused() -> list[str]:
        urls = []
        while place := poll.next():
            urls.append(place.url)
            if len(urls) <= len(reasons):
                await poll.failed(place, reasons[len(urls) - 1])
        return urls

    urls = asyncio.run(refused())
    assert ["per_page=100" in url for url in urls] == [True, False][:asked]
    assert poll.part["outcome"] == outcome


def index(children: str = "", unchanged: str = "", undated: int = 0) -> SourceListing:
    return SourceListing(children=tuple(children), unchanged=tuple(unchanged), undated=undated)


READ = {"walked_at": datetime.now(UTC), "productive": ["p"]}
SWEPT = READ | {"swept_at": datetime.now(UTC)}


@pytest.mark.parametrize(
    ("listing", "state", "read"),
    [
        (index("abcd"), {}, "a"),
        (index("abcd", undated=3), {}, "a"),
        # of those without a date, either end may be the newest
        (index("1234", undated=4), {}, "41"),
        (index("9abc", undated=4), {}, "9abc"),
        (index("a123", undated=3), SWEPT, "a31"),
        # nor may a date tell, which is asked from time to time
        (index("a", "bpcd"), SWEPT, "a"),
        (index("a", "bcdp"), READ, "abcp"),
    ],
)
def test_the_sitemaps_of_an_index_that_may_be_the_newest_are_read(
    listing: SourceListing, state: dict[str, object], read: str
) -> None:
    poll, urls = begun(Sitemap(), **state), list[str]()

    async def all_of() -> None:
        first = poll.next()
        assert first
        await poll.page_done(first, listing, ResponseMetadata(), complete=True)
        poll.deepen(gap=False, covered=False)
        while place := poll.next():
            urls.append(place.url)

    asyncio.run(all_of())
    assert "".join(urls) == read

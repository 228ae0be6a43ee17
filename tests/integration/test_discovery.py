"""Nothing that any channel shows is missed, and little is asked for: proved on newsworld's press.

`make soak` proves the same with ten thousand stories.
"""

import asyncio
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.monitor.completeness import recall as recalled
from crawler.monitor.completeness import stories_by_sources
from crawler.store.database import Database
from newsworld.client import Client, running
from newsworld.press.edition import PACE
from newsworld.press.papers import Paper
from tests.declared.press import BEHIND, GAPS, OUTLETS, PAPERS
from tests.desk import Desk

LONG_AGO = timedelta(days=80)
FEW = [f"paper_{number:02}" for number in (1, 2, 4, 5, 6, 8, 20)]
"""Papers that have, between them, every form of feed, of sitemap, of listing and of address."""
Truth = dict[str, list[dict[str, Any]]]


def collect(desk: Desk, world: Client, names: list[str], *words: str) -> None:
    """Collect papers, of which some end as degraded: their REST API is closed."""
    env = {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings", "DATELINE_GATEWAY": world.url}
    for name in names:
        result = desk.crawl(name, *words, **env)
        run = desk.run(name)
        failed = {source["key"] for source in run["sources"] if source["outcome"] == "failed"}
        closed = PAPERS[name].rest not in (None, "open")
        assert len(failed) == closed, run["reason"]
        assert run["outcome"] == ("degraded" if closed else "healthy"), run["reason"]
        assert result.code == (6 if closed else 0), result.err


def exposed(world: Client, names: list[str]) -> Truth:
    """The stories of each of these papers that any channel shows now."""
    told: Truth = defaultdict(list)
    for row in world.truth():
        if row["outlet"] in names and row["channels"]:
            told[row["outlet"]].append(row)
    return told


def addresses(desk: Desk) -> Counter[str]:
    """All addresses of all articles, and how many articles each belongs to."""
    return Counter(
        address
        for article in desk.articles().values()
        for address in {article["url"], *article["aliases"]}
    )


def recall(desk: Desk, mongodb: str, name: str) -> dict[str, float]:
    """The ledger's recall of each source of a paper, over all days."""

    async def read() -> list[dict[str, Any]]:
        database = Database(uri=mongodb, name=desk.database.name, data=Path())
        try:
            since = datetime.now(UTC) - LONG_AGO
            return recalled(await stories_by_sources(database, name, since, OUTLETS[name].timezone))
        finally:
            await database.close()

    days = asyncio.run(read())
    union = sum(day["union"] for day in days)
    shown: Counter[str] = Counter()
    for day in days:
        shown.update({key: told["shown"] for key, told in day["sources"].items()})
    return {source.key: shown[source.key] / union for source in OUTLETS[name].sources}


def true_recall(name: str, rows: list[dict[str, Any]]) -> dict[str, float]:
    """What share of the stories that any channel shows each one does."""
    return {
        source.key: sum(source.path in row["channels"] for row in rows) / len(rows)
        for source in OUTLETS[name].sources
    }


@pytest.mark.timeout(1_200)  # the long form takes longer than other tests may
def test_all_that_any_channel_shows_is_stored_once_and_little_is_asked_for(
    press: Client, desk: Desk, mongodb: str, request: pytest.FixtureRequest
) -> None:
    """Each channel leaves out up to three tenths, or shows stories under other addresses.

    Where nothing is new, it takes one request a source, and else one more for each new story.
    """
    names = list(OUTLETS if request.config.getoption("soak") else FEW)
    collect(desk, press, names, "-a", f"since={press.clock() - LONG_AGO:%Y-%m-%d}")
    assert_complete(press, desk, mongodb, names)
    collect(desk, press, names)  # without bounds, as after it
    # Pages that answer 404 would be asked for again after a minute, which says nothing of sources.
    desk.database.leads.update_many({"state": "failed"}, {"$set": {"due": None}})
    press.clear_log()
    collect(desk, press, names)
    for name in names:
        assert_nothing_is_new(press, name)
    press.clear_log()
    before = press.clock()
    press.set_clock(before + 10 * PACE)
    collect(desk, press, names)
    stored = addresses(desk)
    for name, rows in exposed(press, names).items():
        # The rules of another host of the paper's, or scheme, may be read for the first time.
        rules = {"/robots.txt"} - {*PAPERS[name].channels.values()}
        asked = [told["path"] for told in requests(press, name) if told["path"] not in rules]
        assert len(asked) <= 10 + len(OUTLETS[name].sources), asked
        shown = shown_at_once(name, rows, before)
        assert len(shown) >= 5
        assert [url for url in shown if url not in stored] == []


def assert_complete(press: Client, desk: Desk, mongodb: str, names: list[str]) -> None:
    """What is stored is what the channels show, and each source is told its share of it."""
    truth = exposed(press, names)
    wanted = [row["url"] for rows in truth.values() for row in rows if not row["gone"]]
    stored = addresses(desk)
    missed = [url for url in wanted if url not in stored]
    assert len(missed) <= 0.001 * len(wanted), missed
    assert [url for url, count in stored.items() if count > 1] == []
    assert desk.articles().keys() <= set(wanted)
    for name, rows in truth.items():
        assert recall(desk, mongodb, name) == pytest.approx(true_recall(name, rows), abs=0.01)


def assert_nothing_is_new(press: Client, name: str) -> None:
    """Each source was asked once, and said so where it can."""
    paper = PAPERS[name]
    told = {entry["path"].partition("?")[0]: entry["status"] for entry in requests(press, name)}
    assert told.keys() == set(paper.channels.values())
    assert len(requests(press, name)) == len(OUTLETS[name].sources)
    assert {told[path] for path in unchanging(paper)} <= {304}


def requests(world: Client, name: str) -> list[dict[str, Any]]:
    """What a paper was asked for, on whichever of its hosts."""
    host = PAPERS[name].host
    return [request for request in world.log() if request["host"].endswith(host)]


def unchanging(paper: Paper) -> set[str]:
    """Channels that can say at one request that nothing has changed."""
    found = dict(paper.channels)
    if paper.sitemap in ("declared", "numbered"):
        del found["sitemap"]  # robots.txt or an index without dates says nothing of them
    if paper.rest != "open":
        found.pop("rest", None)
    kept = {"sitemap", "rest"} if paper.validators == "none" else set(found)
    return {path for kind, path in found.items() if kind in kept}


def shown_at_once(name: str, rows: list[dict[str, Any]], since: datetime) -> list[str]:
    """The stories since some moment that more than a sitemap shows.

    One that no other channel shows may wait: it is not read where others tell of all they showed.
    """
    fast = {path for kind, path in PAPERS[name].channels.items() if kind != "sitemap"}
    return [
        row["url"]
        for row in rows
        if row["published"] > since.isoformat() and fast & {*row["channels"]}
    ]


@pytest.mark.parametrize("kind", BEHIND)
def test_a_gap_is_filled_from_what_lies_behind_the_feed(kind: str, desk: Desk) -> None:
    """Three hours down, and the feed shows the newest 20 of all that came out meanwhile."""
    outlet = GAPS[kind]
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3, minutes=10)
    with running(press=1, press_stories=24, days=7, per_day=1, now=start) as world:
        env = {"DATELINE_GATEWAY": world.url, "SCRAPY_SETTINGS_MODULE": "tests.declared_settings"}
        assert desk.crawl(outlet.name, **env).code == 0
        world.set_clock(start + timedelta(hours=3))
        assert desk.crawl(outlet.name, **env).code == 0
        paths = {source.path for source in outlet.sources}
        rows = exposed(world, ["paper_01"])["paper_01"]
    new = {
        row["url"]
        for row in rows
        if row["published"] > start.isoformat() and paths & {*row["channels"]}
    }
    assert len(new) > 25
    assert new <= desk.articles().keys()
    told = {source["key"]: source for source in desk.run(outlet.name)["sources"]}
    feed, deeper = (told[source.key] for source in outlet.sources)
    assert feed["gap_since"] is not None
    assert deeper["gap_since"] is None

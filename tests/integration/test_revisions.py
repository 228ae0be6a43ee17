"""Edits of stories are found, told from noise, and shown."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.schedule.revisits import DEFAULT_REVISIT_AGES, read_age
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.schema import ArticleVersion
from newsworld.client import Client, running
from tests.crawler.store_fixture import AT, article
from tests.desk import Desk

OUTLET = "paper_01"
HOST = "paper-01.example"
LABELS = {"rewrite": "substantial"}
"""What Dateline calls newsworld's kinds of edits, where it is another name."""
REAL = ("headline", "correction", "rewrite")
URL = "https://news.example/1"
SOURCES = "^/(feed|news-sitemap|sitemap|wp-json|latest)"
FROZEN: dict[str, Any] = {"path": SOURCES, "etag": '"frozen"', "last_modified": ""}
"""Sources that never change: else two thousand stories more come out in a week, as in a soak."""
SLOW: dict[str, Any] = {"path": r"^/\d{4}/", "delay": 0.03}
"""Stories that come so late that a visit does not end before it is killed."""
DECLARED = ("-s", "SPIDER_MODULES=tests.declared", "-s", "REVISITS=True")


def test_history(desk: Desk, mongodb: str) -> None:
    """Two edits, a reparse and a withdrawal, as a reader and as a program sees them."""
    edits = (
        article(),
        article(title="Title one", page="1" * 64, fetched=AT + timedelta(hours=1)),
        article(
            title="Title one",
            body="Paragraph one of two.\n\nParagraph two.",
            page="2" * 64,
            fetched=AT + timedelta(hours=2),
        ),
        # The same page, read by other rules.
        article(
            title="Title one",
            body="Paragraph one of three.\n\nParagraph two.",
            page="2" * 64,
            fetched=AT + timedelta(hours=2, minutes=30),
        ),
    )

    async def work() -> None:
        database = Database(uri=mongodb, name=desk.database.name, data=Path("unused"))
        await database.prepare()
        articles = Articles(database)
        for edit in edits:
            await articles.save(UNFENCED, [ArticleVersion.of(edit)])
        await articles.withdraw(UNFENCED, [(URL, AT + timedelta(hours=3))])
        await database.close()

    asyncio.run(work())
    told = desk.dateline("history", "https://news.example/?p=1")
    assert told.code == 0, told.err
    assert [line.strip() for line in told.out.splitlines()] == [
        URL,
        "",
        "1  Title 1  (seen 2024-11-30 08:15 to 2024-11-30 08:15 UTC)",
        "2024-11-30 09:15 UTC: headline",
        "title",
        "Title [-1-]{+one+}",
        "",
        "2  Title one  (seen 2024-11-30 09:15 to 2024-11-30 09:15 UTC)",
        "2024-11-30 10:15 UTC: substantial",
        "body",
        "Paragraph one of [-1-]{+two+}.",
        "",
        "3  Title one  (seen 2024-11-30 10:15 to 2024-11-30 10:15 UTC)",
        "2024-11-30 10:45 UTC: reparse, read again and not edited",
        "body",
        "Paragraph one of [-two-]{+three+}.",
        "",
        "3  Title one  (seen 2024-11-30 10:15 to 2024-11-30 10:45 UTC)",
        "2024-11-30 11:15 UTC: withdrawn",
        "",
        "4  withdrawn  (seen 2024-11-30 11:15 to 2024-11-30 11:15 UTC)",
    ]
    shown = desk.dateline("history", URL, "--json").json()
    assert [version.get("label") for version in shown] == [
        "headline", "substantial", "reparse", "withdrawn", None
    ]  # fmt: skip
    assert shown[0]["body"] == article().body
    unknown = desk.dateline("history", "https://news.example/9")
    assert (unknown.code, unknown.out) == (1, "")
    assert "No article is stored" in unknown.err


def crawl(desk: Desk, world: Client) -> None:
    result = desk.crawl(OUTLET, *DECLARED, DATELINE_GATEWAY=world.url)
    assert result.code == 0, result.err


def asked(world: Client, urls: list[str]) -> Counter[int]:
    """How many stories were asked for how often."""
    paths = {urlsplit(url).path for url in urls}
    times = Counter(entry["path"] for entry in world.log() if entry["host"] == HOST)
    return Counter(times[path] for path in paths)


def plan(urls: list[str], start: datetime) -> list[dict[str, Any]]:
    """Two edits for each story, most of them soon after it is out, and the second one later by far.

    Every fourth story is only surrounded by noise; every tenth is withdrawn, and half of these are
    restored.
    """
    rng, edits = Random(5), []
    for number, url in enumerate(urls):
        first = math.exp(rng.uniform(math.log(0.05), math.log(40)))
        hours = [first, min(first * rng.uniform(3, 12), 160)]
        kinds = [rng.choice(REAL), rng.choice(("noise", *REAL))]
        if number % 4 == 0:
            kinds = ["noise", "noise"]
        elif number % 10 == 1:
            kinds = ["withdrawn", "restored" if number % 20 == 1 else "noise"]
        for age, kind in zip(hours, kinds, strict=True):
            at = start + timedelta(hours=age)
            edits.append({"url": url, "at": at.isoformat(), "kind": kind})
    return edits


def between_visits(edits: list[dict[str, Any]], start: datetime) -> set[str]:
    """Stories that were edited twice between two visits: nobody can tell these edits apart."""
    ages = list(map(read_age, DEFAULT_REVISIT_AGES))
    times = Counter(
        (edit["url"], sum(datetime.fromisoformat(edit["at"]) - start > age for age in ages))
        for edit in edits
    )
    return {url for (url, _), count in times.items() if count > 1}


def revisit(
    desk: Desk,
    world: Client,
    stories: int,
    visit: Callable[[], None],
    faults: Sequence[dict[str, Any]],
) -> Counter[int]:
    """A week of edits, and all visits that are due in it; the stories age by our hand.

    Nothing is found that was not done, nothing twice, and the articles are as they were left.

    Args:
        stories: how many there are.
        faults: what is wrong with the outlet meanwhile.

    Returns:
        How many stories were asked for how often.
    """
    start = world.clock()
    world.faults(faults)
    crawl(desk, world)
    stored = sorted(desk.articles(OUTLET))
    assert len(stored) > 0.75 * stories
    world.edits(plan(stored, start))
    world.clear_log()
    waiting = {"article": {"$in": stored}, "due": {"$ne": None}}
    for age in map(read_age, DEFAULT_REVISIT_AGES):
        world.set_clock(start + age)
        now = datetime.now(UTC)
        aged = {"first_seen": now - age, "due": now}
        assert desk.database.leads.update_many(waiting, {"$set": aged}).modified_count >= len(
            stored
        )
        visit()
    assert desk.database.leads.count_documents(waiting) == 0
    edits = [edit for edit in world.edited() if edit["kind"] != "noise"]
    expected = Counter((edit["url"], LABELS.get(edit["kind"], edit["kind"])) for edit in edits)
    got = Counter((kept["article"], kept["label"]) for kept in desk.database.revisions.find())
    assert got - expected == Counter()
    missed = expected - got
    assert {url for url, _ in missed} <= between_visits(edits, start)
    assert 1 - missed.total() / expected.total() >= 0.95
    articles = desk.articles(OUTLET)
    for url, edit in {edit["url"]: edit for edit in edits}.items():
        assert (articles[url]["title"], articles[url]["body"]) == (edit["title"], edit["body"])
        assert ("withdrawn" in articles[url]) == (edit["kind"] == "withdrawn")
    return asked(world, stored)


def test_edits_are_found_and_noise_is_not(desk: Desk, request: pytest.FixtureRequest) -> None:
    """By six requests for each story."""
    start = datetime.now(UTC).replace(microsecond=0)
    soak = request.config.getoption("soak")
    stories, faults = (120, []) if soak else (24, [FROZEN])
    with running(press=1, press_stories=stories, days=1, now=start) as world:
        times = revisit(desk, world, stories, lambda: crawl(desk, world), faults)
    assert times.keys() == {6}
    assert times[6] > 0.83 * stories
    assert desk.runs()[1]["account"]["unchanged"]["not_modified"] > 0.41 * stories


@pytest.mark.timeout(600)
def test_a_kill_among_edits_loses_and_doubles_none(
    kill_seed: int, desk: Desk, request: pytest.FixtureRequest
) -> None:
    rng = Random(kill_seed)
    start = datetime.now(UTC).replace(microsecond=0)
    soak = request.config.getoption("soak")
    stories, enough_kills, faults = (40, 6, []) if soak else (20, 2, [FROZEN, SLOW])

    def killed_and_done() -> None:
        if sum(kills) < enough_kills:
            kill()
        crawl(desk, world)

    def kill() -> None:
        asked_before = len(world.log())
        visit = desk.start("scrapy", "crawl", OUTLET, *DECLARED, DATELINE_GATEWAY=world.url)
        enough = asked_before + rng.randint(1, 2 * stories if soak else stories // 2)
        latest = time.monotonic() + 15
        while visit.poll() is None and len(world.log()) < enough and time.monotonic() < latest:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.7 if soak else 0.3))
        kills.append(visit.poll() is None)
        visit.kill()
        visit.communicate()

    kills: list[bool] = []
    with running(seed=kill_seed + 1, press=1, press_stories=stories, days=1, now=start) as world:
        times = revisit(desk, world, stories, killed_and_done, faults)
    assert min(times) == 6
    assert sum((often - 6) * count for often, count in times.items()) <= 16 * sum(kills)
    assert sum(kills) >= 2

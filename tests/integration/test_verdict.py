"""What runs say of outlets that break, and what becomes of the stories they met meanwhile."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsworld.client import Client, running
from tests.declared.press import PAPERS
from tests.desk import Desk, Document

HOST = PAPERS["paper_01"].host
DECLARED = {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings"}
HOUR = timedelta(hours=1)
IN_ORDER = ("-s", "CONCURRENT_REQUESTS=1", "-s", "PARSE_WORKERS=1")
"""Stories come in the order of the feed, whatever the load: on that depends how many are stored
before it is clear that they repeat their titles."""


@contextmanager
def papers(stories: int) -> Iterator[Client]:
    """Newsworld with two papers and so many stories of each, an hour behind the wall's clock."""
    now = datetime.now(UTC).replace(microsecond=0) - HOUR
    with running(press=2, press_stories=stories, days=14, per_day=1, now=now) as world:
        yield world


@pytest.fixture(scope="module")
def _papers() -> Iterator[Client]:
    with papers(12) as world:
        yield world


@pytest.fixture
def paper(_papers: Client) -> Iterator[Client]:
    """Papers that many tests share: their clock stands still."""
    yield _papers
    _papers.breakages([])


@pytest.fixture
def later_paper(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Papers of one test, whose clock may be moved."""
    with papers(getattr(request, "param", 12)) as world:
        yield world


def crawl(
    desk: Desk, paper: Client, outlet: str = "ruled", *words: str, **rules: Any
) -> tuple[int, Document]:
    """One run: its exit code and its document."""
    changed = json.dumps(rules)
    told = {**DECLARED, "DATELINE_GATEWAY": paper.url, "CHANGED_RULES": changed}
    code = desk.crawl(outlet, *words, **told).code
    return code, desk.run(outlet)


def later(paper: Client, by: timedelta = HOUR) -> None:
    paper.set_clock(paper.clock() + by)


def truth(paper: Client) -> dict[str, dict[str, Any]]:
    return {story["url"]: story for story in paper.truth() if story["outlet"] == "paper_01"}


@pytest.mark.parametrize(
    ("kind", "cause", "outcome", "code"),
    [
        ("captcha", "captcha_page", "failed", 1),
        ("consent_wall", "consent_page", "failed", 1),
        ("soft_404", "soft_404", "failed", 1),
        ("block_page", "blocked", "failed", 1),
        ("blocked", "blocked", "failed", 5),
        ("site_down", "site_down", "failed", 5),
        ("feed_gone", "feed_gone", "degraded", 6),
        ("encoding", "encoding", "degraded", 6),
        ("harmless_redesign", None, "healthy", 0),
        ("slow_news", None, "healthy", 0),
        ("holiday", None, "healthy", 0),
    ],
)
def test_the_cause_is_named_in_the_first_run(
    desk: Desk, paper: Client, kind: str, cause: str | None, outcome: str, code: int
) -> None:
    paper.breakages([{"host": HOST, "kind": kind, "seed": 1}])
    exit_code, run = crawl(desk, paper)
    assert (run["outcome"], run["cause"], exit_code) == (outcome, cause, code), run["reason"]
    assert run["reason"].endswith(".")
    if outcome == "failed":
        assert desk.articles() == {}


@pytest.mark.timeout(300)  # six commands, three of them crawls of eighty stories
@pytest.mark.parametrize("later_paper", [80], indirect=True)
def test_a_template_swap_loses_nothing(desk: Desk, later_paper: Client) -> None:
    """Byline and headline change places; the rules follow; all stories are as they were told."""
    assert crawl(desk, later_paper)[0] == 0
    known = desk.articles()
    later_paper.breakages([{"host": HOST, "kind": "swapped_fields", "seed": 3}])
    later(later_paper)
    swapped = datetime.now(UTC)
    code, run = crawl(desk, later_paper, "ruled", *IN_ORDER)
    assert (code, run["outcome"], run["cause"]) == (6, "degraded", "fields_swapped"), run["reason"]
    assert "stories" in run["reason"]
    assert run["health"]["evidence"]
    held = run["account"]["rejected"]["broken_template"]
    assert held > 3
    # A few were stored before it was clear; they are marked, and the others wait.
    new = {url: desk.articles()[url] for url in desk.articles().keys() - known.keys()}
    assert 0 < len(new) < 8
    waiting = desk.dateline("quarantine", "ruled", "--json", **DECLARED).json()
    assert len(waiting) == held
    assert {kept["reason"] for kept in waiting} == {"broken_template"}

    rules = json.dumps({"title": ".byline a", "authors": "article h1"})
    repaired = {**DECLARED, "CHANGED_RULES": rules}
    # To the microsecond: what was read before, with the old rules, is not read with the new ones.
    since = swapped.isoformat()
    told = desk.dateline("reparse", "ruled", "--since", since, "--json", **repaired)
    assert told.code == 0, told.err
    (told_of,) = told.json()
    assert (told_of["recovered"], told_of["left"]) == (held, {})
    stored = desk.articles()
    expected = truth(later_paper)
    assert stored.keys() - known.keys() == new.keys() | {kept["_id"] for kept in waiting}
    for url, article in stored.items():
        assert article["title"] == expected[url]["title"]
        assert article["body"] == expected[url]["body"]
    assert desk.dateline("quarantine", "ruled", "--json", **DECLARED).json() == []
    assert {lead["state"] for lead in desk.leads()} <= {"stored"}
    # With the new rules the next run finds nothing wrong.
    later(later_paper, timedelta(minutes=30))
    code, run = crawl(desk, later_paper, title=".byline a", authors="article h1")
    assert (code, run["outcome"]) == (0, "healthy"), run["reason"]


def test_pages_that_make_no_article_wait_for_better_rules(desk: Desk, paper: Client) -> None:
    code, run = crawl(desk, paper, drop_text=["."])
    assert (code, run["cause"]) == (1, "selector_dead"), run["reason"]
    held = run["account"]["rejected"]["only_boilerplate"]
    assert desk.articles() == {}
    assert desk.database.pages.count_documents({}) == held
    (told,) = desk.dateline("reparse", "ruled", "--json", **DECLARED).json()
    assert told["recovered"] == held == len(desk.articles())
    expected = truth(paper)
    for url, article in desk.articles().items():
        assert article["title"] == expected[url]["title"]
        assert article["sighted_by"]
        assert article["first_seen"] <= article["fetched"] + HOUR


def test_local_time_stamped_as_utc_is_told_with_the_offset(desk: Desk, later_paper: Client) -> None:
    host = PAPERS["paper_02"].host
    later_paper.breakages([{"host": host, "kind": "local_as_utc"}])
    crawl(desk, later_paper, "ahead")
    # As if that run had been when newsworld's clock stood where it stands.
    desk.database.profiles.update_one({"_id": "ahead"}, {"$set": {"polled": later_paper.clock()}})
    later(later_paper)
    code, run = crawl(desk, later_paper, "ahead")
    assert (code, run["cause"]) == (6, "wrong_offset"), run["reason"]
    assert run["reason"] == ("Its times are 05:30 too late: it states local time (+05:30) as UTC.")
    assert run["account"]["stored"] <= 20

"""Sources whose servers lie, move or go away; and which pages of a source a run reads."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsworld.client import Client, running
from tests.desk import Desk

DECLARED = ("-s", "SPIDER_MODULES=tests.declared")
START = datetime(2024, 12, 2, 9, tzinfo=UTC)


def asked(world: Client, begins: str = "") -> list[str]:
    """Addresses asked for since the log was cleared."""
    return [request["path"] for request in world.log() if request["path"].startswith(begins)]


FIRST_LINK = r"^(.*?<item>.*?<link>)[^<]*"
SECOND_LINK = r"^(.*?<item>.*?<item>.*?<link>)[^<]*"


def age(desk: Desk, outlet: str, **by: float) -> None:
    """Make the last reading of an outlet's sources older, and what was sighted then."""
    state = desk.database.outlets.find_one({"_id": outlet})
    for source in state["sources"]:
        for name in ("read_at", "walked_at", "swept_at", "gone_at"):
            if source.get(name):
                source[name] -= timedelta(**by)
    desk.database.outlets.replace_one({"_id": outlet}, state)
    earlier = {"$subtract": ["$first_seen", timedelta(**by) // timedelta(milliseconds=1)]}
    desk.database.leads.update_many({}, [{"$set": {"first_seen": earlier}}])


def source(desk: Desk, outlet: str) -> dict[str, Any]:
    """The last run's account of an outlet's only source."""
    (told,) = desk.run(outlet)["sources"]
    return dict(told)


def test_an_answer_of_304_that_nobody_asked_for(desk: Desk, world: Client) -> None:
    """Asked again past all caches; where that does not help, a failure with a name."""
    advert, page = "https://adverts.example/2024/news/sofas", "https://asianlite.com/about"
    edits = {FIRST_LINK: rf"\1{advert}", SECOND_LINK: rf"\1{page}"}
    world.faults(
        [{"path": "^/feed$", "status": 304, "times": 1}, {"path": "^/feed$", "edits": edits}]
    )
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert len(desk.articles()) == 18
    told = source(desk, "faulty")
    assert (told["entries"], told["leads"]) == (20, 18)
    assert told["passed_over"] == {"other_host": 1, "not_a_story": 1}
    assert told["examples"] == {"other_host": advert, "not_a_story": page}
    age(desk, "faulty", hours=4)
    world.faults([{"path": "^/feed$", "status": 304}])
    world.clear_log()
    assert desk.crawl("faulty", *DECLARED).code == 1
    assert source(desk, "faulty")["reason"] == "unasked_304"
    assert asked(world, "/feed") == ["/feed", "/feed"]


def test_what_is_lost_though_nothing_fails(desk: Desk, world: Client) -> None:
    """A source of one lead in twenty, until that is usual; then other stories' pages lead to it."""
    settings = {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings"}
    kept = next(story["url"] for story in world.truth() if story["outlet"] == "asianlite")
    moved = {r"(?<=<link>)https://asianlite.com/20\d\d/": "https://asianlite.com/podcasts/"}
    world.faults([{"path": "^/feed$", "edits": moved | {FIRST_LINK: rf"\1{kept}"}}])
    for code, cause in ((6, "few_leads"), (0, None)):
        assert desk.crawl("faulty", *DECLARED).code == code
        run = desk.run("faulty")
        assert run["cause"] == cause
        assert ("19 do not match `stories`, such as https://asianlite.com/podcasts/" in
                run["reason"]) == bool(cause), run["reason"]  # fmt: skip
        assert "not_a_story" in desk.dateline("status", "faulty", **settings).out
        assert "1/20" in desk.dateline("runs", "faulty", **settings).out
        assert "is usual" in desk.dateline("relearn", "faulty", **settings).err
        age(desk, "faulty", hours=4)
    path = kept.removeprefix("https://asianlite.com")
    there = {"status": 301, "headers": {"Location": kept}}
    world.faults([{"path": rf"^(?!{path}$)/20\d\d/", **there}])
    assert desk.crawl("faulty", *DECLARED).code == 6
    run = desk.run("faulty")
    assert (run["cause"], run["account"]["rejected"]) == ("pages_gone", {}), run["reason"]
    assert run["account"]["failed"]["another_story"] > 10


def test_an_entity_tag_that_never_changes(desk: Desk) -> None:
    """What it hides is found after three hours, and from then on nothing is hidden."""
    with running(days=4, now=START) as world:
        env = {"DATELINE_GATEWAY": world.url}
        world.faults([{"path": "^/feed$", "etag": '"frozen"', "last_modified": ""}])

        def crawl(days: int) -> int:
            world.set_clock(START + timedelta(days=days))
            assert desk.crawl("faulty", *DECLARED, **env).code == 0
            return len(desk.articles())

        first = crawl(0)
        assert crawl(1) == first
        assert source(desk, "faulty")["outcome"] == "unchanged"
        age(desk, "faulty", hours=3)
        second = crawl(1)
        assert second > first
        assert source(desk, "faulty")["lies"]
        assert crawl(2) > second
        statuses = [r["status"] for r in world.log() if r["path"] == "/feed"]
    assert statuses == [200, 304, 200, 200]


def test_a_date_of_change_in_the_future(desk: Desk) -> None:
    with running(days=4, now=START) as world:
        env = {"DATELINE_GATEWAY": world.url}
        future = "2100-01-01T00:00:00+00:00"
        world.faults([{"path": "^/feed$", "etag": "", "last_modified": future}])
        assert desk.crawl("faulty", *DECLARED, **env).code == 0
        first = len(desk.articles())
        world.set_clock(START + timedelta(days=1))
        assert desk.crawl("faulty", *DECLARED, **env).code == 0
    assert len(desk.articles()) > first


def test_a_feed_that_has_moved_for_good(desk: Desk, world: Client) -> None:
    there = "/category/top-news/feed"
    moved = {"Location": f"https://asianlite.com{there}"}
    world.faults([{"path": "^/feed$", "status": 301, "headers": moved}])
    for feeds in (["/feed", there], [there]):
        world.clear_log()
        assert desk.crawl("faulty", *DECLARED).code == 0
        assert [path for path in asked(world) if path.endswith("/feed")] == feeds
    age(desk, "faulty", hours=4)
    world.clear_log()
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert asked(world, "/feed") == ["/feed"]  # now and then it is asked whether it still is there


def test_a_feed_that_has_moved_back(desk: Desk, world: Client) -> None:
    moved = {"Location": "https://asianlite.com/category/top-news/feed"}
    world.faults([{"path": "^/feed$", "status": 301, "headers": moved}])
    assert desk.crawl("faulty", *DECLARED).code == 0
    world.faults([{"path": "^/category/top-news/feed$", "status": 404}])
    world.clear_log()
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert asked(world) == ["/category/top-news/feed", "/feed"]


def test_a_feed_that_is_elsewhere_for_a_while(desk: Desk, world: Client) -> None:
    moved = {"Location": "https://asianlite.com/category/top-news/feed"}
    world.faults([{"path": "^/feed$", "status": 302, "headers": moved}])
    for _ in range(2):
        world.clear_log()
        assert desk.crawl("faulty", *DECLARED).code == 0
        assert asked(world, "/feed") == ["/feed"]


def test_a_feed_that_is_gone_is_told_once_and_left_alone(desk: Desk, world: Client) -> None:
    world.faults([{"path": "^/feed$", "status": 410}])
    assert desk.crawl("doubled", *DECLARED).code == 6
    assert "feed:/feed (http_410)" in desk.run("doubled")["reason"]
    world.clear_log()
    assert desk.crawl("doubled", *DECLARED).code == 0
    assert "gone for good (410)" in desk.run("doubled")["reason"]
    assert asked(world, "/feed") == []
    age(desk, "doubled", days=7)
    world.faults([])
    assert desk.crawl("doubled", *DECLARED).code == 0
    assert desk.run("doubled")["reason"] == "All sources were read."


def test_where_every_source_is_gone_the_run_fails(desk: Desk, world: Client) -> None:
    world.faults([{"path": "^/feed$", "status": 410}])
    assert [desk.crawl("faulty", *DECLARED).code for _ in range(2)] == [5, 5]


def test_a_long_listing_is_read_as_far_as_it_is_new(desk: Desk) -> None:
    with running(per_day=125, days=1, now=START) as world:
        env = {"DATELINE_GATEWAY": world.url}
        assert desk.crawl("listed", *DECLARED, **env).code == 0
        world.set_clock(START + timedelta(hours=4))
        world.clear_log()
        assert desk.crawl("listed", *DECLARED, **env).code == 0
        truth = [story for story in world.truth() if story["outlet"] == "asianlite"]
        pages = asked(world, "/category/top-news")
    new = {story["url"] for story in truth if story["published"] >= START.isoformat()}
    assert len(truth) > 12 * 12
    assert 20 < len(new) == desk.run("listed")["account"]["stored"]
    assert new <= desk.articles().keys()
    assert len(pages) <= len(new) // 12 + 1


def test_a_listing_by_page_numbers_ends_where_there_is_no_page(desk: Desk) -> None:
    with running(days=4, now=START) as world:
        assert desk.crawl("numbered", *DECLARED, DATELINE_GATEWAY=world.url).code == 0
        truth = {story["url"] for story in world.truth() if story["outlet"] == "asianlite"}
    assert len(truth) > 2 * 12
    assert desk.articles().keys() == truth
    assert source(desk, "numbered")["end"] == "http_404"


def test_sitemaps_wait_while_other_sources_tell_all(desk: Desk) -> None:
    """An index without dates is read again every six hours, or in a gap; and then all of it."""
    with running(per_day=40, days=1, now=START) as world:
        env = {"DATELINE_GATEWAY": world.url}

        def crawl() -> list[str]:
            world.clear_log()
            assert desk.crawl("charted", *DECLARED, **env).code == 0
            return asked(world, "/wp-sitemap")

        child = "/wp-sitemap-posts-post-1.xml"
        assert crawl() == ["/wp-sitemap.xml", child]
        world.set_clock(START + timedelta(hours=2))
        assert crawl() == ["/wp-sitemap.xml"]
        sources = {source["key"]: source for source in desk.run("charted")["sources"]}
        assert sources["sitemap:/wp-sitemap.xml"]["put_off"] == 1
        age(desk, "charted", hours=6)
        assert crawl() == ["/wp-sitemap.xml", child]
        # To newsworld it was read in 2024, and what changed since is what it shows.
        age(desk, "charted", days=(datetime.now(UTC) - START).days)
        world.set_clock(START + timedelta(hours=20))
        assert crawl() == ["/wp-sitemap.xml", child]  # the feed has a gap
        published = {s["url"] for s in world.truth() if s["outlet"] == "asianlite"}
    sources = {source["key"]: source for source in desk.run("charted")["sources"]}
    assert sources["feed:/feed"]["gap_since"] is not None
    assert len(published) > 70
    assert desk.articles().keys() == published


def test_dates_of_change_that_lie_far_back(desk: Desk) -> None:
    """What they hide, of an index and in its sitemap, is found after three hours."""
    with running(days=4, now=START) as world:
        env = {"DATELINE_GATEWAY": world.url}
        dated = {"</loc></sitemap>": "</loc><lastmod>2004-01-01</lastmod></sitemap>"}
        world.faults(
            [
                {"path": "^/robots.txt$", "edits": {r"Sitemap: \S*news\S*": ""}},
                {"path": "^/wp-sitemap.xml$", "edits": dated},
                {"path": "^/wp-sitemap-", "edits": {"<lastmod>2024": "<lastmod>2004"}},
            ]
        )

        def crawl(days: int) -> int:
            world.set_clock(START + timedelta(days=days))
            assert desk.crawl("mapped", *DECLARED, **env).code == 0
            return len(desk.articles())

        first = crawl(0)
        age(desk, "mapped", hours=2)
        assert crawl(1) == first > 0
        age(desk, "mapped", hours=1)
        assert crawl(1) > first
        published = {s["url"] for s in world.truth() if s["outlet"] == "asianlite"}
        assert desk.articles().keys() == published


@pytest.mark.parametrize("deep", [False, True])
def test_a_limit_bounds_a_run_and_the_same_command_goes_on(desk: Desk, deep: bool) -> None:
    words = ("-a", "limit=10", *(("-a", "since=2024-11-01") if deep else ()))
    stored = []
    for _ in range(3):
        assert desk.crawl("posts", *DECLARED, *words).code == 0
        stored.append(len(desk.articles()))
        assert "The limit was reached" in desk.run("posts")["reason"]
        told = source(desk, "posts")
        assert told["passed_over"]["beyond_limit"] == told["entries"] - told["leads"] > 0
    assert stored == [10, 20, 30]
    assert {lead["state"] for lead in desk.leads()} == {"stored"}


def test_a_limit_that_is_no_number(desk: Desk) -> None:
    result = desk.crawl("asianlite", "-a", "limit=few")
    assert result.code == 2
    assert "limit=few is not a number of stories" in result.err

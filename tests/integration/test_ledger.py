"""What must not get lost between runs: bounds, retries, gaps and sources that hide each other's."""

import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from newsworld.client import Client, running
from tests.desk import Desk

DECLARED = ("-s", "SPIDER_MODULES=tests.declared")
STORIES = r"/2024/.*"


def test_bounds_leave_the_ledger_alone(desk: Desk, world: Client) -> None:
    """What a bounded run passes over is still pending, and a 304 does not hide it."""
    assert desk.crawl("faulty", *DECLARED, "-s", "CLOSESPIDER_ITEMCOUNT=5").code == 0
    pending = desk.run("faulty")["account"]["pending"]
    assert pending > 0
    assert desk.crawl("faulty", *DECLARED, "-a", "since=2024-12-15").code == 0
    assert desk.run("faulty")["account"]["rejected"]["out_of_range"] >= pending
    world.clear_log()
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert len(desk.articles()) == 20


def test_a_page_out_of_range_is_fetched_once(desk: Desk, world: Client) -> None:
    """A listing states no dates, so its stories are fetched to learn them; once."""
    for fetched in (36, 0):
        assert desk.crawl("listed", *DECLARED, "-a", "since=2024-12-15").code == 6
        assert desk.run("listed")["pages"] == fetched
    assert "narrow its bounds" in desk.run("listed")["reason"]
    assert desk.articles() == {}
    assert desk.crawl("listed", *DECLARED).code == 0
    assert len(desk.articles()) == 36


def test_a_source_that_goes_on_does_not_hide_the_gap_of_one_that_fails(desk: Desk) -> None:
    """The feed shows the newest 20 of 32 new stories; the listing, down just then, fills in."""
    with running(days=4) as world:
        env = {"DATELINE_GATEWAY": world.url}
        assert desk.crawl("doubled", *DECLARED, **env).code == 0
        before = desk.articles().keys()
        world.set_clock(datetime(2024, 12, 5, 12, tzinfo=UTC))
        world.faults([{"path": r"/category/.*", "status": 500}])
        assert desk.crawl("doubled", *DECLARED, **env).code == 6
        world.faults([])
        assert desk.crawl("doubled", *DECLARED, **env).code == 0
        expected = {
            story["url"]
            for story in world.truth()
            if story["outlet"] == "asianlite" and story["published"] >= "2024-12-01T12"
        }
    assert len(expected) > 25
    assert expected <= desk.articles().keys() - before


AWAY = {"Location": "https://elsewhere.example/"}
BAD_HOUR: dict[str, dict[str, object]] = {
    "not_html": {"body": "{}", "headers": {"Content-Type": "application/json"}},
    "truncated": {"status": 206, "body": "<html></html>", "headers": {}},
    "offsite": {"status": 302, "headers": AWAY},
    "http_404": {"status": 404},
    "http_410": {"status": 410},
    "no_body": {"body": "<html></html>"},
}
"""What can be wrong with the pages of stories for an hour, by reason."""


def test_a_bad_hour_loses_nothing(desk: Desk, world: Client) -> None:
    """Whatever comes in place of stories: they come back when due, and are stored once they do."""
    world.faults([{"path": STORIES, "times": 3, **fault} for fault in BAD_HOUR.values()])
    assert desk.crawl("faulty", *DECLARED).code == 6
    assert {lead["reason"] for lead in desk.leads()} == {*BAD_HOUR, None}
    desk.database.leads.update_many({}, {"$set": {"due": datetime.now(UTC)}})
    path = next(urlsplit(lead["_id"]).path for lead in desk.leads() if lead["reason"] == "offsite")
    to_itself = {"Location": path, "Set-Cookie": "seen=1"}
    world.faults([{"path": path, "status": 302, "headers": to_itself, "times": 1}])
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert len(desk.articles()) == 20


def test_a_guid_that_names_no_story_swallows_none(desk: Desk, world: Client) -> None:
    """Feeds whose every guid is the site's address, or another story's, now and in later polls."""
    stories = [s["url"] for s in world.truth() if "/feed" in s["channels"] and s["tags"]][:4]
    codes = []
    home = "https://asianlite.com/"
    for shown, guid in ((stories[:1], home), (stories[1:2], stories[0]), (stories, home)):
        items = "".join(
            f"<item><title>T</title><link>{url}</link><guid>{guid}</guid></item>" for url in shown
        )
        world.faults(
            [{"path": "/feed", "body": f"<rss version='2.0'><channel>{items}</channel></rss>"}]
        )
        codes.append(desk.crawl("faulty", *DECLARED).code)
    assert codes == [0, 6, 0]  # the second poll shares nothing with the first
    assert desk.articles().keys() == set(stories)


def test_a_story_that_moved_is_one_story_and_is_visited_where_it_is(
    desk: Desk, world: Client
) -> None:
    """Its feed shows the same guid, title and date at a new address."""
    url = next(s["url"] for s in world.truth() if "/feed" in s["channels"] and s["tags"])
    moved = f"{url.rstrip('/')}-renamed"
    redirect = {"path": urlsplit(moved).path, "status": 301, "headers": {"Location": url}}
    for link in (url, moved):
        item = f"<title>T</title><link>{link}</link><guid>post-7</guid>"
        date = "<pubDate>Fri, 29 Nov 2024 08:30:00 GMT</pubDate>"
        feed = f"<rss version='2.0'><channel><item>{item}{date}</item></channel></rss>"
        world.faults([{"path": "/feed", "body": feed}, redirect])
        assert desk.crawl("faulty", *DECLARED, "-s", "REVISITS=True").code == 0
        desk.database.leads.update_many({}, {"$set": {"due": datetime.now(UTC)}})
    (article,) = desk.articles().values()
    assert (article["_id"], len(desk.leads())) == (url, 1)
    assert moved in article["aliases"]
    assert urlsplit(moved).path in [seen["path"] for seen in world.log()]


def test_a_front_page_is_no_story(desk: Desk, world: Client) -> None:
    """Stories that redirect to the front page fail by name; none is stored as an article."""
    home = {"Location": "https://asianlite.com/"}
    world.faults([{"path": STORIES, "status": 302, "headers": home}])
    assert desk.crawl("faulty", *DECLARED).code == 1
    assert desk.articles() == {}
    assert {lead["reason"] for lead in desk.leads()} == {"redirected_away"}


def test_hostile_answers_of_a_source_are_named(desk: Desk, world: Client) -> None:
    """NULs, lone surrogates and broken addresses in REST, JSON Feed and listing."""
    world.faults([{"path": r"/wp-json/.*", "body": json.dumps({"code": "a\u0000b\ud800"})}])
    assert desk.crawl("asianlite").code == 6
    told = {source["key"]: source for source in desk.run("asianlite")["sources"]}
    assert told["wordpress:/wp-json/wp/v2/posts"]["reason"] == "unexpected_json"
    url = next(iter(desk.articles()))
    items = [
        {"url": url + "-x", "title": "lone \ud83d", "id": "http://[", "date_published": "\x00"}
    ]
    world.faults([{"path": "/feed", "body": json.dumps({"items": items})}])
    desk.crawl("faulty", *DECLARED)
    assert desk.run("faulty")["account"]["failed"] == {"http_404": 1}
    world.faults(
        [
            {
                "path": "/category/top-news",
                "body": "<base href='http://[bad'><a class=next href='javascript:x'>",
            }
        ]
    )
    assert desk.crawl("listed", *DECLARED).code == 1
    assert "single story" in desk.run("listed")["reason"]


def test_told_to_stop_as_a_group(desk: Desk, world: Client) -> None:
    """A signal to the whole process group, as cron, systemd and terminals send it."""
    world.faults([{"path": STORIES, "delay": 0.2}])
    crawl = desk.start("scrapy", "crawl", "asianlite", group=True)
    while len(desk.articles()) < 8:
        time.sleep(0.05)
    desk.signal_group(crawl)
    _, err = crawl.communicate(timeout=desk.patience)
    assert crawl.returncode == 6, err
    run = desk.run("asianlite")
    assert run["account"]["failed"] == {}
    assert run["account"]["pending"] > 0
    desk.check_accounts()


def test_every_source_that_shows_a_story_is_named(desk: Desk, world: Client) -> None:
    """In one run and over several: the article has all that its lead has."""
    for _ in range(2):
        assert desk.crawl("asianlite", "-a", "since=2024-11-28").code == 0
    leads = {lead["article"]: lead for lead in desk.leads() if lead["state"] == "stored"}
    articles = desk.articles()
    assert articles.keys() == leads.keys()
    for url, article in articles.items():
        shown = {sighting["source"] for sighting in leads[url]["sightings"]}
        assert set(article["sighted_by"]) == shown
    newest = max(articles.values(), key=lambda article: article["published"]["at"])
    assert len(newest["sighted_by"]) == 3


def test_a_wider_pattern_of_stories_finds_what_the_narrow_one_passed_over(desk: Desk) -> None:
    """What was no story before is one now: neither an overlap nor a 304 hides it."""
    assert desk.crawl("narrow", *DECLARED).code == 0
    few = len(desk.articles())
    state = desk.database.outlets.find_one({"_id": "narrow"})
    assert state
    desk.database.outlets.insert_one({**state, "_id": "faulty"})
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert few < 20
    assert len(desk.articles()) == 20


def test_a_gap_is_named_and_filled_by_a_deeper_source(desk: Desk) -> None:
    """Seven hours down, and the feed shows the newest 20 of all that came out meanwhile."""
    start = datetime(2024, 12, 2, 9, tzinfo=UTC)
    with running(per_day=100, days=1, now=start) as world:
        env = {"DATELINE_GATEWAY": world.url}
        assert desk.crawl("doubled", *DECLARED, **env).code == 0
        assert all(source.get("gap_since") is None for source in desk.run("doubled")["sources"])
        world.set_clock(start + timedelta(hours=7))
        assert desk.crawl("doubled", *DECLARED, **env).code == 0
        expected = {
            story["url"]
            for story in world.truth()
            if story["outlet"] == "asianlite" and story["published"] >= start.isoformat()
        }
    assert len(expected) >= 30
    assert expected <= desk.articles().keys()
    sources = {source["key"]: source for source in desk.run("doubled")["sources"]}
    assert sources["feed:/feed"]["gap_since"] is not None
    assert sources["listing:/category/top-news"]["gap_since"] is None


def test_a_gap_that_nothing_fills_is_no_success(desk: Desk) -> None:
    start = datetime(2024, 12, 2, 9, tzinfo=UTC)
    with running(per_day=100, days=1, now=start) as world:
        env = {"DATELINE_GATEWAY": world.url}
        assert desk.crawl("faulty", *DECLARED, **env).code == 0
        world.set_clock(start + timedelta(hours=7))
        result = desk.crawl("faulty", *DECLARED, **env)
    assert result.code == 6
    assert "feed:/feed shows nothing it showed before" in desk.run("faulty")["reason"]
    assert len(desk.articles()) == 40


def test_declared_sitemaps_are_read_again_only_for_what_is_new(desk: Desk) -> None:
    start = datetime(2024, 12, 2, 9, tzinfo=UTC)
    with running(days=4, now=start) as world:
        env = {"DATELINE_GATEWAY": world.url}

        def published() -> set[str]:
            truth = world.truth()
            return {story["url"] for story in truth if story["outlet"] == "asianlite"}

        assert desk.crawl("mapped", *DECLARED, **env).code == 0
        assert desk.articles().keys() == published()
        world.set_clock(start + timedelta(hours=30))
        world.clear_log()
        assert desk.crawl("mapped", *DECLARED, **env).code == 0
        assert desk.articles().keys() == published()
        asked = [request["path"] for request in world.log()]
        new = desk.run("mapped")["account"]["stored"]
    assert new > 5
    # robots.txt twice: as rules, and as a source.
    assert len(asked) <= new + 5
    assert desk.run("mapped")["sources"][0]["gap_since"] is None


def test_a_story_shown_in_many_forms_is_fetched_and_stored_once(desk: Desk, world: Client) -> None:
    """Over http, as `www.` and on the mobile site, in one poll and in the next."""
    url = next(s["url"] for s in world.truth() if "/feed" in s["channels"] and s["tags"])
    rest = url.removeprefix("https://")
    polls = ((url, f"http://{rest}", f"https://m.{rest}"), (f"https://www.{rest}",))
    asked = []
    for shown in polls:
        items = "".join(f"<item><title>T</title><link>{form}</link></item>" for form in shown)
        body = f"<rss version='2.0'><channel>{items}</channel></rss>"
        world.faults([{"path": "/feed", "body": body}])
        world.clear_log()
        assert desk.crawl("faulty", *DECLARED).code == 0
        asked.append([entry["path"] for entry in world.log() if "/2024/" in entry["path"]])
    assert [len(paths) for paths in asked] == [1, 0]
    (article,) = desk.articles().values()
    assert {f"http://{rest}", f"https://m.{rest}"} <= set(article["aliases"])
    shown_by_mobile = desk.dateline("show", f"http://m.{rest}/", "--json")
    assert shown_by_mobile.json()["url"] == url
    assert len(desk.leads()) == 1

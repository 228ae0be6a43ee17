"""WordPress by its REST API: with and without the pages, in few requests, and when it is broken."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from newsworld.client import Client, running
from tests.desk import Desk, Document
from tests.forked import Server
from tests.integration.test_export import records
from tests.prepared import new_name

DECLARED = ("-s", "SPIDER_MODULES=tests.declared")
SINCE = ("-a", "since=2024-11-01")
REST = "wordpress:/wp-json/wp/v2/posts"

BOOKKEEPING = {"outlet", "fetched", "first_seen", "page", "charset", "origins", "confidence"}
"""How an article came about; it differs by definition."""
COMPANY = {"story", "wire", "same_as", "seen_first", "seen_last", "stored", "delay"}
"""What depends on the stories stored with it, and on when."""
UNSTATED = {
    # The outlet's own is taken, which names no country.
    "posted": {"language"},
    # Of a story in two categories neither the API nor the address tells which is its section.
    "posted_times": {"language", "section"},
}
"""What pages state and the REST API does not."""


@pytest.fixture
def other(mongodb: str, world: Client, tmp_path: Path, server: Server) -> Iterator[Desk]:
    """A second empty database."""
    desk = Desk(mongodb, new_name(), world.url, tmp_path, server)
    yield desk
    desk.database.client.drop_database(desk.database.name)
    desk.database.client.close()


def exported(desk: Desk) -> dict[str, str]:
    """Under which type of record a WARC file has each page, by its digest."""
    path = desk.data / "pages.warc.gz"
    assert desk.dateline("export", "--format", "warc", "--output", str(path)).code == 0
    return {sha256(body).hexdigest(): kind for kind, _, body in records(path)[1:]}


def asked(world: Client, pattern: str) -> int:
    """How many requests for addresses that contain `pattern`."""
    return sum(pattern in request["path"] for request in world.log())


def source(desk: Desk, outlet: str, key: str = REST) -> Document:
    """What the newest run tells of a source."""
    return next(told for told in desk.run(outlet)["sources"] if told["key"] == key)


def told_by(article: Document, unstated: set[str]) -> dict[str, Any]:
    """What an article says, by whichever way it came."""
    told = {k: v for k, v in article.items() if k not in BOOKKEEPING | COMPANY | unstated}
    # Of dates the instant, its day and its precision; the text is another on pages.
    date = told["published"]
    told["published"] = [date[name] for name in ("at", "offset", "precision", "flags")]
    return told


@pytest.mark.parametrize(
    ("paged", "posted", "rest"),
    [("paged", "posted", "/wp-json/"), ("paged_times", "posted_times", "rest_route")],
)
def test_an_article_is_the_same_without_its_page(
    paged: str,
    posted: str,
    rest: str,
    desk: Desk,
    other: Desk,
    world: Client,
    request: pytest.FixtureRequest,
) -> None:
    """Field by field, but for the way it came; and no page is fetched for it."""
    since, stories, requests = (
        ("2024-11-01", 200, 3) if request.config.getoption("soak") else ("2024-11-27", 25, 1)
    )
    bounds = ("-a", f"since={since}")
    assert desk.crawl(paged, *bounds, *DECLARED).code == 0
    assert len(world.log()) > stories
    world.clear_log()
    assert other.crawl(posted, *bounds, *DECLARED).code == 0
    assert asked(world, rest) == requests
    assert len(world.log()) == requests + 1  # and robots.txt
    assert other.run(posted)["pages"] == 0
    pages, posts = desk.articles(), other.articles()
    assert pages.keys() == posts.keys()
    assert len(posts) > stories
    for url, article in posts.items():
        assert told_by(article, UNSTATED[posted]) == told_by(pages[url], UNSTATED[posted])
        assert article["language"] == "en"
        assert article["published"]["source"] == "rest"
        told = ("title", "body", "published", "authors", "section", "images")
        assert {article["origins"][name] for name in told} == {"rest"}
    assert not [lead for lead in other.leads() if "content" in lead["stated"]]


def test_posts_are_asked_for_a_hundred_at_a_time(
    desk: Desk, request: pytest.FixtureRequest
) -> None:
    """1,230 posts in at most 14 requests; in the short form 101 in at most 3."""
    soak = request.config.getoption("soak")
    per_day, posts, requests = (120, 1_230, 14) if soak else (11, 101, 3)
    with running(days=10, per_day=per_day) as world:
        result = desk.crawl("posted", *SINCE, *DECLARED, DATELINE_GATEWAY=world.url)
        assert result.code == 0, result.err
        truth = {story["url"] for story in world.truth() if story["outlet"] == "asianlite"}
        assert len(truth) >= posts
        assert desk.articles().keys() == truth
        assert asked(world, "/wp-json/") <= requests
        assert desk.run("posted")["pages"] < 10  # of stories so short that they may be teasers


@pytest.mark.parametrize("prefix", ["", "As delivered."])
def test_what_was_delivered_is_kept_and_not_edited(prefix: str, desk: Desk, world: Client) -> None:
    """Stories are looked at again by their pages, of which some read otherwise."""
    rest = {r'("content":\{"rendered":")': rf"\1<p>{prefix}</p>"}
    world.faults([{"path": "/wp-json/", "edits": rest}] if prefix else [])
    assert desk.crawl("posted", "-a", "since=2024-11-30", *DECLARED).code == 0
    posted = desk.articles()
    desk.database.leads.update_many({"state": "stored"}, {"$set": {"due": datetime.now(UTC)}})
    world.faults([{"path": "/wp-json/", "status": 503}])
    desk.crawl("posted", *DECLARED, "-s", "REVISITS=True")
    assert {desk.articles()[url]["origins"]["body"] for url in posted} == {"selector"}
    kept = list(desk.database.revisions.find())
    assert [(one["label"], one["changed"]) for one in kept] == [("reparse", ["body"])] * len(kept)
    assert {one["article"]: one["body"] for one in kept} == (
        {url: one["body"] for url, one in posted.items()} if prefix else {}
    )
    # Each page stays what it was, whatever its article was read from since.
    own = {one["page"]: "conversion" for one in posted.values()}
    assert exported(desk) == own | {one["page"]: "resource" for one in desk.articles().values()}


EXCERPTS = {r'("content":\{"rendered":"<p>.{300}.*? ).*?(","protected":)': r"\1[&hellip;]</p>\2"}
NOTHING = {r'("content":\{"rendered":").*?(","protected":)': r"\1\2"}
PROTECTED = {'"protected":false': '"protected":true'}


@pytest.mark.parametrize("edits", [EXCERPTS, NOTHING, PROTECTED], ids=["cut", "empty", "protected"])
def test_where_posts_are_not_whole_their_pages_are_fetched(
    edits: dict[str, str], desk: Desk, world: Client
) -> None:
    """And their articles are as whole as those of the others."""
    world.faults([{"path": "/wp-json/", "edits": edits}])
    assert desk.crawl("posted", "-a", "since=2024-11-30", *DECLARED).code == 0
    expected = {
        story["url"]: story["body"]
        for story in world.truth()
        if story["outlet"] == "asianlite" and story["published"] >= "2024-11-30"
    }
    assert {url: article["body"] for url, article in desk.articles().items()} == expected
    assert desk.run("posted")["pages"] == asked(world, "/2024/") == len(expected)


def test_a_lead_left_by_an_earlier_run_is_fetched(desk: Desk, world: Client) -> None:
    """The ledger keeps no contents."""
    assert desk.crawl("posted", "-a", "since=2024-11-30", *DECLARED).code == 0
    left = [lead["_id"] for lead in desk.leads()][:5]
    desk.database.articles.delete_many({"_id": {"$in": left}})
    desk.database.leads.update_many({"_id": {"$in": left}}, {"$set": {"state": "pending"}})
    world.faults([{"path": "/wp-json/", "status": 503}])
    world.clear_log()
    desk.crawl("posted", *DECLARED)
    assert asked(world, "/2024/") == 5
    assert {desk.articles()[url]["origins"]["body"] for url in left} == {"selector"}


def test_a_site_that_hides_its_authors(desk: Desk, world: Client) -> None:
    """Their names are missing; nothing else is."""
    error = '"author":[{"code":"rest_user_invalid_id","message":"No.","data":{"status":404}}]'
    world.faults([{"path": "/wp-json/", "edits": {r'"author":\[\{"id.*?\]': error}}])
    assert desk.crawl("posted", "-a", "since=2024-11-30", *DECLARED).code == 0
    articles = desk.articles().values()
    assert articles
    assert all(article["section"] and not article["authors"] for article in articles)


def code(name: str, status: int) -> str:
    """An error as the REST API answers it."""
    return json.dumps({"code": name, "message": "No.", "data": {"status": status}})


FEW_IN_THE_FEED = {r"((?:<item>.*?</item>\s*){3}).*(?=</channel>)": r"\1"}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"status": 401, "body": code("rest_not_logged_in", 401)}, "http_401"),
        ({"status": 403, "body": "<h1>Forbidden</h1><p>Blocked by the firewall.</p>"}, "http_403"),
        ({"status": 404, "body": code("rest_no_route", 404)}, "http_404"),
        ({"status": 400, "body": code("rest_invalid_param", 400)}, "http_400"),
        ({"body": code("rest_disabled", 200)}, "rest_disabled"),
        ({"body": "<!DOCTYPE html><title>Asian Lite</title><p>Just a moment ..."}, "not_json"),
        ({"body": ""}, "not_json"),
        ({"edits": {"^(.{9000}).*": r"\1"}}, "not_json"),
        ({"edits": {"^.*$": "null"}}, "unexpected_json"),
        ({"close": True}, "connection_lost"),
    ],
)
def test_a_broken_api_is_named_and_the_other_sources_go_on(
    broken: dict[str, Any], reason: str, desk: Desk, world: Client
) -> None:
    world.faults([{"path": "/wp-json/", **broken}, {"path": "^/feed$", "edits": FEW_IN_THE_FEED}])
    assert desk.crawl("doubtful", *DECLARED).code == 6  # in part
    told = source(desk, "doubtful")
    assert (told["outcome"], told["reason"], told["leads"]) == ("failed", reason, 0)
    assert source(desk, "doubtful", "feed:/feed")["outcome"] == "read"
    assert len(desk.articles()) == 3


def test_a_warning_printed_before_the_json_costs_nothing(desk: Desk, world: Client) -> None:
    warning = (
        "<br />\n<b>Warning</b>:  Undefined array key in <b>a.php</b> on line <b>9</b><br />\n"
    )
    world.faults([{"path": "/wp-json/", "edits": {"^": warning}}])
    assert desk.crawl("doubtful", *DECLARED).code == 0
    assert source(desk, "doubtful")["leads"] == 100


def test_a_post_that_becomes_no_article_is_settled_like_a_page(desk: Desk, world: Client) -> None:
    advert = "<p>Advertisement</p>" * 120
    body = {r'("content":\{"rendered":").*?(","protected":)': rf"\1{advert}\2"}
    world.faults([{"path": "/wp-json/", "edits": body}])
    assert desk.crawl("posted", "-a", "since=2024-11-30", *DECLARED).code == 1
    account = desk.run("posted")["account"]
    assert account["sighted"] == account["rejected"]["only_boilerplate"] > 0
    assert {lead["state"] for lead in desk.leads()} == {"failed"}
    assert set(exported(desk).values()) == {"conversion"}

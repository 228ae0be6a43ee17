"""Whole collections of newsworld into a real mongod, compared with the ground truth."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.text.paragraphs import split_body, to_html
from newsworld.client import Client, running
from tests.desk import Desk

SINCE = "since=2024-11-01"
OUTLETS = ("asianlite", "national_times")
STATED = {
    "asianlite": ("title", "body", "credit", "dateline", "section"),
    "national_times": ("title", "body", "credit", "dateline"),
}

FIRST_FIVE = {r"((?:<item>.*?</item>\s*){5}).*(?=</channel>)": r"\1"}
"""An edit of a feed that leaves the newest stories in it."""


def truths(world: Client, outlet: str) -> dict[str, dict[str, Any]]:
    return {story["url"]: story for story in world.truth() if story["outlet"] == outlet}


@pytest.mark.parametrize("outlet", OUTLETS)
def test_every_story_is_stored_exactly_once_and_exactly_right(
    outlet: str, desk: Desk, request: pytest.FixtureRequest
) -> None:
    """`scrapy crawl` finds all there is; each body and date is the printed one."""
    days = 28 if request.config.getoption("soak") else 6
    with running(days=days) as world:
        result = desk.crawl(outlet, "-a", SINCE, DATELINE_GATEWAY=world.url)
        truth = truths(world, outlet)
    assert result.code == 0, result.err
    stored = desk.articles(outlet)
    assert stored.keys() == truth.keys()
    assert len(stored) > 7.1 * days
    for url, story in truth.items():
        article = stored[url]
        assert {name: article[name] for name in STATED[outlet]} == {
            name: story[name] for name in STATED[outlet]
        }
        published = article["published"]
        assert published["at"] == datetime.fromisoformat(story["published"])
        assert (published["precision"], published["offset"]) == (
            story["precision"],
            story["offset"],
        )
        assert set(story["aliases"]) <= set(article["aliases"])
    run = desk.run(outlet)
    assert run["outcome"] == "healthy"
    assert run["account"]["stored"] == run["pages"] == len(truth)
    assert run["merged"] is None
    assert {source["outcome"] for source in run["sources"]} == {"read"}
    assert desk.database.pages.count_documents({}) == len(truth)


def test_second_run_fetches_no_story_and_changes_nothing(desk: Desk) -> None:
    """Known addresses stay known; sources are asked conditionally and answer 304."""
    with running(days=4) as world:
        env = {"DATELINE_GATEWAY": world.url}
        assert desk.crawl("asianlite", **env).code == 0
        before = desk.articles()
        assert desk.crawl("asianlite", **env).code == 0
        run = desk.run("asianlite")
        assert run["pages"] == 0
        world.clear_log()
        assert desk.crawl("asianlite", **env).code == 0
        asked = [request["status"] for request in world.log() if request["path"] != "/robots.txt"]
    run = desk.run("asianlite")
    assert {source["outcome"] for source in run["sources"]} == {"unchanged"}
    assert asked == [304, 304, 304]
    assert desk.articles() == before


def test_new_stories_are_collected_as_they_appear(desk: Desk) -> None:
    """An outlet that is known is read until the overlap with the last poll, page by page."""
    with running(days=4) as world:
        env = {"DATELINE_GATEWAY": world.url}
        assert desk.crawl("asianlite", **env).code == 0
        world.set_clock(datetime.fromisoformat("2024-12-06T12:00:00+00:00"))
        expected = {
            url
            for url, story in truths(world, "asianlite").items()
            if story["published"] > "2024-12-01T12:00:00"
        }
        assert len(expected) > 25
        world.clear_log()
        assert desk.crawl("asianlite", **env).code == 0
        assert expected <= desk.articles().keys()
        listings = [r for r in world.log() if r["path"].startswith("/category/")]
        assert len(listings) <= len(expected) // 12 + 1 + 3


def test_both_outlets_by_the_dateline_command(desk: Desk, world: Client) -> None:
    """`dateline collect`, then what the other commands say of it."""
    collected = desk.dateline("collect", *OUTLETS, "--since", "2024-11-26")
    assert collected.code == 0, collected.err
    assert "asianlite" in collected.out
    assert "national_times" in collected.out
    expected = {s["url"]: s for s in world.truth() if s["outlet"] in OUTLETS}
    expected = {u: s for u, s in expected.items() if s["published"] >= "2024-11-25T19:00:00"}

    exported = desk.dateline("export", "--format", "jsonl")
    lines = [json.loads(line) for line in exported.out.splitlines()]
    stored = {article["url"]: article for article in lines}
    assert len(lines) == len(stored)
    in_london = {u for u, s in expected.items() if s["published"] >= "2024-11-26"}
    assert in_london <= stored.keys() <= expected.keys()
    for url, article in stored.items():
        assert article["body"] == expected[url]["body"]
        assert datetime.fromisoformat(article["published"]["at"]) == datetime.fromisoformat(
            expected[url]["published"]
        )

    url = next(iter(stored))
    shown = desk.dateline("show", url)
    assert stored[url]["title"] in " ".join(shown.out.split())
    assert desk.dateline("show", url, "--json").json()["url"] == url
    body = split_body(stored[url]["body"], stored[url]["structure"])
    assert desk.dateline("show", url, "--html").out == to_html(body) + "\n"
    listed = desk.dateline("articles", "--outlet", "asianlite", "--limit", "3", "--json").json()
    assert len(listed) == 3
    assert {article["outlet"] for article in listed} == {"asianlite"}
    status = {row["outlet"]: row for row in desk.dateline("status", "--json").json()}
    assert status["asianlite"]["outcome"] == "healthy"
    assert sum(row["articles"] for row in status.values()) == len(stored)
    one = desk.dateline("status", "asianlite", "--days", "3000", "--json").json()
    assert one["articles"] == status["asianlite"]["articles"]
    assert sum(day["union"] for day in one["recall"]) == one["articles"]
    listed = desk.dateline("status", "asianlite", "--days", "3000").out
    assert all(text in listed for text in (one["recall"][0]["day"], "feed:/feed", "100.0%"))
    assert "asianlite: healthy" in listed


def test_scrapys_own_options_work(desk: Desk, tmp_path: Path) -> None:
    """`-s CLOSESPIDER_ITEMCOUNT` and `-O` as in any Scrapy project."""
    file = tmp_path / "out.jsonl"
    result = desk.crawl("asianlite", "-a", SINCE, "-s", "CLOSESPIDER_ITEMCOUNT=20", "-O", str(file))
    assert result.code == 0, result.err
    items = [json.loads(line) for line in file.read_text().splitlines()]
    assert 20 <= len(items) < 60
    assert desk.run("asianlite")["account"]["pending"] > 0
    assert {item["url"] for item in items} == desk.articles().keys()


def test_until_bounds_a_run(desk: Desk, world: Client) -> None:
    """Stories outside the bounds are skipped by name, and taken up by a wider run."""
    assert (
        desk.crawl("national_times", "-a", "since=2024-11-28", "-a", "until=2024-11-29").code == 0
    )
    dates = {article["published"]["at"] for article in desk.articles().values()}
    zone = "+05:00"
    assert dates
    assert min(dates) >= datetime.fromisoformat(f"2024-11-28T00:00:00{zone}")
    assert max(dates) < datetime.fromisoformat(f"2024-11-30T00:00:00{zone}")
    assert desk.run("national_times")["account"]["rejected"]["out_of_range"] > 0
    assert desk.crawl("national_times", "-a", "since=2024-11-27").code == 0
    expected = {
        url
        for url, story in truths(world, "national_times").items()
        if datetime.fromisoformat(story["published"])
        >= datetime.fromisoformat(f"2024-11-27T00:00:00{zone}")
    }
    assert desk.articles().keys() == expected


def test_a_browser_outlet(desk: Desk, world: Client, chromium: str) -> None:
    """Pages that are empty without JavaScript, by way of a real browser.

    One grows without end, and some lead elsewhere by script or by a meta element.
    """
    stories = sorted(truths(world, "ticker").values(), key=lambda story: story["published"])
    truth = {story["url"]: story for story in stories[-5:]}
    grown, inside, about, renamed, plain = truth
    shown = "<article id=story><h1>Inside</h1>" + "<p>The plan is for our own staff.</p>" * 5
    led = {
        inside: "<script>location.replace('https://intranet.example/story/7');",
        about: "<meta http-equiv=refresh content='0;url=/about'><!--",
        renamed: "<script>history.replaceState(null, '', '/story/700700');",
    }
    grows = "document.getElementById('story').innerHTML = '<p>' + 'word '.repeat(3e5) + '</p>'"
    page = f"<h1>Growing</h1><div id=story></div><script>{grows}</script>"
    world.faults(
        [
            {"path": f"^{urlsplit(grown).path}$", "body": page},
            {"host": "ticker.example", "path": "^/feed$", "edits": FIRST_FIVE},
            {"host": "intranet.example", "path": "^/story/7$", "body": shown},
            {"host": "ticker.example", "path": "^/about$", "body": shown},
            *(
                {
                    "path": f"^{urlsplit(url).path}$",
                    "edits": {"<script>": start, "<link[^>]*>": ""},
                }
                for url, start in led.items()
            ),
        ]
    )
    words = ("-s", "SPIDER_MODULES=tests.declared", "-s", "DOWNLOAD_MAXSIZE=1000000")
    result = desk.crawl("ticker", *words)
    assert result.code == 0, result.err
    failed = {lead["_id"]: lead["reason"] for lead in desk.leads() if lead["state"] == "failed"}
    assert failed == {
        grown: "too_large",
        inside: "redirected_away",
        about: "redirected_away",
    }
    stored = desk.articles("ticker")
    final = {plain: plain, renamed: "https://ticker.example/story/700700"}
    assert stored.keys() == {*final.values()}
    for url, address in final.items():
        assert stored[address]["title"] == truth[url]["title"]
        assert stored[address]["body"] == truth[url]["body"]
        assert stored[address]["published"]["at"] == datetime.fromisoformat(truth[url]["published"])
    assert any(r["path"].startswith("/api/story/") for r in world.log())

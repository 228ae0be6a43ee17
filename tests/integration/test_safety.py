"""Hostile input, and what a run must not leave behind."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from bson import DatetimeMS

from newsworld.client import Client
from settings import environment
from tests.desk import PROJECT, Desk


def test_hostile_pages_cost_only_themselves(desk: Desk, world: Client) -> None:
    """Attribute bombs, endless nesting and huge pages end as named failures; the rest is stored."""
    feed = [story["url"] for story in world.truth() if "/feed" in story["channels"]]
    paths = [url.removeprefix("https://asianlite.com") for url in feed if "asianlite" in url]
    bomb = "<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x</p>"
    world.faults(
        [
            {"path": paths[0], "body": bomb},
            {"path": paths[1], "body": "<div>" * 300_000},
            {"path": paths[2], "body": "<p>word</p>" * 1_000_000},
            {"path": paths[3], "body": "%PDF-1.7", "headers": {"Content-Type": "application/pdf"}},
        ]
    )
    words = ("-s", "SPIDER_MODULES=tests.declared", "-s", "PARSE_SECONDS=2")
    result = desk.crawl("faulty", *words)
    reasons = {lead["_id"].removeprefix("https://asianlite.com"): lead for lead in desk.leads()}
    assert reasons[paths[0]]["reason"] == "parse_timeout", result.err
    assert reasons[paths[1]]["state"] in ("failed", "skipped")
    assert reasons[paths[2]]["reason"] == "too_large"
    assert reasons[paths[3]]["reason"] == "not_html"
    assert len(desk.articles()) == 16


def test_a_crawl_listens_on_no_port(desk: Desk, world: Client) -> None:
    world.faults([{"path": "/feed", "delay": 3}])
    crawl = desk.start("scrapy", "crawl", "asianlite")
    while not world.log():
        time.sleep(0.05)
    process = psutil.Process(crawl.pid)
    family = [process, *process.children(recursive=True)]
    listening = [
        connection
        for member in family
        for connection in member.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    crawl.terminate()
    crawl.communicate(timeout=desk.patience)
    assert not listening
    assert not psutil.wait_procs(family, timeout=desk.patience)[1]


def test_secrets_and_items_stay_out_of_the_log(desk: Desk) -> None:
    """At most 300 bytes a story at INFO, beside the fixed start and end."""
    result = desk.crawl("asianlite")
    assert result.code == 0
    stored = len(desk.articles())
    assert stored >= 100
    assert len(result.err) < 10_000 + 300 * stored
    assert "fingerprint" not in result.err


def test_no_stored_date_can_break_a_listing(desk: Desk) -> None:
    """A year that Python cannot hold, put in by somebody else, is shown as the last it can."""
    assert desk.crawl("asianlite", "-a", "limit=3").code == 0
    url, _ = desk.articles().popitem()
    year_12000 = DatetimeMS(int(datetime(9999, 1, 1, tzinfo=UTC).timestamp() * 1000) * 13 // 10)
    desk.database.articles.update_one({"_id": url}, {"$set": {"published.at": year_12000}})
    for words in (("articles",), ("articles", "--json"), ("export",), ("show", url), ("status",)):
        result = desk.dateline(*words)
        assert result.code == 0, (words, result.err)


SMALL_DEMO = """
from functools import partial
from scripts import demo, main
demo.OUTLETS, demo.running = ("asianlite",), partial(demo.running, days=3)
main.main()
"""
"""The demo of one outlet, of three days."""


def test_demo_shows_everything_and_leaves_nothing(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """`make demo`'s command: two passes, an article, and no process left; small, but in a soak."""
    is_whole = request.config.getoption("soak")
    outlets, least = (("asianlite", "national_times"), 200) if is_whole else (("asianlite",), 10)
    demo = subprocess.run(
        [sys.executable, *(("-m", "scripts.main") if is_whole else ("-c", SMALL_DEMO)), "demo"],
        cwd=PROJECT,
        env=environment.child(DATELINE_DATA=str(tmp_path), COLUMNS="100"),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert demo.returncode == 0, demo.stderr
    first, second = demo.stdout.split("Second pass")
    for outlet in outlets:
        stored, fetched = _figures(first, outlet)
        assert stored == fetched > least
        assert _figures(second, outlet) == (0, 0)
    assert "Read from" in second
    left = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline"])
        if any(str(tmp_path) in word for word in process.info["cmdline"] or ())
    ]
    assert not left


def _figures(text: str, outlet: str) -> tuple[int, int]:
    """Stories stored and story pages fetched, from the table of a pass."""
    row = next(line for line in text.splitlines() if line.startswith(f"{outlet} "))
    words = row.split()
    return int(words[4]), int(words[7])

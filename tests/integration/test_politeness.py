"""What hosts ask of us, judged by the request log of the sites alone."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from crawler.errors import ExitCode
from newsworld.client import Client
from tests.desk import Desk, Document, Result

HOST = "asianlite.com"
OPEN = "User-agent: *\nDisallow: /wp-admin/\n"
DECLARED = ("-s", "SPIDER_MODULES=tests.declared")
STORIES = r"/\d{4}/.*"


def robots(body: str, **more: Any) -> Document:
    return {"host": HOST, "path": r"^/robots\.txt$", "body": body, **more}


def few(world: Client, count: int, **more: Any) -> list[Document]:
    """A rule that leaves a feed of so many stories."""
    shown = [s["url"] for s in world.truth() if "/feed" in s["channels"] and HOST in s["url"]]
    items = "".join(f"<item><title>Story</title><link>{url}</link></item>" for url in shown[:count])
    feed = f'<rss version="2.0"><channel><title>Lite</title>{items}</channel></rss>'
    return [{"host": HOST, "path": "^/feed$", "body": feed, **more}]


def asked(world: Client, path: str = "") -> list[Document]:
    return [r for r in world.log() if r["host"] == HOST and re.search(path, r["path"])]


def gaps(requests: list[Document]) -> list[float]:
    return [later["at"] - earlier["at"] for earlier, later in pairwise(requests)]


def host_of(run: Document) -> Document:
    (host,) = (host for host in run["hosts"] if host["host"] == HOST)
    return dict(host)


def crawl_two(desk: Desk, *words: str) -> list[Result]:
    """Run two outlets of the host at once."""
    with ThreadPoolExecutor(2) as both:
        return list(
            both.map(lambda name: desk.crawl(name, *DECLARED, *words), ("faulty", "narrow"))
        )


# -- Crawl-delay and the budget


def test_crawl_delay_is_kept_from_the_first_request_on(desk: Desk, world: Client) -> None:
    """Also by a second run that starts at once when the first has ended, with no robots.txt."""
    world.faults([robots(OPEN + "Crawl-delay: 0.5\n"), *few(world, 2)])
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert desk.crawl("faulty", *DECLARED).code == 0
    requests = asked(world)
    assert [r["path"] for r in requests].count("/robots.txt") == 1
    assert len(requests) == 1 + 1 + 2 + 1
    assert min(gaps(requests)) >= 0.5
    assert len(desk.articles()) == 2
    assert host_of(desk.runs()[0]) == {
        "host": HOST, "delay": 0.6, "crawl_delay": 0.5, "outcome": None, "reason": None,
        "until": None, "withheld": 0,
    }  # fmt: skip


def test_two_runs_at_once_share_one_budget(desk: Desk, world: Client) -> None:
    """Without robots.txt to say so: by the delay of our own."""
    world.faults(few(world, 3))
    results = crawl_two(desk, "-s", "DOWNLOAD_DELAY=0.8")
    assert all("Traceback" not in result.err for result in results), results
    requests = asked(world)
    assert len(requests) >= 6
    assert min(gaps(requests)) >= 0.8
    # They took turns: each was under way while the other was.
    times = [(run["started"], run["ended"]) for run in desk.runs()]
    assert max(start for start, _ in times) < min(end for _, end in times)
    assert len(desk.articles()) == 3


def test_two_runs_at_once_keep_a_crawl_delay(desk: Desk, world: Client) -> None:
    """Which both know from a copy of robots.txt."""
    world.faults(few(world, 3))
    copy = {"body": (OPEN + "Crawl-delay: 1\n").encode(), "at": datetime.now(UTC)}
    desk.database.hosts.insert_one({"_id": HOST, "robots": {"https": copy}})
    crawl_two(desk)
    requests = asked(world)
    assert len(requests) >= 4
    assert min(gaps(requests)) >= 1


def test_a_delay_without_measure_is_cut_and_told(desk: Desk, world: Client) -> None:
    world.faults([robots(OPEN + "Crawl-delay: 86400\n"), *few(world, 1)])
    run = desk.start("scrapy", "crawl", "faulty", *DECLARED)
    assert run.stderr
    assert any(
        "asks for 86400 seconds between requests; it gets 120" in line for line in run.stderr
    )
    # It waits for its turn, and stops when told to.
    run.terminate()
    run.communicate(timeout=60)
    host = host_of(desk.run("faulty"))
    assert (host["crawl_delay"], host["delay"]) == (86400, 120)
    assert [r["path"] for r in asked(world)] == ["/robots.txt"]


# -- Retry-After


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_short_rest_is_waited_for(desk: Desk, world: Client, status: int, form: str) -> None:
    feed = few(world, 3)
    # The date is of newsworld's clock, which stands still in another year.
    date = world.clock() + timedelta(seconds=2)
    told = "2" if form == "seconds" else format_datetime(date, usegmt=True)
    busy = {"host": HOST, "path": STORIES, "status": status, "times": 1,
            "headers": {"Retry-After": told}}  # fmt: skip
    world.faults([*feed, busy])
    words = (*DECLARED, "-s", "DOWNLOAD_DELAY=0.2")
    result = desk.crawl("faulty", *words)
    assert result.code == 0
    assert re.search(f"answers http_{status}: no request for [0-2] s", result.err)
    first, *others = asked(world, STORIES)
    assert first["status"] == status
    assert len(others) == 2
    assert others[0]["at"] - first["at"] >= 2
    assert desk.run("faulty")["account"]["failed"] == {f"http_{status}": 1}


def test_a_long_rest_is_kept_across_runs(desk: Desk, world: Client) -> None:
    busy = {"host": HOST, "path": STORIES, "status": 429, "headers": {"Retry-After": "3600"}}
    feed = few(world, 6)
    world.faults([*feed, {**busy, "times": 1}])
    words = (*DECLARED, "-s", "DOWNLOAD_DELAY=0.2")
    assert desk.crawl("faulty", *words).code == ExitCode.DEGRADED
    assert len(asked(world, STORIES)) == 1
    run = desk.run("faulty")
    assert run["account"]["pending"] == 5
    host = host_of(run)
    assert (host["outcome"], host["reason"], host["withheld"]) == ("retry_later", "http_429", 5)
    left = host["until"] - datetime.now(UTC)
    assert timedelta(minutes=59) < left < timedelta(minutes=61)
    assert "asked later, from" in run["reason"]
    # Another run, in another process, asks for nothing at all, and says why.
    world.clear_log()
    assert desk.crawl("faulty", *words).code == ExitCode.NETWORK
    assert asked(world) == []
    assert desk.run("faulty")["sources"][0]["reason"] == "retry_later"
    assert "http_429" in desk.run("faulty")["reason"]


def test_what_is_left_of_a_rest_is_waited_for(desk: Desk, world: Client) -> None:
    feed = few(world, 3)
    soon = datetime.now(UTC) + timedelta(seconds=3)
    desk.database.hosts.insert_one({"_id": HOST, "not_before": soon, "reason": "http_429"})
    at = time.monotonic() + (soon - datetime.now(UTC)).total_seconds()
    world.faults(feed)
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert min(r["at"] for r in asked(world)) >= at - 0.01
    assert len(desk.articles()) == 3


def test_a_run_learns_of_a_rest_that_another_run_was_asked_for(desk: Desk, world: Client) -> None:
    world.faults([robots(OPEN + "Crawl-delay: 0.5\n"), *few(world, 12)])
    with ThreadPoolExecutor(1) as aside:
        run = aside.submit(desk.crawl, "faulty", *DECLARED)
        while len(asked(world, STORIES)) < 2:
            assert not run.done()
            time.sleep(0.05)
        later = datetime.now(UTC) + timedelta(hours=1)
        told = {"not_before": later, "reason": "http_503"}
        desk.database.hosts.update_one({"_id": HOST}, {"$set": told})
        before = len(asked(world, STORIES))
    assert len(asked(world, STORIES)) <= before + 1
    host = host_of(desk.run("faulty"))
    assert (host["outcome"], host["reason"]) == ("retry_later", "http_503")
    assert desk.run("faulty")["account"]["pending"] >= 12 - (before + 1)


def test_two_runs_at_once_keep_a_rest_that_one_was_asked_for(desk: Desk, world: Client) -> None:
    busy = {"host": HOST, "path": STORIES, "status": 503, "headers": {"Retry-After": "2"}}
    world.faults([*few(world, 3), {**busy, "times": 1}])
    crawl_two(desk, "-s", "DOWNLOAD_DELAY=0.8")
    requests = asked(world)
    (told,) = (number for number, request in enumerate(requests) if request["status"] == 503)
    assert min(gaps(requests)) >= 0.8
    assert requests[told + 1]["at"] - requests[told]["at"] >= 2
    assert len(requests) >= 6


def test_a_host_that_does_not_say_for_how_long_gets_a_pause_that_doubles(
    desk: Desk, world: Client
) -> None:
    world.faults([robots("", status=503)])
    for expected in (timedelta(seconds=10), timedelta(seconds=20)):
        begun = datetime.now(UTC) - timedelta(milliseconds=1)  # the database counts whole ones
        assert desk.crawl("faulty", *DECLARED).code == ExitCode.NETWORK
        host = desk.database.hosts.find_one({"_id": HOST})
        assert begun + expected <= host["not_before"] <= datetime.now(UTC) + expected
        past = datetime.now(UTC)
        desk.database.hosts.update_one({"_id": HOST}, {"$set": {"not_before": past}})
    assert desk.run("faulty")["outcome"] == "failed"
    assert "robots_http_503" in desk.run("faulty")["reason"]
    world.faults(few(world, 1))
    assert desk.crawl("faulty", *DECLARED).code == 0
    assert desk.database.hosts.find_one({"_id": HOST})["pauses"] == 0


# -- Stay away


@pytest.mark.parametrize("status", [401, 403, 451])
def test_refusals_in_a_row_end_the_asking(desk: Desk, world: Client, status: int) -> None:
    world.faults([{"host": HOST, "path": STORIES, "status": status}])
    words = (*DECLARED, "-s", "DOWNLOAD_DELAY=0.2")
    assert desk.crawl("faulty", *words).code == ExitCode.DEGRADED
    assert len(asked(world, STORIES)) == 5
    run = desk.run("faulty")
    assert run["account"]["failed"] == {f"http_{status}": 5}
    assert run["account"]["pending"] == 15
    host = host_of(run)
    assert (host["outcome"], host["reason"]) == ("stay_away", f"http_{status}")
    assert "asks us to stay away" in run["reason"]


def test_a_site_that_forbids_everything_is_left_alone(desk: Desk, world: Client) -> None:
    """What was sighted before stays pending: it may think otherwise tomorrow."""
    assert desk.crawl("faulty", *DECLARED, "-s", "CLOSESPIDER_PAGECOUNT=3").code in (0, 6)
    left = {lead["_id"] for lead in desk.leads() if lead["state"] == "pending"}
    assert left
    desk.database.hosts.delete_many({})
    world.clear_log()
    world.faults([robots("User-agent: Dateline\nDisallow: /\n")])
    assert desk.crawl("faulty", *DECLARED).code == ExitCode.FAILED
    assert [r["path"] for r in asked(world)] == ["/robots.txt"]
    assert left == {lead["_id"] for lead in desk.leads() if lead["state"] == "pending"}
    run = desk.run("faulty")
    assert host_of(run)["outcome"] == "stay_away"
    assert "stay away (robots_disallowed)" in run["reason"]


# -- robots.txt between runs


FORBID = b"User-agent: *\nDisallow: /\n"
DROPPED = [robots("", close=True)]


@pytest.mark.parametrize(
    ("hours", "body", "faults", "code", "asked_for"),
    [
        (23, FORBID, [], ExitCode.FAILED, []),
        (23, b"", DROPPED, ExitCode.OK, ["/feed"]),
        (25, FORBID, [], ExitCode.OK, ["/robots.txt", "/feed"]),
        # Out of reach: an old copy serves for a month, and no longer.
        (25, b"", DROPPED, ExitCode.OK, ["/robots.txt", "/feed"]),
        (31 * 24, b"", DROPPED, ExitCode.NETWORK, ["/robots.txt"]),
    ],
    ids=("fresh", "fresh_and_unreachable", "old", "old_and_unreachable", "too_old"),
)
def test_robots_txt_is_read_once_a_day(
    desk: Desk,
    world: Client,
    hours: int,
    body: bytes,
    faults: list[Document],
    code: ExitCode,
    asked_for: list[str],
) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=hours)
    copy = {"body": body, "at": at}
    desk.database.hosts.insert_one({"_id": HOST, "robots": {"https": copy}})
    world.faults([*faults, *few(world, 1)])
    assert desk.crawl("faulty", *DECLARED).code == code
    paths = [r["path"] for r in asked(world)]
    assert list(dict.fromkeys(paths))[: len(asked_for)] == asked_for
    assert bool(asked(world, STORIES)) == (code == ExitCode.OK)
    now = desk.database.hosts.find_one({"_id": HOST})["robots"]["https"]
    assert (now["at"] != at) == ("/robots.txt" in paths and not faults)

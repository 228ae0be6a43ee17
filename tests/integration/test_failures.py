"""Every way for a run to fail has its exit code and its run document; none ends green."""

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from crawler.errors import ExitCode
from crawler.mongod import embedded
from newsworld.client import Client
from tests.desk import Desk
from tests.integration.test_politeness import few

CLOSED = "http://127.0.0.1:9"
"""Nobody listens on the discard port."""
STORIES = r"/\d{4}/.*"
ALL = r"/(?!robots\.txt).*"


@dataclass
class Case:
    """One way to fail."""

    name: str
    exit: ExitCode
    reason: str
    """Part of the run document's reason."""
    outcome: str = "failed"
    outlet: str = "faulty"
    settings: tuple[str, ...] = ()
    faults: list[dict[str, Any]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


CASES = [
    Case(
        "refused",
        ExitCode.NETWORK,
        "connection_refused",
        environment={"DATELINE_GATEWAY": CLOSED},
    ),
    Case("dns", ExitCode.NETWORK, "dns", outlet="nowhere", environment={"DATELINE_GATEWAY": ""}),
    Case(
        "private_address",
        ExitCode.FAILED,
        "private_address",
        outlet="inward",
        environment={"DATELINE_GATEWAY": ""},
    ),
    Case("not_found", ExitCode.NETWORK, "http_404", faults=[{"path": ALL, "status": 404}]),
    Case("server_error", ExitCode.NETWORK, "http_500", faults=[{"path": ALL, "status": 500}]),
    Case("stories_gone", ExitCode.NETWORK, "6 http_404", faults=[{"path": STORIES, "status": 404}]),
    Case(
        "stories_dropped",
        ExitCode.NETWORK,
        "6 connection_lost",
        faults=[{"path": STORIES, "close": True}],
    ),
    Case(
        "feed_is_a_page", ExitCode.FAILED, "not_a_feed", faults=[{"path": "/feed", "body": "<p>Hi"}]
    ),
    Case(
        "no_articles",
        ExitCode.FAILED,
        "no_body",
        faults=[{"path": STORIES, "body": "<html></html>"}],
    ),
    Case("every_callback_raises", ExitCode.FAILED, "callback_LookupError", outlet="raising"),
    Case(
        "error_limit",
        ExitCode.FAILED,
        "limit on errors",
        outlet="raising",
        settings=("CLOSESPIDER_ERRORCOUNT=3",),
    ),
    Case(
        "memory_limit",
        ExitCode.FAILED,
        "memory limit",
        settings=("MEMUSAGE_LIMIT_MB=1", "MEMUSAGE_CHECK_INTERVAL_SECONDS=0.2"),
        faults=[{"path": "/feed", "delay": 1.5}],
    ),
    Case("selector", ExitCode.FAILED, "No source shows a single story", outlet="blind"),
    Case(
        "robots",
        ExitCode.FAILED,
        "robots_disallowed",
        faults=[{"path": "/robots.txt", "body": "User-agent: *\nDisallow: /\n"}],
    ),
    Case(
        "robots_unreachable",
        ExitCode.NETWORK,
        "robots_http_503",
        faults=[{"path": "/robots.txt", "status": 503}],
    ),
    Case(
        "clock_slow",
        ExitCode.FAILED,
        "set it by NTP",
        faults=[{"path": ALL, "headers": {"Date": "Fri, 01 Jan 2055 08:00:00 GMT"}}],
    ),
    Case(
        "time_limit",
        ExitCode.FAILED,
        "time limit",
        settings=("CLOSESPIDER_TIMEOUT=0.5",),
        faults=[{"path": "/feed", "delay": 1.5}],
    ),
    Case(
        "some_stories_fail",
        ExitCode.DEGRADED,
        "http_500",
        outcome="degraded",
        faults=[{"path": STORIES, "status": 500, "times": 5}],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_failure_is_named_and_exits_nonzero(case: Case, desk: Desk, world: Client) -> None:
    desk.server = None  # an exit code is proved by a fresh process
    world.faults([*case.faults, *few(world, 6)])
    words = ["-s", "SPIDER_MODULES=tests.declared"]
    words += [word for setting in case.settings for word in ("-s", setting)]
    result = desk.crawl(case.outlet, *words, **case.environment)
    assert result.code == case.exit, result.err
    run = desk.run(case.outlet)
    assert run["outcome"] == case.outcome
    assert case.reason in run["reason"]
    assert "Traceback" not in result.err or case.outlet == "raising"


def test_store_down_at_the_start(desk: Desk, world: Client) -> None:
    """No site is asked for anything, and the sentence hides the password.

    Nobody waits, but for a moment: a command that takes `Desk.patience` fails the test.
    """
    uri = "mongodb://reader:hunter2@127.0.0.1:9/"
    for run in (desk.crawl, desk.dateline):
        world.clear_log()
        words = ("collect", "asianlite") if run == desk.dateline else ("asianlite",)
        result = run(*words, MONGODB_URI=uri)
        assert result.code == ExitCode.STORE
        assert "MongoDB at 127.0.0.1:9 cannot be used" in result.err
        assert "hunter2" not in result.err + result.out
        assert world.log() == []
    assert len(result.err.strip().splitlines()) == 1


def test_a_run_that_cannot_begin_asks_for_nothing(desk: Desk, world: Client) -> None:
    """Whatever it is: Scrapy would go on without a run, without turns and without an account."""
    result = desk.crawl("asianlite", "-s", "LEASE_SECONDS=soon")
    assert result.code == ExitCode.FAILED
    assert "The run could not begin (ValueError" in result.err
    assert "please report it" in result.err
    assert world.log() == []


def test_a_crawl_that_dies_before_its_run_begins_is_a_failed_run(
    desk: Desk, tmp_path: Path
) -> None:
    """Its fire is no longer due, and alerts and probes look at runs alone."""
    own = 'from settings.test import *\nITEM_PIPELINES = {"pipelines.gone.Gone": 1}\n'
    (tmp_path / "broken_settings.py").write_text(own)
    env = {"PYTHONPATH": str(tmp_path), "SCRAPY_SETTINGS_MODULE": "broken_settings"}
    result = desk.dateline("collect", "--due", "asianlite", **env)
    assert result.code == ExitCode.FAILED
    (run,) = desk.runs()
    assert (run["outlet"], run["outcome"]) == ("asianlite", "failed")
    assert "Its log is" in run["reason"]
    assert run["started"] < run["ended"]
    (problem,) = desk.dateline("health").json()["problems"]
    assert problem["problem"] == "failed"
    for command in ("runs", "status"):
        assert desk.dateline(command, "asianlite").code == 0


@pytest.mark.parametrize("uri", ["nonsense", "mongodb://", "mongodb://a:b:c@host/"])
def test_malformed_uri(uri: str, desk: Desk) -> None:
    result = desk.dateline("collect", "asianlite", MONGODB_URI=uri)
    assert result.code == ExitCode.CONFIGURATION
    assert result.err.startswith("dateline: MONGODB_URI")
    assert len(result.err.strip().splitlines()) == 1


def test_store_lost_in_mid_run(desk: Desk, world: Client, tmp_path: Path) -> None:
    """The run ends with the store's code; the next one stores everything, once."""
    data = tmp_path / "own"
    environment = {"MONGODB_URI": "", "DATELINE_DATA": str(data)}
    embedded.start(data)
    try:
        # Some stories are there at once; those that follow come after the server has gone.
        world.faults([{"path": STORIES, "times": 8}, {"path": STORIES, "delay": 3}])
        words = ("-a", "since=2024-11-28", "-s", "STORE_PATIENCE=1")
        crawl = desk.start("scrapy", "crawl", "asianlite", *words, group=False, **environment)
        _wait_for(lambda: sum(_is_story(r) for r in world.log()) > 8)
        pid = embedded.status(data).pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        _, err = crawl.communicate(timeout=60)
        assert crawl.returncode == ExitCode.STORE, err
        world.faults([])
        again = desk.dateline("collect", "asianlite", "--since", "2024-11-28", **environment)
        assert again.code == ExitCode.OK, again.err
        exported = desk.dateline("export", **environment).out.splitlines()
        stories = [s for s in world.truth() if s["outlet"] == "asianlite"]
        assert len(exported) == sum(s["published"] >= "2024-11-28" for s in stories)
    finally:
        embedded.stop(data)


def test_killed_crawl_is_told_by_collect(desk: Desk, world: Client) -> None:
    """`dateline collect` outlives its crawl, names its end, and exits non-zero."""
    world.faults([{"path": "/feed", "delay": 20}])
    collect = desk.start("scripts.main", "collect", "asianlite", "--json")
    _wait_for(lambda: desk.run("asianlite").get("outcome") == "running")
    os.kill(desk.run("asianlite")["process"]["pid"], signal.SIGKILL)
    collect.communicate(timeout=30)
    assert collect.returncode == ExitCode.FAILED
    assert desk.run("asianlite")["outcome"] == "killed"


def test_killed_collect_takes_its_crawl_along(desk: Desk, world: Client) -> None:
    world.faults([{"path": "/feed", "delay": 20}])
    collect = desk.start("scripts.main", "collect", "asianlite")
    _wait_for(lambda: desk.run("asianlite").get("outcome") == "running")
    crawl = psutil.Process(desk.run("asianlite")["process"]["pid"])
    collect.kill()
    collect.communicate(timeout=30)
    crawl.wait(timeout=10)


def test_told_to_stop(desk: Desk, world: Client) -> None:
    """SIGTERM drains: what was in hand is stored or pending, and the code says degraded."""
    world.faults([{"path": STORIES, "delay": 0.2}])
    crawl = desk.start("scrapy", "crawl", "asianlite")
    _wait_for(lambda: len(desk.articles()) > 8)
    crawl.terminate()
    _, err = crawl.communicate(timeout=20)
    assert crawl.returncode == ExitCode.DEGRADED, err
    desk.check_accounts()
    assert desk.run("asianlite")["account"]["pending"] > 0


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("collect",), ExitCode.CONFIGURATION, "Name the outlets"),
        (("collect", "asianlight"), ExitCode.CONFIGURATION, "did you mean asianlite?"),
        (
            ("collect", "asianlite", "--since", "soon"),
            ExitCode.CONFIGURATION,
            "--since soon is not a date",
        ),
        (("show", "https://asianlite.com/none"), ExitCode.FAILED, "No article is stored"),
        (("show", "none"), ExitCode.FAILED, "is not a web address"),
        (("articles", "--outlet", "x"), ExitCode.CONFIGURATION, "There is no outlet x"),
        (("export", "--format", "xml"), ExitCode.USAGE, "xml"),
    ],
)
def test_wrong_words(words: tuple[str, ...], code: ExitCode, sentence: str, desk: Desk) -> None:
    result = desk.dateline(*words)
    assert result.code == code
    assert sentence in result.err


def test_wrong_spider_argument(desk: Desk) -> None:
    result = desk.crawl("asianlite", "-a", "since=soon")
    assert result.code == ExitCode.USAGE
    assert "since=soon is not a date" in result.out + result.err


def _wait_for(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def _is_story(request: dict[str, Any]) -> bool:
    return bool(request["path"].startswith("/2024/"))

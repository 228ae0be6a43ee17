"""What Prometheus scrapes and what probes are told, of runs of newsworld."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.monitor.metrics import GAUGES
from newsworld.client import Client
from tests.desk import Desk

NOWHERE = {"MONGODB_URI": "mongodb://127.0.0.1:9"}
Samples = dict[tuple[str, ...], float]


def read(text: str) -> dict[str, Samples]:
    """Values by the name and the values of the labels, the outlet first, as Prometheus reads it."""
    found: dict[str, Samples] = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            names = sorted(sample.labels, key=lambda name: name != "outlet")
            labels = tuple(sample.labels[name] for name in names)
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


@contextmanager
def served(desk: Desk, **environment: str) -> Iterator[str]:
    """The address at which metrics are served."""
    process = desk.start("scripts.main", "metrics", "--port", "0", group=False, **environment)
    assert process.stderr
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/metrics", process.stderr.readline())
        assert address
        yield address[0]
    finally:
        process.terminate()
        process.communicate(timeout=desk.patience)


def scrape(address: str) -> str:
    with build_opener(ProxyHandler({})).open(address, timeout=30) as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        return str(response.read().decode())


def test_metrics_are_those_of_the_runs(desk: Desk, world: Client) -> None:
    world.faults([{"path": "^/feed$", "status": 500}])
    assert desk.dateline("collect", "asianlite").code == 6
    desk.database.leads.update_one({}, {"$set": {"state": "failed"}})
    run = desk.run("asianlite")
    estimate = {"share": 0.97, "error": 0.005}
    desk.database.runs.update_one({"_id": run["_id"]}, {"$set": {"completeness": estimate}})
    url = next(iter(desk.articles()))
    desk.database.articles.update_one({"_id": url}, {"$set": {"delay": 90.0}})

    result = desk.dateline("metrics")
    assert result.code == 0
    found = read(result.out)
    own, outcome = ("asianlite",), found["dateline_last_run_outcome"]
    assert found.keys() == {f"dateline_{gauge.name}" for gauge in GAUGES} | {
        "dateline_mongodb_up", "dateline_waiting_writes"
    }  # fmt: skip
    assert outcome["asianlite", "degraded"] == 1
    assert outcome["asianlite", "healthy"] == 0
    assert ("national_times", "healthy") not in outcome  # it never ran
    took = (run["ended"] - run["started"]).total_seconds()
    for name, value in {
        "last_run_timestamp_seconds": run["started"].timestamp(),
        "last_run_duration_seconds": took,
        "last_run_requests": run["requests"],
        "last_run_stored": run["account"]["stored"],
        "articles": len(desk.articles()),
        "articles_today": len(desk.articles()),
        "completeness_ratio": 0.97,
        "completeness_error_ratio": 0.005,
        "freshness_stories": 1,
        "overdue": 0,
    }.items():
        assert found[f"dateline_{name}"][own] == pytest.approx(value), name
    age = (datetime.now(UTC) - run["started"]).total_seconds()
    assert 0 <= found["dateline_last_run_age_seconds"][own] <= age
    assert found["dateline_leads"]["asianlite", "failed"] == 1
    assert found["dateline_leads"]["asianlite", "stored"] == len(desk.articles()) - 1
    assert found["dateline_freshness_seconds"]["asianlite", "0.95"] == 90
    assert found["dateline_mongodb_up"] == {(): 1}
    assert found["dateline_waiting_writes"] == {(): 0}

    with served(desk) as address:
        scraped = read(scrape(address))
        assert scraped.keys() == found.keys()
        assert scraped["dateline_articles"] == found["dateline_articles"]
        desk.database.articles.delete_one({"_id": url})
        again = read(scrape(address))["dateline_articles"]
        assert again[own] == found["dateline_articles"][own] - 1


PAPER = """
from spiders.asianlite import AsianLite
class Paper(AsianLite):
    name = "{}"
"""


def test_outlets_are_served_as_they_are_now(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("__init__", "first"):
        (folder / f"{name}.py").write_text(PAPER.format("first") if name == "first" else "")
    own = 'from settings.test import *\nSPIDER_MODULES = ["papers"]\n'
    (tmp_path / "paper_settings.py").write_text(own)
    env = {"PYTHONPATH": str(tmp_path), "SCRAPY_SETTINGS_MODULE": "paper_settings"}
    with served(desk, **env) as address:
        assert read(scrape(address))["dateline_articles"].keys() == {("first",)}
        (folder / "second.py").write_text(PAPER.format("second"))
        (folder / "first.py").unlink()
        assert read(scrape(address))["dateline_articles"].keys() == {("second",)}


def test_without_mongodb_that_is_the_one_thing_told(desk: Desk) -> None:
    with served(desk, **NOWHERE) as address:
        assert read(scrape(address)) == {
            "dateline_mongodb_up": {(): 0},
            "dateline_waiting_writes": {(): 0},
        }
    failed = desk.dateline("metrics", **NOWHERE)
    assert (failed.code, failed.out) == (4, "")
    assert "cannot be used" in failed.err


def probe(desk: Desk, code: int, **environment: str) -> dict[str, Any]:
    result = desk.dateline("health", **environment)
    assert result.code == code, result.out
    told: dict[str, Any] = json.loads(result.out)
    assert told["healthy"] == (code == 0)
    assert datetime.fromisoformat(told["at"]).utcoffset() == timedelta(0)
    return told


def test_a_probe_is_told_what_is_wrong(desk: Desk) -> None:
    assert probe(desk, 0)["problems"] == []  # nothing was collected, so nothing is overdue
    assert desk.dateline("collect", "asianlite", "--limit", "5").code == 0
    well = probe(desk, 0)
    assert well["outlets"]["asianlite"]["outcome"] == "healthy"
    assert well["outlets"]["national_times"]["outcome"] is None

    run = {"outcome": "failed", "reason": "No source could be read: feed:/feed (dns)."}
    desk.database.runs.update_one({"outlet": "asianlite"}, {"$set": run})
    (problem,) = probe(desk, 1)["problems"]
    assert problem == {
        "outlet": "asianlite",
        "problem": "failed",
        "sentence": f"The last run of asianlite failed: {run['reason']}",
    }
    long_ago = {"outcome": "healthy", "started": datetime.now(UTC) - timedelta(hours=5)}
    desk.database.runs.update_one({"outlet": "asianlite"}, {"$set": long_ago})
    (problem,) = probe(desk, 1)["problems"]
    assert problem["problem"] == "overdue"
    assert "missed twice" in problem["sentence"]
    (problem,) = probe(desk, 1, **NOWHERE)["problems"]
    assert problem["problem"] == "mongodb"
    assert "127.0.0.1:9" in problem["sentence"]

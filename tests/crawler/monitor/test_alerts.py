"""What is wrong, told once, and once when it is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.monitor.alerts import MAX_SILENCE, Alert, find_alerts, messages, unreadable_files

NOW = datetime(2024, 11, 30, 8, 0, tzinfo=UTC)


def row(outlet: str = "news", **changes: Any) -> dict[str, Any]:
    run = {"outcome": "healthy", "reason": "All sources were read."}
    plain = {"outlet": outlet, "ended_run": run, "overdue": False, "next_due": NOW}
    return plain | {"freshness": None, "completeness": None} | changes


def causes(*rows: dict[str, Any], last_beat: datetime | None = NOW, **bounds: Any) -> list[str]:
    return [alert.key for alert in find_alerts(rows, NOW, last_beat=last_beat, **bounds)]


def test_where_all_is_well_nobody_is_told() -> None:
    fine = row(freshness={"p95": 60}, completeness={"share": 0.99})
    assert causes(fine, row(ended_run=None), max_delay=timedelta(minutes=10), min_share=0.9) == []


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"overdue": True}, "no_run"),
        ({"overdue": True, "ended_run": None}, "no_run"),
        ({"ended_run": {"outcome": "failed", "reason": "Why."}}, "failed"),
        ({"ended_run": {"outcome": "killed", "reason": "Why."}}, "killed"),
        ({"ended_run": {"outcome": "degraded", "reason": "Why.", "cause": "x"}}, "x"),
        ({"undeclared": True, "overdue": True}, "undeclared"),
        ({"freshness": {"p95": 601}}, "late"),
        ({"completeness": {"share": 0.89}}, "incomplete"),
    ],
)
def test_each_alert_has_its_cause(changes: dict[str, Any], cause: str) -> None:
    max_delay = timedelta(minutes=10)
    assert causes(row(**changes), max_delay=max_delay, min_share=0.9) == [f"{cause}/news"]


def test_without_bounds_nobody_is_told_of_them() -> None:
    assert causes(row(freshness={"p95": 1e6}, completeness={"share": 0.1})) == []


def test_a_scheduler_that_is_gone() -> None:
    assert causes(last_beat=NOW - MAX_SILENCE) == []
    assert causes(last_beat=NOW - MAX_SILENCE - timedelta(seconds=1)) == ["scheduler/"]
    assert causes(last_beat=None) == []


def test_a_file_that_cannot_be_read_is_told_of_by_its_name() -> None:
    told = "spiders/news.py cannot be read (line 3): invalid syntax."
    assert unreadable_files([told]) == [Alert("unreadable", "news", told)]


def test_forty_outlets_with_one_cause_make_one_message() -> None:
    same = [Alert("site_down", f"outlet_{number}", "It is down.") for number in range(40)]
    (message,) = messages(same, [])
    assert message.title == "Dateline: site down: 40 outlets"
    assert message.body.startswith("outlet_0: It is down.\noutlet_1: It is down.\n")
    assert all(alert.outlet in message.body for alert in same)
    assert len(message.body.splitlines()) < 12


def test_what_begins_and_what_ends_is_told_apart() -> None:
    began = [Alert("blocked", "a", "It refuses us."), Alert("scheduler", "", "Nobody looks.")]
    told = messages(began, [Alert("blocked", "b", "It refused us.")])
    assert [(message.title, message.body) for message in told] == [
        ("Dateline: blocked: a", "a: It refuses us."),
        ("Dateline: scheduler", "Nobody looks."),
        ("Dateline: over: blocked: b", "b: It refused us."),
    ]

"""The files for cron, systemd and Kubernetes: accepted by their parsers, with our fire times."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from cronsim import CronSim

from crawler.schedule.planning import ScheduleRule, ScheduleState, plan
from scripts.schedule import EVERY_FIVE_MINUTES, FILES, ScheduleFormat, calendar, cron_line, times
from tests.desk import Desk

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/London", "America/New_York", "Asia/Karachi", "Australia/Lord_Howe", "America/Santiago",
)  # fmt: skip
SCHEDULES = ("30 1 * * *", "0,30 2 * * 0", "15 6-22/4 * * 1-5", "50 23 1 * *", "10 */3 * * *")
RULES = [
    ScheduleRule(outlet=f"outlet_{n}", schedule=schedule, timezone=zone)
    for n, (schedule, zone) in enumerate((s, z) for s in SCHEDULES for z in ZONES)
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All rules in a soak; else each schedule and each zone once."""
    if "rule" in metafunc.fixturenames:
        rules = RULES if metafunc.config.getoption("soak") else RULES[::6]
        metafunc.parametrize("rule", rules, ids=lambda r: f"{r.schedule} {r.timezone}")


def of_cron(lines: Iterable[str]) -> list[datetime]:
    """A year of what crontab(5) makes of lines in UTC."""
    fires: set[datetime] = set()
    for line in lines:
        cron = CronSim(line, START - MINUTE)
        fires.update(takewhile(lambda fire: fire < END, cron))
    return sorted(fires)


def of_systemd(lines: Iterable[str]) -> list[datetime]:
    """A year of what systemd itself makes of lines."""
    fires: set[datetime] = set()
    for line in lines:
        told = subprocess.run(
            [
                *("systemd-analyze", "calendar", "--iterations=20000"),
                *(f"--base-time={START - MINUTE:%Y-%m-%d %H:%M:%S} UTC", line),
            ],
            env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        found = re.findall(r"(?:Next elapse|Iteration #\d+|Iter\. #\d+): \w{3} (\S+ \S+) UTC", told)
        fires.update(datetime.fromisoformat(at).replace(tzinfo=UTC) for at in found)
    return sorted(fire for fire in fires if fire < END)


def runs(rule: ScheduleRule, ticks: list[datetime]) -> list[datetime]:
    """The fires that ``--due`` runs for, if it is started at these times."""
    known = ScheduleState(schedule=rule.schedule, handled=START, next=START)
    fires = []
    for now in ticks:
        if found := plan(rule, known, now + timedelta(seconds=2)):
            assert found.fire == now, "at its minute"
            fires.append(found.fire)
            known = ScheduleState(schedule=rule.schedule, handled=found.handled, next=found.next)
    return fires


def declared(rule: ScheduleRule) -> list[datetime]:
    return list(takewhile(lambda fire: fire < END, rule.fires(START)))


def test_a_year_of_a_crontab_or_of_cronjobs_is_a_year_of_ours(rule: ScheduleRule) -> None:
    ticks = of_cron(map(cron_line, times(rule, START)))
    assert runs(rule, ticks) == declared(rule)
    assert len(ticks) <= max(4 * len(declared(rule)), 3 * 366)


needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


@needs_systemd
def test_a_year_of_systemd_timers_is_a_year_of_ours(rule: ScheduleRule) -> None:
    found = times(rule, START)
    ticks = of_systemd(map(calendar, found))
    assert ticks == of_cron(map(cron_line, found))
    assert runs(rule, ticks) == declared(rule)


def test_one_line_for_all_meets_every_fire_within_five_minutes(rule: ScheduleRule) -> None:
    known = ScheduleState(schedule=rule.schedule, handled=START, next=START)
    fires = []
    for number in range((END - START) // (5 * MINUTE) + 1):
        now = START + number * 5 * MINUTE
        if found := plan(rule, known, now):
            assert found.fire
            assert now - found.fire < 5 * MINUTE
            assert not found.skipped
            fires.append(found.fire)
            known = ScheduleState(schedule=rule.schedule, handled=found.handled, next=found.next)
    assert fires == declared(rule)


def test_adaptive_and_dense_schedules() -> None:
    assert times(ScheduleRule(outlet="a", schedule="adaptive 10m-6h"), START) == [
        EVERY_FIVE_MINUTES
    ]
    dense = ScheduleRule(outlet="a", schedule="*/5 * * * *", timezone="America/New_York")
    assert times(dense, START) == [EVERY_FIVE_MINUTES]
    assert cron_line(EVERY_FIVE_MINUTES) == "*/5 * * * *"


FORMS = pytest.mark.parametrize("rules", [None, RULES], ids=["all", "each"])


@FORMS
def test_crontab_is_accepted(rules: list[ScheduleRule] | None) -> None:
    (text,) = FILES[ScheduleFormat.CRONTAB](rules).values()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    jobs = [line for line in lines if not re.fullmatch(r"\w+=\S+", line)]
    for line in jobs:
        *fields, command = line.split(maxsplit=5)
        CronSim(" ".join(fields), START)
        assert re.fullmatch(r"/\S+/dateline collect --due( \w+)? > /dev/null", command)
    assert {line.split("--due ")[1].split()[0] for line in jobs} >= (
        {rule.outlet for rule in rules} if rules else {">"}
    )
    assert ("CRON_TZ=UTC" in lines) is bool(rules)


@needs_systemd
@FORMS
def test_units_are_accepted_by_systemd(rules: list[ScheduleRule] | None, tmp_path: Path) -> None:
    for name, text in FILES[ScheduleFormat.SYSTEMD](rules).items():
        (tmp_path / name).write_text(text)
    timers = sorted(map(str, tmp_path.glob("*.timer")))
    assert len(timers) == (len(rules) if rules else 1)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", *timers,
         *map(str, tmp_path.glob("*[!@].service"))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")


@FORMS
def test_manifests_follow_kubernetes_schema(rules: list[ScheduleRule] | None) -> None:
    (text,) = FILES[ScheduleFormat.KUBERNETES](rules).values()
    jobs: list[dict[str, Any]] = list(yaml.safe_load_all(text))
    for job in jobs:
        kubernetes_validate.validate(job, "1.30", strict=True)
        assert (job["spec"]["timeZone"], job["spec"]["concurrencyPolicy"]) == ("Etc/UTC", "Forbid")
        assert len(job["metadata"]["name"]) <= 52  # what CronJobs are limited to
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", job["metadata"]["name"])
    assert len({job["metadata"]["name"] for job in jobs}) == len(jobs)
    broken = {**jobs[0], "spec": {**jobs[0]["spec"], "timezone": "Mars"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.30", strict=True)


def test_files_are_written_where_they_are_wanted(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "units"
    words = ("schedule", "--format", "systemd", "--each", "--output", str(folder))
    assert desk.dateline(*words).code == 0
    names = {path.name for path in folder.iterdir()}
    assert "dateline@.service" in names
    assert {"dateline@asianlite.timer", "dateline@national_times.timer"} <= names

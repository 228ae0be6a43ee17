"""``dateline schedule``: when outlets are due; and files for cron, systemd or Kubernetes."""

import asyncio
import shlex
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from getpass import getuser
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import typer

from crawler.schedule.planning import DAY, ScheduleRule
from crawler.schedule.schedule_store import ScheduleStore
from scripts.output import notes, print_json, print_table
from scripts.project import declared_outlets, open_database
from settings import environment


class ScheduleFormat(StrEnum):
    """Formats in which schedules can be printed."""

    JSON = "json"
    CRONTAB = "crontab"
    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"


def schedule(
    form: Annotated[
        ScheduleFormat | None, typer.Option("--format", help="Print files of this kind.")
    ] = None,
    each: Annotated[
        bool, typer.Option("--each", help="Print a line for each outlet, not one for all of them.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the files into this folder.", file_okay=False)
    ] = None,
) -> None:
    """Show when each outlet is due and what was skipped, or print files for cron and others.

    One line is enough: every five minutes, `dateline collect --due` runs what is due. With --each,
    every outlet has a line of its own, at its own times, in UTC.
    """
    declared = declared_outlets()
    rules = list(declared.rules.values())
    for sentence in declared.unreadable:
        notes.fail(sentence)
    if form is None:
        asyncio.run(_show(rules))
    elif form is ScheduleFormat.JSON:
        print_json({"rules": [asdict(one) for one in rules], "broken": declared.unreadable})
    else:
        files = FILES[form](rules if each else None)
        if output:
            output.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            if output:
                (output / name).write_text(text)
            else:
                sys.stdout.write(f"# {name}\n{text}" if len(files) > 1 else text)


async def _show(rules: list[ScheduleRule]) -> None:
    rows = []
    async with open_database() as database:
        for rule in rules:
            state = await ScheduleStore(database).get(rule.outlet)
            skipped = " ".join(f"{n} {why}" for why, n in state.get("skipped", {}).items())
            instants = (state.get("fire"), state.get("next"))
            last, following = (f"{at:%m-%d %H:%M}" if at else "" for at in instants)
            met = state.get("met", 0)
            rows.append((rule.outlet, rule.schedule, rule.timezone, last, following, met, skipped))
    words = ("outlet", "schedule", "zone", "last (UTC)", "next (UTC)")
    print_table(rows, words, ("met", "skipped"))


# -- Times in UTC


class WeeklyTimes(NamedTuple):
    """Minutes of hours of days of the week (0 is Monday), in UTC."""

    days: tuple[int, ...]
    hours: tuple[int, ...]
    minutes: tuple[int, ...]


EVERY_FIVE_MINUTES = WeeklyTimes(tuple(range(7)), tuple(range(24)), tuple(range(0, 60, 5)))
"""When `--due` runs."""


def times(one: ScheduleRule, now: datetime) -> list[WeeklyTimes]:
    """Return times in UTC that include every fire of a schedule, whatever the clocks do.

    At the others, ``--due`` finds nothing to do. They hold until a zone's rules change.
    """
    if one.bounds:
        return [EVERY_FIVE_MINUTES]
    minutes: dict[tuple[int, int], set[int]] = defaultdict(set)
    for fire in _sample(one, now):
        minutes[fire.weekday(), fire.hour].add(fire.minute)
    hours: dict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    for (day, hour), found in sorted(minutes.items()):
        hours[day, tuple(sorted(found))].append(hour)
    days: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = defaultdict(list)
    for (day, of_hour), of_day in sorted(hours.items()):
        days[tuple(of_day), of_hour].append(day)
    return [WeeklyTimes(tuple(of_week), *rest) for rest, of_week in sorted(days.items())]


def _sample(one: ScheduleRule, now: datetime) -> Iterator[datetime]:
    """Yield enough fires to know all: of a weekly pattern, a week after each change of clocks."""
    zone = ZoneInfo(one.timezone)
    if one.schedule.split()[2:4] == ["*", "*"]:
        noons = [now + number * DAY for number in range(-1, 400)]
        offsets = [noon.astimezone(zone).utcoffset() for noon in noons]
        starts = [noons[n] for n in range(1, 400) if offsets[n] != offsets[n - 1]]
        for start in (now, *starts):
            yield from _until(one, start - 2 * DAY, start + 8 * DAY)
    else:
        rare = sum(1 for _ in _until(one, now, now + 366 * DAY)) < 100
        yield from _until(one, now, now + (28 if rare else 1) * 366 * DAY)


def _until(one: ScheduleRule, start: datetime, end: datetime) -> Iterator[datetime]:
    for fire in one.fires(start):
        if fire > end:
            return
        yield fire


def cron_line(when: WeeklyTimes) -> str:
    """Return the five fields of crontab(5)."""
    step = when.minutes[1] if len(when.minutes) > 1 else 0
    minutes = _listed(when.minutes)
    if step and when.minutes == tuple(range(0, 60, step)):
        minutes = f"*/{step}"
    hours = "*" if len(when.hours) == 24 else _listed(when.hours)
    days = "*" if len(when.days) == 7 else _listed(sorted((day + 1) % 7 for day in when.days))
    return f"{minutes} {hours} * * {days}"


def calendar(when: WeeklyTimes) -> str:
    """Return the same for systemd.time(7)."""
    names = "Mon Tue Wed Thu Fri Sat Sun".split()
    days = "" if len(when.days) == 7 else ",".join(names[day] for day in when.days) + " "
    hours = "*" if len(when.hours) == 24 else ",".join(f"{hour:02}" for hour in when.hours)
    minutes = ",".join(f"{minute:02}" for minute in when.minutes)
    return f"{days}*-*-* {hours}:{minutes}:00 UTC"


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


# -- Files

COMMAND = Path(sys.executable).parent / "dateline"


def _crontab(rules: list[ScheduleRule] | None) -> dict[str, str]:
    command = f"{shlex.quote(str(COMMAND))} collect --due".replace("%", r"\%")
    lines = ["# DATELINE_CONTACT=you@example.org", "# MONGODB_URI=mongodb://HOST:PORT"]
    if rules is None:
        lines.append(f"{cron_line(EVERY_FIVE_MINUTES)}  {command} > /dev/null")
    else:
        lines += [
            "# Times are in UTC. Cron has to know CRON_TZ (cronie does); Debian's does not, and",
            "# needs a machine whose own zone is UTC, or the one line for all.",
            "CRON_TZ=UTC",
        ]
        now = datetime.now(UTC)
        for one in rules:
            lines.append(f"# {one.outlet}: {one.schedule} ({one.timezone})")
            lines += [
                f"{cron_line(when)}  {command} {one.outlet} > /dev/null" for when in times(one, now)
            ]
    return {"crontab": "\n".join(lines) + "\n"}


def _systemd(rules: list[ScheduleRule] | None) -> dict[str, str]:
    if rules is None:
        return {
            "dateline.service": _service("collect what is due", "collect --due"),
            "dateline.timer": _timer("every five minutes", [EVERY_FIVE_MINUTES]),
            # In place of the two above, one process that stays.
            "dateline-run.service": _service("collect what is due, all the time", "run"),
        }
    now = datetime.now(UTC)
    files = {"dateline@.service": _service("collect %i", "collect --due %i")}
    for one in rules:
        description = f"{one.outlet}: {one.schedule} ({one.timezone})"
        unit = f"dateline@{one.outlet}.timer"
        files[unit] = _timer(description, times(one, now))
    return files


def _service(description: str, words: str) -> str:
    stays = words == "run"
    kind = "Type=exec\nRestart=on-failure" if stays else "Type=oneshot\nStandardOutput=null"
    install = "\n[Install]\nWantedBy=multi-user.target\n" if stays else ""
    # KillMode: Dateline tells crawls to stop; a second signal would end them at once.
    return f"""[Unit]
Description=Dateline: {description}
Wants=network-online.target
After=network-online.target

[Service]
{kind}
User={getuser()}
WorkingDirectory={environment.PROJECT}
EnvironmentFile=-/etc/dateline.env
ExecStart={COMMAND} {words}
KillMode=mixed
TimeoutStopSec=40
{install}"""


def _timer(description: str, when: list[WeeklyTimes]) -> str:
    lines = "\n".join(f"OnCalendar={calendar(one)}" for one in when)
    return f"""[Unit]
Description=Dateline: {description}

[Timer]
{lines}
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def _kubernetes(rules: list[ScheduleRule] | None) -> dict[str, str]:
    if rules is None:
        return {"cronjobs.yaml": _cronjob("dateline", EVERY_FIVE_MINUTES, [])}
    now = datetime.now(UTC)
    made = []
    for one in rules:
        found = times(one, now)
        for number, when in enumerate(found, 1):
            name = f"dateline-{one.outlet.replace('_', '-')}"
            made.append(
                _cronjob(f"{name}-{number}" if len(found) > 1 else name, when, [one.outlet])
            )
    return {"cronjobs.yaml": "---\n".join(made)}


def _cronjob(name: str, when: WeeklyTimes, words: list[str]) -> str:
    arguments = ", ".join(["collect", "--due", *words])
    return f"""apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}
spec:
  schedule: "{cron_line(when)}"
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 200
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 40
          containers:
            - name: dateline
              image: dateline:{version("dateline")}
              command: [dateline, {arguments}]
              envFrom:
                - secretRef:
                    name: dateline  # MONGODB_URI, DATELINE_CONTACT
"""


FILES: dict[ScheduleFormat, Any] = {
    ScheduleFormat.CRONTAB: _crontab,
    ScheduleFormat.SYSTEMD: _systemd,
    ScheduleFormat.KUBERNETES: _kubernetes,
}

"""``dateline schedule``: when outlets are due; and the files that have cron or others run them."""

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
from scripts.project import (
    broken,
    console,
    database,
    notes,
    outlet_names,
    print_json,
    rule,
    table,
)
from settings import environment


class Format(StrEnum):
    """What can be printed."""

    JSON = "json"
    CRONTAB = "crontab"
    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"


def schedule(
    form: Annotated[Format | None, typer.Option("--format", help="Print these files.")] = None,
    each: Annotated[
        bool, typer.Option("--each", help="A line for each outlet, not one for all of them.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the files into this folder.", file_okay=False)
    ] = None,
) -> None:
    """Show when each outlet is due, and what was skipped; or print what cron or others need.

    One line is enough: every five minutes, `dateline collect --due` runs what is due. With `--each`
    every outlet has its own, at its own times, in UTC.
    """
    rules = [rule(name) for name in outlet_names()]
    for sentence in broken():
        notes.print(f"dateline: {sentence}", markup=False, soft_wrap=True)
    if form is None:
        asyncio.run(_show(rules))
    elif form is Format.JSON:
        print_json({"rules": [asdict(one) for one in rules], "broken": broken()})
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
    made = table(("outlet", "schedule", "zone", "last (UTC)", "next (UTC)"), ("met", "skipped"))
    async with database() as opened:
        for one in rules:
            told = await ScheduleStore(opened).get(one.outlet)
            skipped = " ".join(f"{n} {why}" for why, n in told.get("skipped", {}).items())
            instants = (told.get("fire"), told.get("next"))
            last, following = (f"{at:%m-%d %H:%M}" if at else "" for at in instants)
            met = str(told.get("met", 0))
            made.add_row(one.outlet, one.schedule, one.timezone, last, following, met, skipped)
    console.print(made)


# -- Times in UTC


class Times(NamedTuple):
    """Minutes of hours of days of the week (0 is Monday), in UTC."""

    days: tuple[int, ...]
    hours: tuple[int, ...]
    minutes: tuple[int, ...]


EVERY = Times(tuple(range(7)), tuple(range(24)), tuple(range(0, 60, 5)))
"""When `--due` looks."""


def times(one: ScheduleRule, now: datetime) -> list[Times]:
    """Times in UTC among which is every fire of a schedule, whatever the clocks of its zone do.

    At those that are none, ``--due`` finds nothing to do. They hold until a zone's rules change.
    """
    if one.bounds:
        return [EVERY]
    minutes: dict[tuple[int, int], set[int]] = defaultdict(set)
    for fire in _sample(one, now):
        minutes[fire.weekday(), fire.hour].add(fire.minute)
    hours: dict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    for (day, hour), found in sorted(minutes.items()):
        hours[day, tuple(sorted(found))].append(hour)
    days: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = defaultdict(list)
    for (day, of_hour), of_day in sorted(hours.items()):
        days[tuple(of_day), of_hour].append(day)
    return [Times(tuple(of_week), *rest) for rest, of_week in sorted(days.items())]


def _sample(one: ScheduleRule, now: datetime) -> Iterator[datetime]:
    """Yield as many fires as tell all: of a week's pattern a week after each change of clocks."""
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


def cron_line(when: Times) -> str:
    """The five fields of crontab(5)."""
    step = when.minutes[1] if len(when.minutes) > 1 else 0
    minutes = _listed(when.minutes)
    if step and when.minutes == tuple(range(0, 60, step)):
        minutes = f"*/{step}"
    hours = "*" if len(when.hours) == 24 else _listed(when.hours)
    days = "*" if len(when.days) == 7 else _listed(sorted((day + 1) % 7 for day in when.days))
    return f"{minutes} {hours} * * {days}"


def calendar(when: Times) -> str:
    """The same for systemd.time(7)."""
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
        lines.append(f"{cron_line(EVERY)}  {command} > /dev/null")
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
            "dateline.timer": _timer("every five minutes", [EVERY]),
            # In place of the two above, one process that stays.
            "dateline-run.service": _service("collect what is due, all the time", "run"),
        }
    now = datetime.now(UTC)
    files = {"dateline@.service": _service("collect %i", "collect --due %i")}
    for one in rules:
        told = f"{one.outlet}: {one.schedule} ({one.timezone})"
        unit = f"dateline@{one.outlet}.timer"
        files[unit] = _timer(told, times(one, now))
    return files


def _service(told: str, words: str) -> str:
    stays = words == "run"
    kind = "Type=exec\nRestart=on-failure" if stays else "Type=oneshot\nStandardOutput=null"
    install = "\n[Install]\nWantedBy=multi-user.target\n" if stays else ""
    # KillMode: crawls are told to stop by Dateline; a second signal would have them end at once.
    return f"""[Unit]
Description=Dateline: {told}
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


def _timer(told: str, when: list[Times]) -> str:
    lines = "\n".join(f"OnCalendar={calendar(one)}" for one in when)
    return f"""[Unit]
Description=Dateline: {told}

[Timer]
{lines}
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def _kubernetes(rules: list[ScheduleRule] | None) -> dict[str, str]:
    if rules is None:
        return {"cronjobs.yaml": _cronjob("dateline", EVERY, [])}
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


def _cronjob(name: str, when: Times, words: list[str]) -> str:
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


FILES: dict[Format, Any] = {
    Format.CRONTAB: _crontab,
    Format.SYSTEMD: _systemd,
    Format.KUBERNETES: _kubernetes,
}

"""What is wrong with outlets, as somebody has to be told: each trouble once, and once when it ends.

Pure: what is known of the outlets comes in, and messages come out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

SCHEDULER = "scheduler"
"""The cause that is no outlet's: nothing looks any more for what is due."""
UNREADABLE = "unreadable"
"""The cause that is a file's, and no outlet's."""
SILENT = timedelta(minutes=15)
"""How long nobody may have looked for what is due: three times the usual five minutes."""
NAMED = 10
"""Outlets that a message names; of more it tells how many."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    cause: str
    """By which troubles are told together, in snake_case."""
    outlet: str
    """Whose; empty where it is nobody's."""
    sentence: str

    @property
    def key(self) -> str:
        """What it is known by: its sentence may change while it lasts."""
        return f"{self.cause}/{self.outlet}"


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """What is sent: plain text."""

    title: str
    body: str
    troubles: tuple[Problem, ...]
    """What it tells of."""


def troubles(
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
    *,
    looked: datetime | None,
    latest: timedelta | None = None,
    fewest: float | None = None,
) -> list[Problem]:
    """What is wrong just now.

    Args:
        rows: of each outlet what `crawler.monitor.overview.overview` tells.
        looked: when somebody last looked for what is due; None: nobody ever did, as where each
            outlet has a line of its own in a crontab.
        latest: the longest time from publication to storage that 95 of 100 stories may take.
        fewest: the smallest share of what was published that may have been sighted, 0 to 1.
    """
    found = []
    if looked and now - looked > SILENT:
        told = f"Nobody has looked for what is due since {looked:%Y-%m-%d %H:%M} UTC."
        found.append(Problem(SCHEDULER, "", told))
    for row in rows:
        name, run = row["outlet"], row["ended_run"]
        if row["overdue"]:
            due = f"{row['next_due']:%Y-%m-%d %H:%M}"
            found.append(Problem("no_run", name, f"It was due at {due} UTC, and did not run."))
        elif run and run["outcome"] in ("degraded", "failed", "killed"):
            found.append(Problem(_cause(run), name, run["reason"] or ""))
        if latest and (fresh := row["freshness"]) and fresh["p95"] > latest.total_seconds():
            told = f"5 of 100 stories are stored {fresh['p95'] / 60:.0f} minutes late or more."
            found.append(Problem("late", name, told))
        if fewest and (complete := row["completeness"]) and complete["share"] < fewest:
            told = f"Its sources show about {complete['share']:.0%} of what it publishes."
            found.append(Problem("incomplete", name, told))
    return found


def unreadable(broken: Iterable[str]) -> list[Problem]:
    """Files that declare outlets and cannot be read, of the sentences that say so."""
    return [Problem(UNREADABLE, PurePath(told.split()[0]).stem, told) for told in broken]


def _cause(run: Mapping[str, Any]) -> str:
    return str(run.get("cause") or run["outcome"])


def messages(opened: Sequence[Problem], closed: Sequence[Problem]) -> list[AlertMessage]:
    """One message for each cause that has begun or ended, whatever the number of outlets."""
    made = []
    for what, some in (("", opened), ("over: ", closed)):
        by_cause: dict[str, list[Problem]] = defaultdict(list)
        for trouble in some:
            by_cause[trouble.cause].append(trouble)
        for cause, same in by_cause.items():
            outlets = [trouble.outlet for trouble in same if trouble.outlet]
            whose = outlets[0] if len(outlets) == 1 else f"{len(outlets)} outlets"
            title = f"Dateline: {what}{cause.replace('_', ' ')}" + (f": {whose}" if outlets else "")
            made.append(AlertMessage(title, _body(same), tuple(same)))
    return made


def _body(same: Sequence[Problem]) -> str:
    lines = [f"{trouble.outlet}: {trouble.sentence}".removeprefix(": ") for trouble in same[:NAMED]]
    if rest := [trouble.outlet for trouble in same[NAMED:]]:
        lines.append(f"and {len(rest)} more: {', '.join(rest)}")
    return "\n".join(lines)

"""Alerts: what is wrong with outlets, told once for each cause, and once when it is over.

Pure: the rows of `crawler.monitor.overview` come in, and messages come out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

UNREADABLE_FILE = "unreadable"
"""The cause of a file in `spiders/` that cannot be read."""
UNDECLARED = (
    "{} was collected, and no file in spiders/ declares it any more: put its file back. If that is "
    "meant, this is told for 30 days after its last run; what was collected stays."
)
"""What is told of an outlet whose file is gone."""
MAX_SILENCE = timedelta(minutes=15)
"""How long no scheduler may have looked for what is due: three times the usual five minutes."""
MAX_NAMED = 10
"""Outlets that a message describes; of more it lists the names."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is wrong, with one outlet or with none."""

    cause: str
    """In snake_case; alerts of one cause make one message."""
    outlet: str
    """Its name; empty where the alert concerns none."""
    sentence: str

    @property
    def key(self) -> str:
        """The identity of the alert: its sentence may change while it lasts."""
        return f"{self.cause}/{self.outlet}"


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """A plain text to be sent, and the alerts it is about."""

    title: str
    body: str
    alerts: tuple[Alert, ...]


def find_alerts(
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
    *,
    last_beat: datetime | None,
    max_delay: timedelta | None = None,
    min_share: float | None = None,
) -> Iterator[Alert]:
    """Yield what is wrong now.

    Args:
        rows: those of `crawler.monitor.overview.overview`.
        last_beat: when a scheduler last looked for what is due; None: none ever did, as where each
            outlet has a line of its own in a crontab.
        max_delay: the longest time from publication to storage that 95 of 100 stories may take.
        min_share: the smallest share of what was published that may have been sighted, 0 to 1.
    """
    if last_beat and now - last_beat > MAX_SILENCE:
        since = f"{last_beat:%Y-%m-%d %H:%M}"
        yield Alert("scheduler", "", f"Nobody has looked for what is due since {since} UTC.")
    for row in rows:
        name, run = row["outlet"], row["ended_run"]
        if row.get("undeclared"):
            yield Alert("undeclared", name, UNDECLARED.format(name))
            continue
        if row["overdue"]:
            due = f"{row['next_due']:%Y-%m-%d %H:%M}"
            yield Alert("no_run", name, f"It was due at {due} UTC, and did not run.")
        elif run and run["outcome"] in ("degraded", "failed", "killed"):
            yield Alert(run.get("cause") or run["outcome"], name, run["reason"] or "")
        if max_delay and (fresh := row["freshness"]) and fresh["p95"] > max_delay.total_seconds():
            minutes = f"{fresh['p95'] / 60:.0f}"
            text = f"5 of 100 stories are stored {minutes} minutes after publication or later."
            yield Alert("late", name, text)
        if min_share and (complete := row["completeness"]) and complete["share"] < min_share:
            text = f"Its sources show about {complete['share']:.0%} of what it publishes."
            yield Alert("incomplete", name, text)


def unreadable_files(sentences: Iterable[str]) -> list[Alert]:
    """Make alerts of sentences that begin with the path of a file that cannot be read."""
    return [Alert(UNREADABLE_FILE, PurePath(text.split()[0]).stem, text) for text in sentences]


def messages(opened: Sequence[Alert], closed: Sequence[Alert]) -> list[AlertMessage]:
    """Make one message for each cause that has begun or ended, whatever the number of outlets."""
    made = []
    for prefix, alerts in (("", opened), ("over: ", closed)):
        by_cause: dict[str, list[Alert]] = defaultdict(list)
        for alert in alerts:
            by_cause[alert.cause].append(alert)
        for cause, same in by_cause.items():
            outlets = [alert.outlet for alert in same if alert.outlet]
            whose = outlets[0] if len(outlets) == 1 else f"{len(outlets)} outlets"
            title = f"Dateline: {prefix}{cause.replace('_', ' ')}"
            title += f": {whose}" if outlets else ""
            made.append(AlertMessage(title, _body(same), tuple(same)))
    return made


def _body(same: Sequence[Alert]) -> str:
    lines = [f"{alert.outlet}: {alert.sentence}".removeprefix(": ") for alert in same[:MAX_NAMED]]
    if rest := [alert.outlet for alert in same[MAX_NAMED:]]:
        lines.append(f"and {len(rest)} more: {', '.join(rest)}")
    return "\n".join(lines)

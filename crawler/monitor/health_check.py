"""What is wrong, as a probe should be told: one sentence for each problem."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

FAILED = ("failed", "killed")
"""Outcomes of a run that are a problem until the next one; `degraded` mends itself."""

Document = dict[str, Any]


def problems(rows: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[Document]:
    """Yield what is wrong with outlets, from the rows of `crawler.monitor.overview`.

    Each has its ``outlet``, a ``problem`` (``failed`` or ``overdue``) and a ``sentence``. An outlet
    that was never collected is none: it may just have been declared.
    """
    for row in rows:
        run = row["ended_run"]
        if run and run["outcome"] in FAILED:
            told = f"The last run of {row['outlet']} {_ended(run)}: {run['reason']}"
            yield {"outlet": row["outlet"], "problem": "failed", "sentence": told}
        if row["overdue"]:
            late = round((now - row["next_due"]).total_seconds() / 60)
            told = (
                f"{row['outlet']} was due {late} minutes ago, and was missed twice since: see that"
                " `dateline collect` is started."
            )
            yield {"outlet": row["outlet"], "problem": "overdue", "sentence": told}


def _ended(run: Mapping[str, Any]) -> str:
    return "was killed" if run["outcome"] == "killed" else "failed"


def health(
    found: Sequence[Document], rows: Sequence[Document], waiting: int, now: datetime
) -> Document:
    """The document for probes: whether all is well, and how each outlet is, in short."""
    return {
        "healthy": not found,
        "at": now,
        "problems": list(found),
        "waiting": waiting,
        "outlets": {row["outlet"]: _in_short(row) for row in rows},
    }


def _in_short(row: Mapping[str, Any]) -> Document:
    run = row["run"] or {}
    complete = row["completeness"] or {}
    return {
        **{name: run.get(name) for name in ("started", "outcome")},
        **{name: row[name] for name in ("next_due", "overdue", "freshness")},
        "completeness": complete.get("share"),
    }

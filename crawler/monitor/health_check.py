"""The health check: the JSON document for probes, with a sentence on each problem."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crawler.monitor.alerts import UNDECLARED
from crawler.store.collection import Document


def find_problems(rows: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[Document]:
    """Yield what is wrong with outlets, from the rows of `crawler.monitor.overview`.

    Each has an ``outlet``, a ``problem`` (``failed``, ``overdue`` or ``undeclared``) and a
    ``sentence``. A degraded run is no problem, nor is an outlet that was never collected: it may
    just have been declared.
    """
    for row in rows:
        name, run = row["outlet"], row["ended_run"]
        if row.get("undeclared"):
            sentence = UNDECLARED.format(name)
            yield {"outlet": name, "problem": "undeclared", "sentence": sentence}
            continue
        if run and run["outcome"] in ("failed", "killed"):
            ended = "was killed" if run["outcome"] == "killed" else "failed"
            sentence = f"The last run of {name} {ended}: {run['reason']}"
            yield {"outlet": name, "problem": "failed", "sentence": sentence}
        if row["overdue"]:
            late = round((now - row["next_due"]).total_seconds() / 60)
            sentence = (
                f"{name} was due {late} minutes ago, and was missed twice since: see that"
                " `dateline collect` is started."
            )
            yield {"outlet": name, "problem": "overdue", "sentence": sentence}


def health_document(
    problems: Sequence[Document], rows: Iterable[Mapping[str, Any]], waiting: int, now: datetime
) -> Document:
    """Return the document for probes: whether all is well, and each outlet in short."""
    return {
        "healthy": not problems,
        "at": now,
        "problems": list(problems),
        "waiting": waiting,
        "outlets": {row["outlet"]: _summary(row) for row in rows},
    }


def _summary(row: Mapping[str, Any]) -> Document:
    run = row["run"] or {}
    return {
        **{name: run.get(name) for name in ("started", "outcome")},
        **{name: row[name] for name in ("next_due", "overdue", "freshness")},
        "completeness": (row["completeness"] or {}).get("share"),
    }

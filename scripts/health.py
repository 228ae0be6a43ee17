"""``dateline health``: a JSON document for probes."""

from datetime import UTC, datetime
from typing import Any

import typer

from crawler.errors import StoreError
from crawler.monitor.health_check import find_problems, health_document
from scripts.output import print_json
from scripts.project import count_waiting_writes, declared_outlets, load_overview


def health() -> None:
    """Print a JSON document for probes; exit 1 if anything is wrong.

    Wrong is: MongoDB does not answer, a file in `spiders/` cannot be read, an outlet's last run
    failed or was killed, an outlet was due and missed twice, or its file is gone.
    """
    now = datetime.now(UTC)
    declared = declared_outlets()
    found = [
        {"outlet": None, "problem": "unreadable", "sentence": each} for each in declared.unreadable
    ]
    rows: list[dict[str, Any]] = []
    try:
        rows = load_overview(declared)
        found += find_problems(rows, now)
    except StoreError as error:
        found.append({"outlet": None, "problem": "mongodb", "sentence": str(error)})
    print_json(health_document(found, rows, count_waiting_writes(), now))
    raise typer.Exit(int(bool(found)))

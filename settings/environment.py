"""The environment variables of Dateline, with their defaults. No other module reads them."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

MONGODB_URI = os.environ.get("MONGODB_URI", "")
"""Address of your MongoDB server. If it is empty, Dateline runs its own."""

MONGODB_DATABASE = os.environ.get("MONGODB_DATABASE", "dateline")
"""Name of the database; `dateline` if unset."""

DATA = Path(os.environ.get("DATELINE_DATA", PROJECT / "data")).resolve()
"""Folder of Dateline's own MongoDB, the logs and the spools; `data/` in the project if unset."""

PAGES_DAYS = os.environ.get("DATELINE_PAGES_DAYS", "")
"""Days to keep fetched pages; empty: for ever. Articles always stay."""

RUNS_DAYS = os.environ.get("DATELINE_RUNS_DAYS", "")
"""Days to keep the documents of runs; empty: for ever."""

CONTACT = os.environ.get("DATELINE_CONTACT", "")
"""Your web page or e-mail address, for the sites that Dateline visits; part of the user agent."""

LOG = os.environ.get("DATELINE_LOG", "")
"""`json`: commands and crawls log one JSON object a line; empty: they log text."""

ALERTS = os.environ.get("DATELINE_ALERTS", "")
"""Who is told about problems: addresses of Apprise, e.g. ``mailto://...``, separated by spaces."""

ALERT_MINUTES = os.environ.get("DATELINE_ALERT_MINUTES", "")
"""Alert if 5 of 100 stories are stored this many minutes after publication, or later."""

ALERT_PERCENT = os.environ.get("DATELINE_ALERT_PERCENT", "")
"""Alert if an outlet's sources show less than this percentage of what it publishes."""

GATEWAY = os.environ.get("DATELINE_GATEWAY", "")
"""Address of a local server that answers for every host, e.g. ``http://127.0.0.1:8700``."""
if GATEWAY and "://" not in GATEWAY:
    GATEWAY = f"http://{GATEWAY}"


def child(**changes: str) -> dict[str, str]:
    """Return the environment for a child process: this one's, with `changes`."""
    return {**os.environ, **changes}


def unknown() -> list[str]:
    """Return names that begin like Dateline's variables and are unknown: probably misspelt."""
    return sorted(
        name
        for name in os.environ
        if name.startswith("DATELINE_") and name.removeprefix("DATELINE_") not in globals()
    )

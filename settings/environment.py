"""The one reader of the environment: every variable Dateline knows, with its default."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

MONGODB_URI = os.environ.get("MONGODB_URI", "")
"""A MongoDB server of yours; empty: Dateline runs one of its own in `DATA`."""

MONGODB_DATABASE = os.environ.get("MONGODB_DATABASE", "dateline")
"""The database in it; `dateline` where unset."""

DATA = Path(os.environ.get("DATELINE_DATA", PROJECT / "data")).resolve()
"""Where Dateline keeps its own MongoDB and its logs; `data/` in the project where unset."""

PAGES_DAYS = os.environ.get("DATELINE_PAGES_DAYS", "")
"""Days for which fetched pages are kept; empty: for ever. Articles always stay."""

RUNS_DAYS = os.environ.get("DATELINE_RUNS_DAYS", "")
"""Days for which the documents of runs are kept; empty: for ever."""

CONTACT = os.environ.get("DATELINE_CONTACT", "")
"""An address (web page or e-mail) at which the sites we visit can reach you."""

LOG = os.environ.get("DATELINE_LOG", "")
"""`json`: what commands and crawls log is one JSON object a line; empty: text for people."""

ALERTS = os.environ.get("DATELINE_ALERTS", "")
"""Whom to tell what is wrong, as addresses of Apprise: ``mailto://...``, ``slack://...``, ``json://...``"""

ALERT_MINUTES = os.environ.get("DATELINE_ALERT_MINUTES", "")
"""Tell it where 5 in 100 stories are stored so many minutes after publication, or later."""

ALERT_PERCENT = os.environ.get("DATELINE_ALERT_PERCENT", "")
"""Tell it where an outlet's sources show less than so much of what it publishes."""

GATEWAY = os.environ.get("DATELINE_GATEWAY", "")
"""Address of a local server that answers for every host, e.g. ``http://127.0.0.1:8700``."""
if GATEWAY and "://" not in GATEWAY:
    GATEWAY = f"http://{GATEWAY}"


def child(**changes: str) -> dict[str, str]:
    """Return the environment for a program we start: ours, with `changes`."""
    return {**os.environ, **changes}


def unknown() -> list[str]:
    """Variables that are called like Dateline's and that nobody reads: probably misspelt."""
    return sorted(
        name
        for name in os.environ
        if name.startswith("DATELINE_") and name.removeprefix("DATELINE_") not in globals()
    )

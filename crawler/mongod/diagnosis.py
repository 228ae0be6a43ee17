"""Causes of a failed start of the embedded mongod, read from its logs, each with a remedy."""

import json
import re
import shutil
from pathlib import Path

MIN_FREE_BYTES = 20 * 1024 * 1024
"""Free disk space that mongod needs to start; with less it often cannot even log its error."""
DISK_FULL = "the disk is full: free some space and run the command again"

CAUSES = {
    r"No space left on device|Disk quota exceeded": DISK_FULL,
    r"error while loading shared libraries: (?P<detail>[^:\s]+)": (
        "the system lacks the library {detail}: install it with the system's package manager"
    ),
    r"Exec format error": (
        "its program is for another kind of machine: set MONGODB_URI to a server's address"
    ),
    r"featureCompatibilityVersion|UPGRADE PROBLEM|unsupported WiredTiger file version"
    r"|created by the '(?!wiredTiger)": (
        "its files were written by another version of MongoDB: move the folder {db} away, or set"
        " MONGODB_URI to a server of that version"
    ),
    r"Permission denied|Read-only file system|Operation not permitted": (
        "it may not write its files: make the folder {db} writable for this user"
    ),
    r"corrupt|WT_PANIC|WiredTiger error|storage engine metadata": (
        "its files are damaged: put a backup in place of the folder {db}, or move that folder away"
        " to start empty"
    ),
}
"""Patterns in the logs, and what each means; the first that matches is reported."""


def diagnose(folder: Path) -> str:
    """Return a sentence: why mongod in `folder` ended while it was starting, and a remedy."""
    log = folder / "log" / "mongod.log"
    return f"MongoDB did not start because {_cause(folder, log)} (log: {log})."


def _cause(folder: Path, log: Path) -> str:
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        return DISK_FULL
    tail = log.read_text(errors="replace")[-200_000:] if log.exists() else ""
    this_start = tail.rpartition("SERVER RESTARTED")[2]
    errors = [line for line in this_start.splitlines() if re.search(r'"s":"[EF]"', line)]
    supervisor_log = (folder / "log" / "keeper.log").read_text(errors="replace")
    logged = "\n".join([supervisor_log, *errors])
    for pattern, meaning in CAUSES.items():
        if match := re.search(pattern, logged, re.IGNORECASE):
            return meaning.format(db=folder / "db", **match.groupdict())
    return f"{_first_message(errors)}: read its log"


def _first_message(errors: list[str]) -> str:
    """Return the words of the first error in mongod's log."""
    try:
        entry = json.loads(errors[0])
        return f"it logged {str(entry['attr'].get('error', entry['msg']))[:200]!r}"
    except (IndexError, ValueError, KeyError):
        return "it ended without an error message"

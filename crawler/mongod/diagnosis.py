"""Why the embedded mongod did not come up, read from its logs, in one sentence with a remedy."""

import json
import re
import shutil
from pathlib import Path

ROOM = 20 * 1024 * 1024
"""Bytes mongod needs to start; without them it often cannot even log why it ends."""
DISK_FULL = "the disk is full: free some space and run the command again"

CAUSES = (
    (
        r"No space left on device|Disk quota exceeded",
        DISK_FULL,
    ),
    (
        r"error while loading shared libraries: (?P<detail>[^:\s]+)",
        "the system lacks the library {detail}: install it with the system's package manager",
    ),
    (
        r"Exec format error",
        "its program is for another kind of machine: set MONGODB_URI to a server's address",
    ),
    (
        r"featureCompatibilityVersion|UPGRADE PROBLEM|unsupported WiredTiger file version"
        r"|created by the '(?!wiredTiger)",
        "its files were written by another version of MongoDB: move the folder {db} away, or set"
        " MONGODB_URI to a server of that version",
    ),
    (
        r"Permission denied|Read-only file system|Operation not permitted",
        "it may not write its files: make the folder {db} writable for this user",
    ),
    (
        r"corrupt|WT_PANIC|WiredTiger error|storage engine metadata",
        "its files are damaged: put a backup in place of the folder {db}, or move that folder away"
        " to start empty",
    ),
)
"""Pattern in the log, and what it means; the first that is found is told."""


def diagnose(folder: Path) -> str:
    """Say why mongod in `folder` ended while it was starting."""
    log = folder / "log" / "mongod.log"
    if shutil.disk_usage(folder).free < ROOM:
        return _sentence(DISK_FULL, log)
    tail = log.read_text(errors="replace")[-200_000:] if log.exists() else ""
    this_start = tail.rpartition("SERVER RESTARTED")[2]
    errors = [line for line in this_start.splitlines() if re.search(r'"s":"[EF]"', line)]
    keeper_log = (folder / "log" / "keeper.log").read_text(errors="replace")
    said = "\n".join([keeper_log, *errors])
    for pattern, meaning in CAUSES:
        if found := re.search(pattern, said, re.IGNORECASE):
            return _sentence(meaning.format(db=folder / "db", **found.groupdict()), log)
    return _sentence(f"{_message(errors)}: read its log", log)


def _sentence(cause: str, log: Path) -> str:
    return f"MongoDB did not start because {cause} (log: {log})."


def _message(errors: list[str]) -> str:
    """Return the first error's own words."""
    try:
        entry = json.loads(errors[0])
        return f"it said {str(entry['attr'].get('error', entry['msg']))[:200]!r}"
    except (IndexError, ValueError, KeyError):
        return "it ended without a word"

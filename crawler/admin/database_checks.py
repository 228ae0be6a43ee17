"""Checks of the database for `dateline doctor`: server, clock, indexes, schema, leases."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pymongo

from crawler.admin.backup import RESTORING
from crawler.errors import StoreError
from crawler.store.collection import server_errors
from crawler.store.database import SELECTION_MS, Database, plain
from crawler.store.leases import stale
from crawler.store.schema import INDEXES, VALIDATORS, VERSION

OLDEST = (5, 0)
"""Oldest version of MongoDB that writes with a majority by default and can do what we ask."""
MAX_CLOCK_SKEW = timedelta(seconds=2)
"""Tolerated difference of two clocks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check."""

    name: str
    told: str
    """Sentence: the result."""
    remedy: str = ""
    """Sentence: what to do; empty where nothing is wrong."""


async def check_database(database: Database) -> AsyncIterator[Finding]:
    """Check the server, its clock, indexes, validators and leases; nothing is changed."""
    try:
        with server_errors(database.address), pymongo.timeout(SELECTION_MS / 1000):
            handle = plain(database)
            built = await handle.command("buildInfo")
            before, began = datetime.now(UTC), time.monotonic()
            hello = await handle.command("hello", codec_options=handle.codec_options)
            took = timedelta(seconds=time.monotonic() - began)
            names = await handle.list_collection_names()
    except StoreError as error:
        yield _of_error("MongoDB", error)
        return
    yield _version(database, built["version"], hello)
    yield _clock(hello["localTime"] - before - took / 2, took)
    if any(name.startswith(RESTORING) for name in names):
        remedy = (
            "Wait until it is done, or run `dateline db restore FILE` again, which starts over."
        )
        yield Finding(
            "restore", "A backup is being restored, or its restore was interrupted.", remedy
        )
    if not set(names) & INDEXES.keys():
        yield Finding("indexes", "The database is new: the first run creates them.")
        return
    async for finding in _future(database, before):
        yield finding
    yield await _indexes(database)
    yield await _schema(database)
    yield await _leases(database)


def _version(database: Database, version: str, hello: dict[str, object]) -> Finding:
    kind = f"replica set {hello['setName']}" if "setName" in hello else "single server"
    summary = f"Version {version} answers at {database.address} ({kind})."
    is_old = tuple(map(int, version.split(".")[:2])) < OLDEST
    oldest = ".".join(map(str, OLDEST))
    return Finding("MongoDB", summary, f"Upgrade it to {oldest} or later." if is_old else "")


def _clock(ahead: timedelta, took: timedelta) -> Finding:
    seconds = ahead / timedelta(seconds=1)
    summary = f"The database's clock and this machine's differ by {abs(seconds):.1f} s."
    wrong = abs(ahead) > MAX_CLOCK_SKEW + took
    remedy = "Set both by NTP (`timedatectl set-ntp true`): dates and leases rely on it."
    return Finding("clock", summary, remedy if wrong else "")


async def _future(database: Database, now: datetime) -> AsyncIterator[Finding]:
    """Find out whether the database knows of times that are still to come."""
    with server_errors(database.address):
        newest = await plain(database)["runs"].find_one({}, ["started"], sort=[("started", -1)])
    if newest and newest["started"] > now + MAX_CLOCK_SKEW:
        told = f"A run began at {newest['started']:%Y-%m-%d %H:%M} UTC, which is still to come."
        remedy = "Set this machine's clock by NTP; if it is right, it was wrong then."
        yield Finding("clock", told, remedy)


async def _indexes(database: Database) -> Finding:
    missing = []
    with server_errors(database.address):
        for collection, indexes in INDEXES.items():
            there = await plain(database)[collection].index_information()
            wanted = [index.document["name"] for index in indexes]
            missing += [f"{collection}.{name}" for name in wanted if name not in there]
    if missing:
        remedy = "`dateline status` creates them; on a large database that may take minutes."
        return Finding("indexes", f"Missing: {', '.join(missing)}.", remedy)
    return Finding("indexes", "All exist.")


async def _schema(database: Database) -> Finding:
    try:
        version = await database.version()
    except StoreError as error:
        return _of_error("schema", error)
    if version < VERSION:
        summary = f"It is from an earlier version of Dateline (schema {version}, now {VERSION})."
        return Finding("schema", summary, "Run `dateline db migrate`, best after a backup.")
    with server_errors(database.address):
        lax = [
            name
            for name, validator in VALIDATORS.items()
            if (await plain(database)[name].options()).get("validator") != validator
        ]
    if not lax:
        return Finding(
            "schema", f"Version {version}; MongoDB refuses documents that do not fit it."
        )
    summary = f"MongoDB does not validate {', '.join(lax)} by the schema of this version."
    return Finding("schema", summary, "`dateline status` installs the validators.")


def _of_error(name: str, error: StoreError) -> Finding:
    """Make a finding of a message that has its remedy after a colon."""
    fault, _, remedy = str(error).rpartition(": ")
    return Finding(name, f"{fault}.", f"{remedy[:1].upper()}{remedy[1:]}")


async def _leases(database: Database) -> Finding:
    left = [lease async for lease in stale(database)]
    if not left:
        return Finding("leases", "No outlet is locked by a run that is gone.")
    summary = ", ".join(
        f"{lease['_id']} (process {lease['holder']['pid']} on {lease['holder']['host']})"
        for lease in left
    )
    remedy = "Collect it: the next run takes over, and finishes the work of that one."
    return Finding("leases", f"Locked by a run that was killed: {summary}.", remedy)

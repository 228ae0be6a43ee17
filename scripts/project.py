"""What subcommands need of the project: its settings, its outlets, its database."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler.errors import ConfigurationError
from crawler.monitor.overview import full_overview
from crawler.outlets.bounds import read_bound
from crawler.outlets.loader import OutletLoader
from crawler.queue.spool import count_waiting
from crawler.schedule.planning import ScheduleRule
from crawler.spider import OutletSpider
from crawler.store.address import spool_of
from crawler.store.database import Database
from crawler.store.dictionaries import LIFETIME
from crawler.store.runs import Outlets
from scripts.output import notes
from settings import environment

T = TypeVar("T")

MAX_DAYS = 24_000
"""The longest retention: MongoDB counts its seconds in 32 bits."""


def load_settings() -> Settings:
    """Return the settings of the profile in use, from whatever folder the command is run."""
    with contextlib.chdir(environment.PROJECT):
        return get_project_settings()


@cache
def _loader() -> OutletLoader:
    """Read `spiders/`; `unreadable_outlets` says what cannot be read, not the log."""
    logging.getLogger("crawler.outlets.loader").setLevel(logging.CRITICAL)
    return OutletLoader(load_settings())


def outlet_names() -> list[str]:
    """Return the names of this project's outlets, in alphabetical order."""
    return sorted(_loader().list())


def unreadable_outlets() -> list[str]:
    """Return a sentence for each file of `spiders/` that cannot be read."""
    return _loader().broken


def load_outlet(name: str) -> type[OutletSpider]:
    """Return the outlet called `name`.

    Raises:
        ConfigurationError: there is none.
    """
    names = outlet_names()
    if name not in names:
        unread = [sentence for sentence in unreadable_outlets() if f"/{name}.py " in sentence]
        near = get_close_matches(name, names, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}."
        raise ConfigurationError(unread[0] if unread else f"There is no outlet {name}: {remedy}")
    found = _loader().load(name)
    assert issubclass(found, OutletSpider)
    return found


def check_known(name: str, *, needs_file: bool = False) -> None:
    """See that an outlet called `name` is declared, or was collected; say so in the latter case.

    Raises:
        ConfigurationError: neither; or its file is gone or cannot be read, and it is needed.
    """
    try:
        load_outlet(name)
    except ConfigurationError as error:
        if not in_database(lambda database: Outlets(database).load(name)):
            raise
        fault = str(error)
        if fault not in unreadable_outlets():
            fault = f"No file in spiders/ declares {name} any more."
        if needs_file:
            raise ConfigurationError(f"{fault} Restore the file: its rules are needed.") from None
        notes.say(fault)


def schedule_rule(name: str) -> ScheduleRule:
    """Return when the outlet called `name` is due."""
    declared = load_outlet(name)
    wanted = ("schedule", "timezone", "missed", "quiet")
    return ScheduleRule(outlet=name, **{one: getattr(declared, one) for one in wanted})


class Declared(NamedTuple):
    """What `spiders/` declares."""

    rules: dict[str, ScheduleRule]
    """When each outlet is due, by name."""
    unreadable: list[str]
    """A sentence for each file that cannot be read."""


def declared_outlets() -> Declared:
    """Return what was declared when this process first looked."""
    return Declared({name: schedule_rule(name) for name in outlet_names()}, unreadable_outlets())


@contextlib.asynccontextmanager
async def open_database(*, of_any_version: bool = False) -> AsyncIterator[Database]:
    """Open the project's database, ready for use, with the retention that is set.

    Args:
        of_any_version: leave the database as it is, and prepare nothing.

    Raises:
        ConfigurationError: a retention is not a number of days.
        StoreError: the database cannot be used.
    """
    settings = load_settings()
    ages = {name: _days(settings, f"{name.upper()}_DAYS") for name in ("pages", "runs")}
    # A dictionary stays until the last page that may be packed by it is gone.
    ages["dictionaries"] = ages["pages"] and ages["pages"] + LIFETIME.days + 1
    database = Database.from_settings(settings)
    try:
        if not of_any_version:
            await database.prepare()
            for name, days in ages.items():
                await database.retain(name, days)
        yield database
    finally:
        await database.close()


def in_database(
    work: Callable[[Database], Coroutine[Any, Any, T]], *, of_any_version: bool = False
) -> T:
    """Do a command's work with the project's database, and return its result.

    Options and exceptions are those of `open_database`.
    """

    async def run() -> T:
        async with open_database(of_any_version=of_any_version) as database:
            return await work(database)

    return asyncio.run(run())


def load_overview(outlets: Declared) -> list[dict[str, Any]]:
    """Return what is known of each outlet now, as of `full_overview`."""
    now = datetime.now(UTC)
    return in_database(
        lambda database: full_overview(database, outlets.rules, now, outlets.unreadable)
    )


def _days(settings: Settings, name: str) -> int:
    days: str = settings[name]
    if days and not (days.isdecimal() and int(days) <= MAX_DAYS):
        raise ConfigurationError(
            f"DATELINE_{name}={days} is not a number of days up to {MAX_DAYS:,}; use e.g. 365, "
            "or unset it to keep them."
        )
    return int(days or 0)


def parse_instant(text: str | None, name: str = "--since") -> datetime | None:
    """Return the instant a user typed, UTC where no offset is given: see `read_bound`."""
    return read_bound(f"{name} ", text or "", UTC)


def count_waiting_writes() -> int:
    """Return how many writes wait on disk for MongoDB."""
    settings = load_settings()
    uri, name, data = (settings[key] for key in ("MONGODB_URI", "MONGODB_DATABASE", "DATA"))
    return count_waiting(spool_of(uri, name, Path(data)))

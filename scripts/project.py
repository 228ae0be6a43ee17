"""What every subcommand needs of the project: its settings, its outlets, its database."""

import contextlib
import json
import logging
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler.article import iso
from crawler.errors import ConfigurationError
from crawler.outlets.loader import OutletLoader
from crawler.schedule.planning import ScheduleRule
from crawler.spider import OutletSpider
from crawler.store.database import Database
from crawler.store.dictionaries import LIFETIME
from settings import environment

logger = logging.getLogger("dateline")


class Notes(Console):
    """The standard error; where logs are JSON, a logger."""

    is_json = environment.LOG == "json"

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, or log what is text: of progress there is none in a log."""
        if not self.is_json:
            super().print(*objects, **options)
        elif text := " ".join(each for each in objects if isinstance(each, str)).strip():
            logger.info(text)

    def fail(self, sentence: str) -> None:
        """Say why the command ends."""
        if self.is_json:
            logger.error(sentence)
        else:
            self.print(f"dateline: {sentence}", markup=False, soft_wrap=True)


MOST_DAYS = 24_000
"""For which MongoDB can count the seconds (in 32 bits)."""

console = Console(highlight=False)
"""For answers: what a user asked for."""
notes = Notes(stderr=True, highlight=False)
"""For everything else: progress and remarks, which must not get into a pipe."""


def load_settings() -> Settings:
    """The settings of the profile in use, from whatever folder the command is run."""
    with contextlib.chdir(environment.PROJECT):
        return get_project_settings()


@cache
def _loader() -> OutletLoader:
    """Reads `spiders/`; what cannot be read is told by `broken`, not by the log."""
    logging.getLogger("crawler.outlets.loader").setLevel(logging.CRITICAL)
    return OutletLoader(load_settings())


def outlet_names() -> list[str]:
    """The outlets this project collects, in alphabetical order."""
    return sorted(_loader().list())


def broken() -> list[str]:
    """A sentence for each file of `spiders/` that cannot be read."""
    return _loader().broken


def outlet(name: str) -> type[OutletSpider]:
    """The outlet called `name`.

    Raises:
        ConfigurationError: there is none.
    """
    names = outlet_names()
    if name not in names:
        unread = [sentence for sentence in broken() if f"/{name}.py " in sentence]
        near = get_close_matches(name, names, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}."
        raise ConfigurationError(unread[0] if unread else f"There is no outlet {name}: {remedy}")
    found = _loader().load(name)
    assert issubclass(found, OutletSpider)
    return found


def rule(name: str) -> ScheduleRule:
    """When the outlet called `name` is due."""
    declared = outlet(name)
    wanted = ("schedule", "timezone", "missed", "quiet")
    return ScheduleRule(outlet=name, **{one: getattr(declared, one) for one in wanted})


def rules() -> dict[str, ScheduleRule]:
    """When each outlet is due, by name."""
    return {name: rule(name) for name in outlet_names()}


class Declared(NamedTuple):
    """What `spiders/` declares."""

    rules: dict[str, ScheduleRule]
    """When each outlet is due, by name."""
    broken: list[str]
    """A sentence for each file that cannot be read."""


def declared() -> Declared:
    """As it was when this process first looked."""
    return Declared(rules(), broken())


@contextlib.asynccontextmanager
async def database(*, of_any_version: bool = False) -> AsyncIterator[Database]:
    """The project's database, ready for use, with the retention that is set.

    Args:
        of_any_version: it is taken as it is, and nothing is made ready.

    Raises:
        ConfigurationError: what is set is no number of days.
        StoreError: it cannot be used.
    """
    settings = load_settings()
    ages = {name: _days(settings, f"{name.upper()}_DAYS") for name in ("pages", "runs")}
    # A dictionary stays until the last page that may be packed by it is gone.
    ages["dictionaries"] = ages["pages"] and ages["pages"] + LIFETIME.days + 1
    opened = Database(
        uri=settings["MONGODB_URI"],
        name=settings["MONGODB_DATABASE"],
        data=Path(settings["DATA"]),
    )
    try:
        if not of_any_version:
            await opened.prepare()
            for name, days in ages.items():
                await opened.retain(name, days)
        yield opened
    finally:
        await opened.close()


def _days(settings: Settings, name: str) -> int:
    days: str = settings[name]
    if days and not (days.isdecimal() and int(days) <= MOST_DAYS):
        raise ConfigurationError(
            f"DATELINE_{name}={days} is no number of days up to {MOST_DAYS:,}: write it like 365, "
            "or unset it to keep them."
        )
    return int(days or 0)


def print_entry(facts: str, text: str, address: str) -> None:
    """Print facts and a text on one line and an address beneath, whole however wide it is."""
    console.print(Text.assemble((facts, "dim"), (text, "bold")), soft_wrap=True)
    console.print(Text(f"    {address}", style="dim"), soft_wrap=True)


def table(words: tuple[str, ...], figures: tuple[str, ...]) -> Table:
    """An empty table that fits a terminal of 80 columns: headings of words, then of figures."""
    made = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    for heading in words:
        made.add_column(heading, no_wrap=True)
    for heading in figures:
        made.add_column(heading, no_wrap=True, justify="right")
    return made


def instant(text: str | None, name: str = "--since") -> datetime | None:
    """An instant a user typed, UTC where no offset is given.

    Raises:
        ConfigurationError: it is none.
    """
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{name} {text} is no date: write it like 2024-11-30 or 2024-11-30T08:00+05:00."
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def to_json(value: Any, *, indent: int | None = None) -> str:
    """JSON with dates in ISO 8601 and text as it is."""
    return json.dumps(iso(value), ensure_ascii=False, indent=indent)


def print_json(value: Any) -> None:
    """Print a value as indented JSON, undecorated."""
    sys.stdout.write(to_json(value, indent=2) + "\n")

"""``dateline doctor``: what is wrong with this installation, and how to repair it."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import typer
from rich.filesize import decimal
from scrapy.settings import Settings

from crawler.admin.database_checks import Finding, check_database
from crawler.errors import DatelineError
from crawler.fetch.hosts import Hosts
from crawler.fetch.robots_rules import read_robots
from crawler.queue.spool import ASIDE
from crawler.spider import OutletSpider
from crawler.store.database import Database
from scripts.options import AsJson
from scripts.output import print_json, print_table
from scripts.project import load_outlet, load_settings, outlet_names, unreadable_outlets
from settings import environment

MIN_FREE_BYTES, MIN_FREE_SHARE = 2 << 30, 0.05
"""Bytes, and share of the disk, below which it is too full to rely on."""
MAX_ZONES_AGE = 2
"""Years after which time zone rules are out of date: some change every year."""
MAX_SPOOL_AGE = timedelta(hours=1)
"""Age after which writes on disk belong to no run that is going on."""


def doctor(as_json: AsJson = False) -> None:
    """Check MongoDB, clock, time zones, disk, browser, robots.txt and settings; suggest remedies.

    It changes nothing, and sends no request to any site. Exits 0 if nothing is wrong, else 1.
    """
    settings = load_settings()
    findings = [*_check_machine(settings), *asyncio.run(_check_database(settings))]
    if as_json:
        print_json([asdict(finding) | {"ok": not finding.remedy} for finding in findings])
    else:
        rows = (
            ("fault" if each.remedy else "ok", each.name, f"{each.told} {each.remedy}".strip())
            for each in findings
        )
        print_table(rows, ("", "checked"), prose="found")
    raise typer.Exit(int(any(finding.remedy for finding in findings)))


def _check_machine(settings: Settings) -> Iterator[Finding]:
    """Check what needs no database."""
    yield _contact()
    yield from _environment()
    yield from _outlets()
    yield from _zones()
    yield _disk(Path(settings["DATA"]))
    if browsing := [name for name in outlet_names() if load_outlet(name).browser]:
        options = settings["BROWSER_SETTINGS"]["PLAYWRIGHT_LAUNCH_OPTIONS"]
        yield _browser(browsing, options["executable_path"])


def _contact() -> Finding:
    contact = environment.CONTACT
    if re.fullmatch(r"(?:mailto:)?[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+\.\S+", contact):
        return Finding("contact", f"Sites can reach you at {contact}.")
    sentence = (
        f"DATELINE_CONTACT={contact} is not an address."
        if contact
        else "DATELINE_CONTACT is not set."
    )
    return Finding("contact", sentence, "Set DATELINE_CONTACT to an e-mail address or a web page.")


def _environment() -> Iterator[Finding]:
    if unknown := environment.unknown():
        names = ", ".join(unknown)
        yield Finding(
            "environment",
            f"Dateline knows no variable {names}.",
            "Correct the name: see docs/operating.md.",
        )


def _outlets() -> Iterator[Finding]:
    for sentence in unreadable_outlets():
        yield Finding("outlets", sentence, "Correct the file, or remove it from spiders/.")
    if not unreadable_outlets():
        yield Finding("outlets", f"All {len(outlet_names())} files in spiders/ can be read.")


def _zones() -> Iterator[Finding]:
    rules = version("tzdata")
    old = datetime.now(UTC).year - int(rules.partition(".")[0]) >= MAX_ZONES_AGE
    remedy = "Upgrade it: `pip install --upgrade tzdata`."
    yield Finding("zones", f"The rules are those of tzdata {rules}.", remedy if old else "")


def _disk(data: Path) -> Finding:
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    usage = shutil.disk_usage(there)
    full = usage.free < max(MIN_FREE_BYTES, MIN_FREE_SHARE * usage.total)
    sentence = f"{decimal(usage.free)} of {decimal(usage.total)} are free for {data}."
    return Finding("disk", sentence, "Free some space, or move DATELINE_DATA." if full else "")


def _browser(outlets: list[str], program: str | None) -> Finding:
    needed = f"needed by {', '.join(outlets)}"
    remedy = "Install Chromium (on Debian: `apt-get install chromium`)."
    if not program:
        return Finding("browser", f"There is no Chromium, {needed}.", remedy)
    try:
        version_line = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("browser", f"{program}, {needed}, does not start ({error}).", remedy)
    return Finding("browser", f"{version_line.stdout.strip()} is there, {needed}.")


async def _check_database(settings: Settings) -> list[Finding]:
    """Check the database as it is, before anything is created or repaired in it."""
    try:
        database = await asyncio.to_thread(Database.from_settings, settings)
    except DatelineError as error:
        return [
            Finding(
                "MongoDB", str(error), "Start it, or correct MONGODB_URI: nothing can be collected."
            )
        ]
    try:
        found = [finding async for finding in check_database(database)]
        found += _waiting(database.spool)
        if not found[0].remedy:
            found += [await _robots(Hosts(database), load_outlet(name)) for name in outlet_names()]
        return found
    finally:
        await database.close()


def _waiting(spool: Path) -> Iterator[Finding]:
    """Check what runs that have ended left on disk."""
    if aside := sorted(spool.parent.glob(f"*/*{ASIDE}")):
        sentence = f"What is in these files could not be brought to MongoDB: {_listed(aside)}."
        yield Finding("spool", sentence, "Please report it with them, and then remove them.")
    long_ago = datetime.now(UTC) - MAX_SPOOL_AGE
    left = [
        path
        for path in sorted(spool.parent.glob("*/*.spool"))
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < long_ago
    ]
    if not left:
        yield Finding("spool", "Nothing waits on disk for MongoDB.")
        return
    sentence = (
        f"Something waits on disk for MongoDB since {MAX_SPOOL_AGE} or more: {_listed(left)}."
    )
    remedy = "Collect any outlet: its run brings it there."
    if any(path.parent != spool for path in left):
        remedy = (
            f"What is not in {spool} is of another MONGODB_URI or MONGODB_DATABASE: set these as "
            "they were, or move all files of its folder there if this is the same database under "
            f"another name or a restored backup of it. {remedy}"
        )
    yield Finding("spool", sentence, remedy)


def _listed(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))


async def _robots(hosts: Hosts, spider: type[OutletSpider]) -> Finding:
    """Check what the site's robots.txt, as last read, says of its front page."""
    home = urlsplit(spider.home)
    copy = await hosts.robots(spider.home)
    if copy is None:
        return Finding("robots", f"{spider.name}: its robots.txt was not read yet.")
    product = load_settings()["ROBOTSTXT_USER_AGENT"]
    if read_robots(copy.body, product).allows(home.path):
        return Finding("robots", f"{spider.name} allows its front page.")
    sentence = f"{spider.name}: {home.hostname} disallows even its front page."
    return Finding("robots", sentence, "Ask the outlet for permission, or remove it from spiders/.")

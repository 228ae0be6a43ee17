"""``dateline doctor``: what is wrong with this installation, and what to do about it."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
from scripts.project import broken, console, load_settings, outlet, outlet_names, print_json, table
from settings import environment

FREE, FREE_SHARE = 2 << 30, 0.05
"""Bytes, and share of the disk, below which it is too full to rely on."""
OLD_ZONES = 2
"""Years after which rules of time zones are old: some change every year."""
LEFT = timedelta(hours=1)
"""After so long, writes on disk wait for nobody who is under way."""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Look at MongoDB, clock, zones, disk, browser, robots.txt, settings; tell faults and remedies.

    Nothing is changed, and no site is asked for anything. Exits 0 if nothing is wrong, else 1.
    """
    settings = load_settings()
    findings = [*_here(settings), *asyncio.run(_there(settings))]
    if as_json:
        print_json([asdict(finding) | {"ok": not finding.remedy} for finding in findings])
    else:
        made = table(("", "looked at"), ())
        made.add_column("found", overflow="fold")
        for finding in findings:
            told = f"{finding.told} {finding.remedy}".strip()
            made.add_row("fault" if finding.remedy else "ok", finding.name, told)
        console.print(made)
    raise typer.Exit(int(any(finding.remedy for finding in findings)))


def _here(settings: Settings) -> Iterator[Finding]:
    """What can be seen without the database."""
    yield _contact()
    yield from _environment()
    yield from _outlets()
    yield from _zones([outlet(name) for name in outlet_names()])
    yield _disk(Path(settings["DATA"]))
    if browsing := [name for name in outlet_names() if outlet(name).browser]:
        options = settings["BROWSER_SETTINGS"]["PLAYWRIGHT_LAUNCH_OPTIONS"]
        yield _browser(browsing, options["executable_path"])


def _contact() -> Finding:
    contact = environment.CONTACT
    if re.fullmatch(r"(?:mailto:)?[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+\.\S+", contact):
        return Finding("contact", f"Sites can reach you at {contact}.")
    told = f"DATELINE_CONTACT={contact} is no address." if contact else "Nobody knows who we are."
    return Finding("contact", told, "Set DATELINE_CONTACT to an e-mail address or a web page.")


def _environment() -> Iterator[Finding]:
    if unknown := environment.unknown():
        names = ", ".join(unknown)
        yield Finding("environment", f"Nobody reads {names}.", "Correct the name: see the docs.")


def _outlets() -> Iterator[Finding]:
    for sentence in broken():
        yield Finding("outlets", sentence, "Mend the file, or take it out of spiders/.")
    if not broken():
        yield Finding("outlets", f"All {len(outlet_names())} files in spiders/ can be read.")


def _zones(outlets: list[type[OutletSpider]]) -> Iterator[Finding]:
    for spider in outlets:
        try:
            ZoneInfo(spider.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            told = f"{spider.name} is in {spider.timezone}, which this machine does not know."
            yield Finding("zones", told, "Install the tzdata package, or correct the outlet.")
    rules = version("tzdata")
    old = datetime.now(UTC).year - int(rules.partition(".")[0]) >= OLD_ZONES
    remedy = "Upgrade it: `pip install --upgrade tzdata`."
    yield Finding("zones", f"The rules are those of tzdata {rules}.", remedy if old else "")


def _disk(data: Path) -> Finding:
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    usage = shutil.disk_usage(there)
    full = usage.free < max(FREE, FREE_SHARE * usage.total)
    told = f"{decimal(usage.free)} of {decimal(usage.total)} are free for {data}."
    return Finding("disk", told, "Free some space, or move DATELINE_DATA." if full else "")


def _browser(outlets: list[str], program: str | None) -> Finding:
    needed = f"needed by {', '.join(outlets)}"
    remedy = "Install Chromium (on Debian: `apt-get install chromium`)."
    if not program:
        return Finding("browser", f"There is no Chromium, {needed}.", remedy)
    try:
        told = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("browser", f"{program}, {needed}, does not start ({error}).", remedy)
    return Finding("browser", f"{told.stdout.strip()} is there, {needed}.")


async def _there(settings: Settings) -> list[Finding]:
    """What the database tells; as it is, before anything is made or mended in it."""
    try:
        database = await asyncio.to_thread(
            Database,
            uri=settings["MONGODB_URI"],
            name=settings["MONGODB_DATABASE"],
            data=Path(settings["DATA"]),
        )
    except DatelineError as error:
        return [Finding("MongoDB", str(error), "See to it: nothing can be collected.")]
    try:
        found = [finding async for finding in check_database(database)]
        found += _waiting(database.spool)
        if not found[0].remedy:
            found += [await _robots(Hosts(database), outlet(name)) for name in outlet_names()]
        return found
    finally:
        await database.close()


def _waiting(spool: Path) -> Iterator[Finding]:
    """What runs that are over have left on disk."""
    if aside := sorted(spool.parent.glob(f"*/*{ASIDE}")):
        told = f"What is in these files could not be brought to MongoDB: {_listed(aside)}."
        yield Finding("spool", told, "Please report it with them, and then remove them.")
    long_ago = datetime.now(UTC) - LEFT
    left = [
        path
        for path in sorted(spool.parent.glob("*/*.spool"))
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < long_ago
    ]
    if not left:
        yield Finding("spool", "Nothing waits on disk for MongoDB.")
        return
    told = f"Something waits on disk for MongoDB since {LEFT} or more: {_listed(left)}."
    remedy = "Collect any outlet: its run brings it there."
    if any(path.parent != spool for path in left):
        remedy = (
            f"What is not in {spool} is of another MONGODB_URI or MONGODB_DATABASE: set these as "
            "they were, or move all files of its folder there if this is the same database under "
            f"another name or a restored backup of it. {remedy}"
        )
    yield Finding("spool", told, remedy)


def _listed(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))


async def _robots(hosts: Hosts, spider: type[OutletSpider]) -> Finding:
    """What the site's robots.txt, as last read, says of its front page."""
    home = urlsplit(spider.home)
    copy = await hosts.robots(spider.home)
    if copy is None:
        return Finding("robots", f"{spider.name}: not asked yet.")
    product = load_settings()["ROBOTSTXT_USER_AGENT"]
    if read_robots(copy.body, product).allows(home.path):
        return Finding("robots", f"{spider.name} lets us read its front page.")
    told = f"{spider.name}: {home.hostname} forbids us even its front page."
    return Finding("robots", told, "Ask the outlet for leave, or take it out of spiders/.")

"""``dateline why``: every decision ever taken about an address, from its sighting to its fate."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from crawler.fetch.hosts import Hosts
from crawler.fetch.robots_rules import read_robots
from crawler.monitor.address_record import find_address_record
from crawler.monitor.explain import UNSIGHTED, AddressOwner, Explanation, explain
from crawler.store.database import Database
from crawler.store.delay import first_collected
from crawler.store.runs import Runs
from scripts.project import console, database, load_settings, outlet, outlet_names, print_json
from scripts.show import address

UNKNOWN = 1
"""Exit code where no source has ever shown the address."""


def why(
    urls: Annotated[list[str], typer.Argument(help="Any addresses, of stories or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a list with the same.")] = False,
) -> None:
    """Explain what became of an address: who showed it, what was decided about it, and why.

    Exits 1 where no source has ever shown it; then it says whose it would be.
    """
    explained = asyncio.run(_explain([address(url) for url in urls]))
    if as_json:
        print_json([asdict(told) for told in explained])
    else:
        for told in explained:
            _show(told)
    if any(told.fate in UNSIGHTED for told in explained):
        raise typer.Exit(UNKNOWN)


async def _explain(urls: list[str]) -> list[Explanation]:
    explained = []
    async with database() as opened:
        for url in urls:
            found = await find_address_record(opened, url)
            known = found.leads or found.article or found.waiting
            place = AddressOwner() if known else await _place(opened, url)
            explained.append(explain(found, place, datetime.now(UTC)))
    return explained


async def _place(opened: Database, url: str) -> AddressOwner:
    """Where an address would belong; of several outlets, to one that is collected."""
    owners = [each for each in map(outlet, outlet_names()) if each().has_host(url)]
    if not owners:
        return AddressOwner()
    last = await Runs(opened).last([each.name for each in owners])
    owner = max(owners, key=lambda each: (each().is_story(url), each.name in last))
    told = {source["key"]: source for source in last.get(owner.name, {}).get("sources", [])}
    return AddressOwner(
        outlet=owner.name,
        is_story=owner().is_story(url),
        is_allowed=await _is_allowed(opened, url),
        sources=tuple(_source(each.key, told.get(each.key)) for each in owner.sources),
        began=await first_collected(opened, owner.name),
    )


async def _is_allowed(opened: Database, url: str) -> bool | None:
    site = urlsplit(url)
    copy = await Hosts(opened).robots(url)
    if copy is None:
        return None
    robots = read_robots(copy.body, load_settings()["ROBOTSTXT_USER_AGENT"])
    return robots.allows(f"{site.path}?{site.query}" if site.query else site.path)


def _source(key: str, told: dict[str, Any] | None) -> str:
    if told is None:
        return f"{key} was never read."
    reason = f" ({told['reason']})" if told["reason"] else ""
    return f"{key} was {told['outcome']}{reason} in the last run, and showed {told['leads']}."


def _show(told: Explanation) -> None:
    console.print(told.url, style="dim", soft_wrap=True, markup=False)
    console.print(f"{told.fate}: {told.sentence}", markup=False, soft_wrap=True)
    for event in told.events:
        line = f"{event['at']:%Y-%m-%d %H:%M:%S}  {event['text']}"
        console.print(line, markup=False, soft_wrap=True)
    for fact in told.facts:
        console.print(f"- {fact}", markup=False, soft_wrap=True)

"""``dateline why``: every decision about an address, from its first sighting to its outcome."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from crawler.fetch.hosts import Hosts
from crawler.fetch.robots_rules import read_robots
from crawler.monitor.address_explanation import UNSIGHTED, AddressOwner, Explanation, explain
from crawler.monitor.address_record import find_address_record
from crawler.store.database import Database
from crawler.store.publication_delay import first_collected
from crawler.store.runs import Runs
from scripts.output import console, print_json, say
from scripts.project import in_database, load_outlet, load_settings, outlet_names
from scripts.show import parse_url

NEVER_SIGHTED = 1
"""Exit code where no source has ever shown the address."""


def why(
    urls: Annotated[list[str], typer.Argument(help="Addresses, of stories or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as a JSON list.")] = False,
) -> None:
    """Explain what became of an address: who showed it, what was decided about it, and why.

    Exits 1 if no source has ever shown it, and says whose it would be.
    """
    addresses = [parse_url(url) for url in urls]
    explained = in_database(lambda database: _explain(database, addresses))
    if as_json:
        print_json([asdict(each) for each in explained])
    else:
        for each in explained:
            _show(each)
    if any(each.fate in UNSIGHTED for each in explained):
        raise typer.Exit(NEVER_SIGHTED)


async def _explain(database: Database, urls: list[str]) -> list[Explanation]:
    explained = []
    for url in urls:
        found = await find_address_record(database, url)
        known = found.leads or found.article or found.waiting
        owner = AddressOwner() if known else await _owner(database, url)
        explained.append(explain(found, owner, datetime.now(UTC)))
    return explained


async def _owner(database: Database, url: str) -> AddressOwner:
    """Return the outlet of an address; of several, one that is collected."""
    owners = [each for each in map(load_outlet, outlet_names()) if each().has_host(url)]
    if not owners:
        return AddressOwner()
    last = await Runs(database).last([each.name for each in owners])
    owner = max(owners, key=lambda each: (each().is_story(url), each.name in last))
    shown = {source["key"]: source for source in last.get(owner.name, {}).get("sources", [])}
    return AddressOwner(
        outlet=owner.name,
        is_story=owner().is_story(url),
        is_allowed=await _is_allowed(database, url),
        sources=tuple(_source(each.key, shown.get(each.key)) for each in owner.sources),
        began=await first_collected(database, owner.name),
    )


async def _is_allowed(database: Database, url: str) -> bool | None:
    site = urlsplit(url)
    copy = await Hosts(database).robots(url)
    if copy is None:
        return None
    robots = read_robots(copy.body, load_settings()["ROBOTSTXT_USER_AGENT"])
    return robots.allows(f"{site.path}?{site.query}" if site.query else site.path)


def _source(key: str, last: dict[str, Any] | None) -> str:
    if last is None:
        return f"{key} was never read."
    reason = f" ({last['reason']})" if last["reason"] else ""
    return f"{key} was {last['outcome']}{reason} in the last run, and showed {last['leads']}."


def _show(explained: Explanation) -> None:
    console.print(explained.url, style="dim", soft_wrap=True, markup=False)
    say(f"{explained.fate}: {explained.sentence}")
    for event in explained.events:
        say(f"{event['at']:%Y-%m-%d %H:%M:%S}  {event['text']}")
    for fact in explained.facts:
        say(f"- {fact}")

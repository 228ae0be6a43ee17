"""``dateline retry``: try again what has failed too often."""

import asyncio

from crawler.store.ledger import Ledger
from scripts.options import OneOutlet
from scripts.output import notes
from scripts.project import load_outlet, open_database


def retry(name: OneOutlet) -> None:
    """Make every story of an outlet that failed due again, for its next run."""
    load_outlet(name)
    count = asyncio.run(_retry(name))
    notes.say(f"{count} failed stories of {name} are due again.")


async def _retry(name: str) -> int:
    async with open_database() as database:
        return await Ledger(database, name).retry()

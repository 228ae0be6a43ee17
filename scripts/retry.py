"""``dateline retry``: take up again what has failed too often."""

import asyncio
from typing import Annotated

import typer

from crawler.store.ledger import Ledger
from scripts.project import database, notes, outlet


def retry(
    name: Annotated[str, typer.Argument(metavar="OUTLET", help="The outlet.")],
) -> None:
    """Make every story of an outlet that failed due again, for its next run."""
    outlet(name)
    count = asyncio.run(_retry(name))
    notes.print(f"{count} failed stories of {name} are due again.", markup=False)


async def _retry(name: str) -> int:
    async with database() as opened:
        return await Ledger(opened, name).retry()

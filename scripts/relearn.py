"""``dateline relearn``: what has changed for good is usual from now on."""

import asyncio
from typing import Annotated

import typer

from crawler.monitor.drift.profile_store import ProfileStore
from scripts.project import database, notes, outlet


def relearn(
    name: Annotated[str, typer.Argument(metavar="OUTLET", help="The outlet.")],
) -> None:
    """Forget what is usual for an outlet: its next runs learn it anew, and raise no alarm by it.

    For changes that are no fault: an outlet that names no authors any more, or publishes less.
    """
    outlet(name)
    known = asyncio.run(_forget(name))
    told = f"What is usual for {name} is learnt anew." if known else f"{name} has no history yet."
    notes.print(told, markup=False)


async def _forget(name: str) -> bool:
    async with database() as opened:
        return await ProfileStore(opened, name).forget()

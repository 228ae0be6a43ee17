"""``dateline relearn``: accept a lasting change of an outlet as usual."""

import asyncio

from crawler.store.profiles import ProfileStore
from scripts.options import OneOutlet
from scripts.output import notes
from scripts.project import load_outlet, open_database


def relearn(name: OneOutlet) -> None:
    """Forget what is usual for an outlet: its next runs learn it again, and raise no alarm by it.

    Use it after a change that is no fault: an outlet that no longer names authors, or publishes
    less.
    """
    load_outlet(name)
    is_known = asyncio.run(_forget(name))
    done = f"The next runs learn what is usual for {name}." if is_known else ""
    notes.say(done or f"{name} has no history yet.")


async def _forget(name: str) -> bool:
    async with open_database() as database:
        return await ProfileStore(database, name).forget()

"""``dateline relearn``: accept a lasting change of an outlet as usual."""

from crawler.store.database import Database
from crawler.store.profiles import ProfileStore
from crawler.store.runs import Outlets
from scripts.options import OneOutlet
from scripts.output import notes
from scripts.project import check_known, in_database


def relearn(name: OneOutlet) -> None:
    """Forget what is usual for an outlet: its next runs learn it again, and raise no alarm by it.

    Use it after a change that is no fault: an outlet that no longer names authors, or publishes
    less; or a source of which most entries are no stories.
    """
    check_known(name)
    is_known = in_database(lambda database: _forget(database, name))
    done = f"The next runs learn what is usual for {name}." if is_known else ""
    notes.say(done or f"{name} has no history yet.")


async def _forget(database: Database, name: str) -> bool:
    was_polled = await Outlets(database).accept_as_usual(name)
    return await ProfileStore(database, name).forget() or was_polled

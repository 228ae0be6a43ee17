"""``dateline quarantine``: stories that were read and are no articles yet, and why."""

from typing import Any

from crawler.queue.writer import quarantined
from crawler.store.database import Database
from scripts.options import AnyOutlet, AsJson
from scripts.output import notes, print_entry, print_json
from scripts.project import check_known, in_database


def quarantine(name: AnyOutlet = "", as_json: AsJson = False) -> None:
    """Show stories that were read and are no articles yet, and why.

    Once the rules are corrected, `dateline reparse OUTLET` makes articles of those whose page is
    kept.
    """
    if name:
        check_known(name)
    found = in_database(lambda database: _find(database, name))
    if as_json:
        print_json(found)
    elif not found:
        notes.print("Nothing is in quarantine.")
    else:
        for story in found:
            facts = f"{story['at']:%Y-%m-%d %H:%M}  {story['outlet']}  "
            print_entry(facts, story["reason"], story["_id"])


async def _find(database: Database, name: str) -> list[dict[str, Any]]:
    return [story async for story in quarantined(database, name)]

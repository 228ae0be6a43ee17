"""``dateline retry``: try again what has failed too often."""

from crawler.store.ledger import Ledger
from scripts.options import OneOutlet
from scripts.output import notes
from scripts.project import in_database, load_outlet


def retry(name: OneOutlet) -> None:
    """Make every story of an outlet that failed due again, for its next run."""
    load_outlet(name)
    count = in_database(lambda database: Ledger(database, name).retry())
    notes.say(f"{count} failed stories of {name} are due again.")

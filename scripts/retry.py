"""``dateline retry``: try again what has failed too often."""

from crawler.store.ledger import Ledger
from scripts.options import OneOutlet
from scripts.output import notes
from scripts.project import check_known, in_database


def retry(name: OneOutlet) -> None:
    """Make every story of an outlet that failed due again, for its next run."""
    check_known(name)
    count = in_database(lambda database: Ledger(database, name).retry())
    notes.say(f"{count} failed stories of {name} are due again.")

"""What waits in quarantine becomes articles, and these are looked at again like any others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.lead import Lead
from crawler.queue.writer import MongoWriter, quarantined_write
from crawler.queue.writes import ArticleWrite
from crawler.reparse.reparse_store import ReparseStore
from crawler.run.recorder import outcome_of
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.ledger import Ledger
from tests.crawler.store_fixture import AT, Store, article, stamp

pytestmark = pytest.mark.fresh

AGES = (timedelta(hours=1), timedelta(days=1))


@pytest.mark.parametrize("was_stored", [False, True])
def test_it_is_looked_at_again(store: Store, *, was_stored: bool) -> None:
    """New or not: the second was stored before it was read by a broken template."""
    now = datetime.now(UTC)
    one = article(published=stamp(now), fetched=now)

    async def work(database: Database) -> dict[str, Any]:
        ledger, filing = Ledger(database, "news"), MongoWriter(database)
        (entry,) = await ledger.sight(UNFENCED, [Lead(url=one.lead, origin="feed")], "feed:/feed")
        if was_stored:
            read = article(title="Before", fetched=AT)
            await filing.write(
                UNFENCED, [ArticleWrite.of(read, 0, due=now, validators={"etag": '"a"'})]
            )
            (entry,) = await ledger.sight(
                UNFENCED, [Lead(url=one.lead, origin="feed")], "feed:/feed"
            )
        _, fate = outcome_of(entry, "rejected", "broken_template", "failed", now)
        await filing.write(UNFENCED, [quarantined_write(fate, one, "broken_template")])
        entries = await ledger.entries([one.lead])
        await ReparseStore(database, "news").recover([one], entries, AGES)
        assert not await ledger.revisits()
        return dict(await database["leads"].find_one() or {})

    lead = store.run(work)
    assert (lead["state"], lead["validators"]) == ("stored", None)
    assert lead["due"] == lead["first_seen"] + AGES[0]
    assert store.plain.quarantine.count_documents({}) == 0
    assert [kept["title"] for kept in store.plain.articles.find()] == [one.title]

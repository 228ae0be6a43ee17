"""All that is stored of one address: who showed it, what was decided, and what came of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bson import decode
from bson.codec_options import CodecOptions

from crawler.queue.spool import waiting
from crawler.store.articles import Articles
from crawler.store.collection import Document
from crawler.store.database import Database
from crawler.store.revisions import Revisions
from crawler.store.runs import Runs
from crawler.text.urls import identity

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRecord:
    """The documents of one address."""

    url: str
    """Normalised."""
    leads: list[Document] = field(default_factory=list)
    """Those of this address first; then others of the same story."""
    article: Document | None = None
    revisions: list[Document] = field(default_factory=list)
    quarantined: list[Document] = field(default_factory=list)
    waiting: list[Document] = field(default_factory=list)
    """Writes that wait on this machine's disk."""
    run: Document | None = None
    """The last run of its outlet."""


async def find_address_record(database: Database, url: str) -> AddressRecord:
    """Find all that is stored of an address, in whatever form it is known."""
    article = await Articles(database).get(url)
    forms = {identity(url)}
    if article:
        forms |= set(map(identity, (article["_id"], article["lead"], *article["aliases"])))
    same = {"identities": {"$in": list(forms)}}
    leads = await database["leads"].find(same).to_list()
    leads.sort(key=lambda lead: (lead["_id"] != url, identity(url) not in lead["identities"]))
    own = [url, *(lead["_id"] for lead in leads)]
    aside = {"$or": [{"_id": {"$in": own}}, {"lead": {"$in": own}}]}
    quarantined = await database["quarantine"].find(aside).to_list()
    return AddressRecord(
        url=url,
        leads=leads,
        article=article,
        revisions=await Revisions(database).of(article["_id"]) if article else [],
        quarantined=quarantined,
        run=await Runs(database).latest(leads[0]["outlet"]) if leads else None,
        waiting=await asyncio.to_thread(_waiting, database, own),
    )


def _waiting(database: Database, own: Sequence[str]) -> list[Document]:
    """Return what waits on disk for MongoDB and concerns these addresses."""
    writes = (decode(body, _AWARE) for body in waiting(database.spool))
    return [write for write in writes if _lead(write) in own]


def _lead(write: Document) -> str | None:
    if write["kind"] == "article":
        return str(write["article"]["lead"])
    return str(write["lead"]) if write["kind"] == "fate" else None

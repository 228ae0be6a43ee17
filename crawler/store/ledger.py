"""The ledger: every address ever sighted, who showed it and when, and its one fate so far."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pymongo import UpdateOne

from crawler.lead import Lead
from crawler.store.articles import Articles
from crawler.store.database import Database, Document

State = Literal["pending", "stored", "skipped", "failed", "gone"]

OUT_OF_RANGE = "out_of_range"
"""Why a lead is skipped whose page states a date beyond a run's bounds; a wider run takes it."""

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=15),
    timedelta(hours=2),
    timedelta(hours=24),
)
"""When a failed address is due again, by the number of attempts so far; after these it rests."""

CHUNK = 1_000
"""Leads of one look-up: the query has to stay far below MongoDB's 16 MB."""

_STATED = tuple(f.name for f in fields(Lead) if f.name not in ("url", "aliases", "content"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A lead as the ledger knows it."""

    lead: Lead
    first_seen: datetime
    sighted_by: tuple[str, ...]
    attempts: int = 0
    published: datetime | None = None
    """The story's instant: as its page states it, else as its source does."""
    known: bool = False
    """Settled before: not to be fetched in this run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How a lead ended in a run."""

    entry: Entry
    state: State
    reason: str | None = None
    """Snake_case; None only for ``stored``."""
    article: str | None = None
    """``_id`` of the article it became or belongs to."""
    aliases: tuple[str, ...] = ()
    published: datetime | None = None
    """The story's instant, where its page was read."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Ledger:
    """The leads of one outlet, in the ``leads`` collection."""

    def __init__(self, database: Database, outlet: str) -> None:
        self._database = database
        self._leads = database["leads"]
        self._articles = Articles(database)
        self._outlet = outlet

    async def due(
        self, since: datetime | None, until: datetime | None, after: str = ""
    ) -> list[Entry]:
        """What earlier runs left pending, or failed and is due again, or found out of range.

        At most `CHUNK` of them, by address, from `after` on.
        """
        published: Document = {}
        if since:
            published["$gte"] = since
        if until:
            published["$lt"] = until
        skipped: Document = {"state": "skipped", "reason": OUT_OF_RANGE}
        wanted: list[Document] = [
            {"state": "pending"},
            {"state": "failed", "due": {"$lte": datetime.now(UTC)}},
            {**skipped, "published": published} if published else skipped,
        ]
        own = {"outlet": self._outlet, "_id": {"$gt": after}}
        query = {"$or": [own | state for state in wanted]}  # thus each is a range of the index
        with self._database.calls():
            found = self._leads.find(query).sort("_id").limit(CHUNK)
            return [_entry(stored) async for stored in found]

    async def sight(self, leads: Sequence[Lead], source: str) -> list[Entry]:
        """Record that `source` shows `leads`; return an entry for each distinct lead, in order.

        One look-up and, where anything is new, one write for every `CHUNK` leads, acknowledged
        before this returns.
        """
        first = {lead.url: lead for lead in reversed(leads)}
        in_order = dict.fromkeys(lead.url for lead in leads)
        distinct = _without_shared_aliases([first[url] for url in in_order])
        entries: dict[str, Entry] = {}
        for start in range(0, len(distinct), CHUNK):
            entries |= await self._sight(distinct[start : start + CHUNK], source)
        return list(entries.values())

    async def _sight(self, leads: Sequence[Lead], source: str) -> dict[str, Entry]:
        addresses = [lead.url for lead in leads]
        guids = [alias for lead in leads for alias in lead.aliases]
        now = datetime.now(UTC)
        found: dict[str, Document] = {}
        entries: dict[str, Entry] = {}
        writes: list[UpdateOne] = []
        spread: list[str] = []
        query = {"$or": [{"_id": {"$in": addresses + guids}}, {"aliases": {"$in": addresses}}]}
        with self._database.calls():
            async for stored in self._leads.find(query):
                found |= dict.fromkeys([*stored["aliases"], stored["_id"]], stored)
            for lead in leads:
                known = next((found[a] for a in (lead.url, *lead.aliases) if a in found), None)
                if known is None:
                    known = _document(lead, self._outlet, source, now)
                    new = {"$setOnInsert": {k: v for k, v in known.items() if k != "_id"}}
                    writes.append(UpdateOne({"_id": lead.url}, new, upsert=True))
                    found |= dict.fromkeys([*lead.aliases, lead.url], known)
                elif source not in (sighting["source"] for sighting in known["sightings"]):
                    sighting = {"source": source, "at": now}
                    known["sightings"].append(sighting)
                    if known.get("article"):
                        spread.append(known["article"])
                    writes.append(
                        UpdateOne({"_id": known["_id"]}, {"$push": {"sightings": sighting}})
                    )
                entries.setdefault(known["_id"], _entry(known))
            if writes:
                await self._leads.bulk_write(writes, ordered=False)
            if spread:
                await self._articles.add_source(spread, source)
        return entries

    async def settle(self, fates: list[Fate]) -> list[None]:
        """Write how leads ended; acknowledged when this returns."""
        with self._database.calls():
            await self._leads.bulk_write([_settlement(fate) for fate in fates], ordered=False)
        return [None] * len(fates)

    async def counts(self) -> dict[str, int]:
        """Number of leads by state."""
        stages: list[Document] = [
            {"$match": {"outlet": self._outlet}},
            {"$sortByCount": "$state"},
        ]
        with self._database.calls():
            groups = await self._leads.aggregate(stages)
            return {group["_id"]: group["count"] async for group in groups}

    async def recall(self, since: datetime, zone: str) -> list[Document]:
        """How much of what is known each source showed, day by day.

        A story counts for the day it was published, or else first seen, in `zone` (IANA).

        Returns:
            For each day since, the newest first: ``day``, ``union`` (the stories that any source
            showed), and by source ``shown`` and ``first`` (those it showed before the others did).
        """
        moment: Document = {"$ifNull": ["$published", "$first_seen"]}
        day = {"$dateToString": {"date": moment, "format": "%Y-%m-%d", "timezone": zone}}
        shown: list[Document] = [
            {"$unwind": {"path": "$sightings", "includeArrayIndex": "place"}},
            {
                "$group": {
                    "_id": {"day": "$day", "source": "$sightings.source"},
                    "shown": {"$sum": 1},
                    "first": {"$sum": {"$cond": [{"$eq": ["$place", 0]}, 1, 0]}},
                }
            },
        ]
        stages: list[Document] = [
            {"$match": {"outlet": self._outlet, "$expr": {"$gte": [moment, since]}}},
            {"$project": {"day": day, "sightings.source": 1}},
            {"$facet": {"days": [{"$sortByCount": "$day"}], "shown": shown}},
        ]
        with self._database.calls():
            cursor = await self._leads.aggregate(stages)
            (found,) = await cursor.to_list()
        days = {row["_id"]: {"union": row["count"], "sources": {}} for row in found["days"]}
        for row in found["shown"]:
            told = {"shown": row["shown"], "first": row["first"]}
            days[row["_id"]["day"]]["sources"][row["_id"]["source"]] = told
        return [{"day": name, **days[name]} for name in sorted(days, reverse=True)]

    async def retry(self) -> int:
        """Make every failed lead due again, with its delays from the start; tell how many."""
        again = {"state": "failed", "$or": [{"due": None}, {"due": {"$gt": datetime.now(UTC)}}]}
        change = {"$set": {"due": datetime.now(UTC), "attempts": 0}}
        with self._database.calls():
            result = await self._leads.update_many({"outlet": self._outlet, **again}, change)
        return result.modified_count


def _without_shared_aliases(leads: list[Lead]) -> list[Lead]:
    """Leads without the aliases that stand for several: such a guid names no single story."""
    claims = Counter(alias for lead in leads for alias in set(lead.aliases))
    shared = {alias for alias, count in claims.items() if count > 1}
    return [
        replace(lead, aliases=tuple(alias for alias in lead.aliases if alias not in shared))
        for lead in leads
    ]


def _document(lead: Lead, outlet: str, source: str, now: datetime) -> Document:
    stated = {name: getattr(lead, name) for name in _STATED}
    return {
        "_id": lead.url,
        "outlet": outlet,
        "aliases": list(lead.aliases),
        "stated": {name: list(v) if isinstance(v, tuple) else v for name, v in stated.items()},
        "first_seen": now,
        "sightings": [{"source": source, "at": now}],
        "state": "pending",
        "reason": None,
        "attempts": 0,
        "due": now,
        "published": None,
    }


def _entry(stored: Document) -> Entry:
    stated: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored["stated"].items()
    }
    return Entry(
        lead=Lead(url=stored["_id"], aliases=tuple(stored["aliases"]), **stated),
        first_seen=stored["first_seen"],
        sighted_by=tuple(sighting["source"] for sighting in stored["sightings"]),
        attempts=stored["attempts"],
        published=stored["published"] or stated["at"],
        known=not _is_due(stored),
    )


def _is_due(stored: Document) -> bool:
    if stored["state"] == "failed":
        return stored["due"] is not None and stored["due"] <= datetime.now(UTC)
    return bool(stored["state"] == "pending" or stored["reason"] == OUT_OF_RANGE)


def _settlement(fate: Fate) -> UpdateOne:
    attempts = fate.entry.attempts + 1
    state, due = fate.state, None
    if state == "failed" and attempts <= len(RETRY_AFTER):
        due = fate.at + RETRY_AFTER[attempts - 1]
    elif state == "failed" and fate.reason == "http_404":
        state = "gone"
    settled = {
        "state": state,
        "reason": fate.reason,
        "attempts": attempts,
        "due": due,
        "settled": fate.at,
        "article": fate.article,
        "published": fate.published,
    }
    update: Document = {"$set": settled}
    if fate.aliases:
        update["$addToSet"] = {"aliases": {"$each": list(fate.aliases)}}
    return UpdateOne({"_id": fate.entry.lead.url}, update)

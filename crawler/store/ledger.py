"""The ledger: every address ever sighted, who showed it and when, and its one fate so far."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pymongo import ASCENDING, UpdateOne

from crawler.lead import Lead
from crawler.store.articles import Articles
from crawler.store.database import EVER, Database, Document
from crawler.text.urls import identity

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

MISSING = "http_404"
LOOK_AGAIN = timedelta(minutes=15)
"""When a page that is not there is looked for once more: some are announced before they are."""

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
    article: str | None = None
    """``_id`` of the article that is stored of it: its page is only looked at again."""
    validators: Document | None = None
    """What its server said of the page when it was last read (`crawler.validators`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How a lead ended in a run: plain values, as they also wait on disk."""

    lead: str
    """Its address."""
    attempts: int
    """How often its page had been asked for before."""
    state: State
    reason: str | None = None
    """Snake_case; None only for ``stored``."""
    article: str | None = None
    """``_id`` of the article it became or belongs to."""
    aliases: tuple[str, ...] = ()
    published: datetime | None = None
    """The story's instant, where its page was read."""
    due: datetime | None = None
    """When a stored story is to be looked at again."""
    validators: Document | None = None
    """As of `Entry`."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Ledger:
    """The leads of one outlet, in the ``leads`` collection."""

    def __init__(self, database: Database, outlet: str) -> None:
        self._database = database
        self._leads = database["leads"]
        self._articles = Articles(database)
        self._outlet = outlet
        self._is_complete = False

    async def due(
        self, since: datetime | None, until: datetime | None, after: str = ""
    ) -> list[Entry]:
        """What earlier runs left pending, or failed and is due again, or found out of range.

        At most `CHUNK` of them, by address, from `after` on.
        """
        await self._complete()
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

    async def revisits(self) -> list[Entry]:
        """Stored stories that are to be looked at again: at most `CHUNK`, the longest due first."""
        due = {"$gt": EVER, "$lte": datetime.now(UTC)}
        query = {"outlet": self._outlet, "state": "stored", "due": due}
        with self._database.calls():
            found = self._leads.find(query).sort("due").limit(CHUNK)
            return [_entry(stored) async for stored in found]

    async def sight(self, leads: Sequence[Lead], source: str) -> list[Entry]:
        """Record that `source` shows `leads`; return an entry for each distinct lead, in order.

        Leads are one where their addresses have one identity, or where one's address is an alias of
        the other; two that merely share an alias, such as a guid, are not. One look-up and, where
        anything is new, one write for every `CHUNK` leads, acknowledged before this returns.
        """
        await self._complete()
        distinct = _without_shared_aliases(_distinct(leads))
        entries: dict[str, Entry] = {}
        for start in range(0, len(distinct), CHUNK):
            entries |= await self._sight(distinct[start : start + CHUNK], source)
        return list(entries.values())

    async def _sight(self, leads: Sequence[Lead], source: str) -> dict[str, Entry]:
        now = datetime.now(UTC)
        known = _Known()
        entries: dict[str, Entry] = {}
        writes: list[UpdateOne] = []
        spread: list[str] = []
        wanted = {form for lead in leads for form in _identities(lead.url, lead.aliases)}
        with self._database.calls():
            async for stored in self._leads.find({"identities": {"$in": list(wanted)}}):
                known.add(stored)
            for lead in leads:
                found = known.find(lead)
                if found is None:
                    found = _document(lead, self._outlet, source, now)
                    new = {"$setOnInsert": {k: v for k, v in found.items() if k != "_id"}}
                    writes.append(UpdateOne({"_id": lead.url}, new, upsert=True))
                    known.add(found)
                elif source not in (sighting["source"] for sighting in found["sightings"]):
                    sighting = {"source": source, "at": now}
                    found["sightings"].append(sighting)
                    if found.get("article"):
                        spread.append(found["article"])
                    writes.append(
                        UpdateOne({"_id": found["_id"]}, {"$push": {"sightings": sighting}})
                    )
                entries.setdefault(found["_id"], _entry(found))
            if writes:
                await self._leads.bulk_write(writes, ordered=False)
            if spread:
                await self._articles.add_source(spread, source)
        return entries

    async def _complete(self) -> None:
        """Give the leads that an earlier version wrote their identities, once."""
        older = {"identities": None}
        with self._database.calls():
            while not self._is_complete:
                writes = [
                    UpdateOne(
                        {"_id": stored["_id"]},
                        _adding(identities=_identities(stored["_id"], stored["aliases"])),
                    )
                    async for stored in self._leads.find(older, ["aliases"]).limit(CHUNK)
                ]
                if writes:
                    await self._leads.bulk_write(writes, ordered=False)
                self._is_complete = not writes

    async def leads(self, addresses: Sequence[str]) -> dict[str, Lead]:
        """Those of the leads with these addresses that are known, by address."""
        entries = await self.entries(addresses)
        return {address: entry.lead for address, entry in entries.items()}

    async def entries(self, addresses: Sequence[str]) -> dict[str, Entry]:
        """What is known of these addresses, by address."""
        with self._database.calls():
            found = self._leads.find({"_id": {"$in": list(addresses)}})
            return {stored["_id"]: _entry(stored) async for stored in found}

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
        day = {"$dateToString": {"date": "$moment", "format": "%Y-%m-%d", "timezone": zone}}
        story = {"$ifNull": ["$article", "$_id"]}  # one that has moved has several leads
        shown: list[Document] = [
            {"$unwind": {"path": "$sources", "includeArrayIndex": "place"}},
            {
                "$group": {
                    "_id": {"day": "$day", "source": "$sources"},
                    "shown": {"$sum": 1},
                    "first": {"$sum": {"$cond": [{"$eq": ["$place", 0]}, 1, 0]}},
                }
            },
        ]
        stages: list[Document] = [
            {"$match": {"outlet": self._outlet, "$expr": {"$gte": [moment, since]}}},
            {"$project": {"story": story, "moment": moment, "sightings": 1}},
            {"$unwind": "$sightings"},
            {
                "$group": {
                    "_id": {"story": "$story", "source": "$sightings.source"},
                    "moment": {"$min": "$moment"},
                    "at": {"$min": "$sightings.at"},
                }
            },
            {"$sort": {"at": ASCENDING}},
            {
                "$group": {
                    "_id": "$_id.story",
                    "moment": {"$min": "$moment"},
                    "sources": {"$push": "$_id.source"},
                }
            },
            {"$project": {"day": day, "sources": 1}},
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


class _Known:
    """Documents of the ledger, by what their leads are recognised by."""

    def __init__(self) -> None:
        self._own: dict[str, Document] = {}
        """By their addresses and what these are identified by."""
        self._all: dict[str, Document] = {}
        """By all of their identities."""

    def add(self, stored: Document) -> None:
        self._own[stored["_id"]] = stored
        self._own.setdefault(identity(stored["_id"]), stored)
        for form in stored["identities"]:
            self._all.setdefault(form, stored)

    def find(self, lead: Lead) -> Document | None:
        """The document of the same story."""
        form = identity(lead.url)
        found = self._own.get(lead.url) or self._own.get(form) or self._all.get(form)
        by_alias = (self._own.get(identity(alias)) for alias in lead.aliases)
        return found or next(filter(None, by_alias), None)


def _identities(address: str, aliases: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(map(identity, (address, *aliases))))


def _distinct(leads: Iterable[Lead]) -> list[Lead]:
    """Leads in order; of those with one identity the first, with the others' addresses."""
    same: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads:
        same[identity(lead.url)].append(lead)
    return [_with_aliases(found[0], (lead.url for lead in found)) for found in same.values()]


def _with_aliases(lead: Lead, more: Iterable[str]) -> Lead:
    aliases = tuple(url for url in dict.fromkeys((*lead.aliases, *more)) if url != lead.url)
    return replace(lead, aliases=aliases) if aliases != lead.aliases else lead


def _without_shared_aliases(leads: list[Lead]) -> list[Lead]:
    """Leads without the aliases that stand for several: such a guid names no single story."""
    claims = Counter(form for lead in leads for form in set(map(identity, lead.aliases)))
    shared = {form for form, count in claims.items() if count > 1}
    if not shared:
        return leads
    return [
        replace(lead, aliases=tuple(a for a in lead.aliases if identity(a) not in shared))
        for lead in leads
    ]


def _document(lead: Lead, outlet: str, source: str, now: datetime) -> Document:
    stated = {name: getattr(lead, name) for name in _STATED}
    return {
        "_id": lead.url,
        "outlet": outlet,
        "aliases": list(lead.aliases),
        "identities": _identities(lead.url, lead.aliases),
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
        article=stored.get("article") if stored["state"] == "stored" else None,
        validators=stored.get("validators"),
    )


def _is_due(stored: Document) -> bool:
    if stored["state"] == "failed":
        return stored["due"] is not None and stored["due"] <= datetime.now(UTC)
    return bool(stored["state"] == "pending" or stored["reason"] == OUT_OF_RANGE)


def _adding(**values: Iterable[str]) -> Document:
    """The update that adds values to lists that do not have them."""
    return {"$addToSet": {name: {"$each": list(added)} for name, added in values.items()}}


def _settlement(fate: Fate) -> UpdateOne:
    attempts = fate.attempts + 1
    state, due = fate.state, fate.due
    if state == "failed" and fate.reason == MISSING:
        state, due = ("failed", fate.at + LOOK_AGAIN) if attempts == 1 else ("gone", None)
    elif state == "failed" and attempts <= len(RETRY_AFTER):
        due = fate.at + RETRY_AFTER[attempts - 1]
    settled = {
        "state": state,
        "reason": fate.reason,
        "attempts": attempts,
        "due": due,
        "settled": fate.at,
        "article": fate.article,
        "published": fate.published,
        "validators": fate.validators,
    }
    update: Document = {"$set": settled}
    if fate.aliases:
        forms = _identities(fate.lead, fate.aliases)
        update |= _adding(aliases=fate.aliases, identities=forms)
    # What waited on disk may come after what a later run found.
    return UpdateOne({"_id": fate.lead, "settled": {"$not": {"$gt": fate.at}}}, update)

"""The ledger, the ``leads`` collection: every address ever sighted, and its outcome so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, UpdateOne

from crawler.lead import Lead, LeadState
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED, Document, Fence
from crawler.store.database import Database
from crawler.store.lead_matcher import LeadMatcher, SightingPlan, distinct, has_moved, session_forms
from crawler.store.schema import EPOCH
from crawler.text.urls import identity

OUT_OF_RANGE = "out_of_range"
"""Why a lead is skipped whose page states a date beyond a run's bounds; a wider run takes it."""

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=15),
    timedelta(hours=2),
    timedelta(hours=24),
)
"""When a failed address is due again, by the number of attempts so far; after these it rests."""

NOT_MODIFIED = "not_modified"
"""Why a stored story that was visited again is as it was: its page has not changed."""
MISSING = "http_404"
NOT_THERE = frozenset({MISSING, "http_410"})
WITHDRAWING = NOT_THERE | {"soft_404"}
"""Reasons for which a stored story is withdrawn."""
WITHDRAWN = "withdrawn"
"""What became of a stored story whose page was looked at again, and is not there."""
DOUBTFUL = "doubtful"
"""What became of a stored story whose page says less than the story, and is not believed."""
LOOK_AGAIN = timedelta(minutes=15)
"""When a page that is not there is looked for once more: some are announced before they are. Each
further delay is twice the one before."""
LOOKS = 2
"""How often that is done in any case; from then on only while a source shows it."""
LONGEST_WAIT = timedelta(days=1)
"""Where that doubling ends."""

DISMISSALS = ("robots_disallowed", "offsite", "not_html")
"""Why earlier versions skipped a lead for good; nothing of this is decided by the story itself."""

RETRY = "retry"
"""What the history of a lead says where somebody asked for it to be tried again."""
HISTORY = 20
"""Decisions that are kept of a lead, the latest ones."""

CHUNK = 1_000
"""Leads of one look-up: the query has to stay far below MongoDB's 16 MB."""

_STATED = tuple(f.name for f in fields(Lead) if f.name not in ("url", "aliases", "content"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A lead as the ledger knows it."""

    lead: Lead
    first_seen: datetime
    sighted_by: tuple[str, ...]
    attempts: int = 0
    published: datetime | None = None
    """The story's instant: as its page states it, else as its source does."""
    known: bool = False
    """Settled before: not to be fetched in this run."""
    reason: str | None = None
    """How it ended when it was tried last."""
    article: str | None = None
    """``_id`` of the article that is stored of it: its page is only looked at again."""
    fence: int = 0
    """The token of the run that settled it last."""
    validators: Document | None = None
    """What its server said of the page when it was last read (`crawler.fetch.http_cache`)."""
    moved_to: str | None = None
    """Where its page is by now, as its feed says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadOutcome:
    """The outcome of a lead in a run: plain values, as they also wait on disk."""

    lead: str
    """Its address."""
    attempts: int
    """How often its page had been asked for before."""
    state: LeadState
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
    """As of `LedgerEntry`."""
    fence: int = 0
    """The token of the run's lease: it grows from run to run (`crawler.store.leases`)."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Ledger:
    """The leads of one outlet, in the ``leads`` collection."""

    def __init__(self, database: Database, outlet: str) -> None:
        self._leads = database["leads"]
        self._articles = Articles(database)
        self._outlet = outlet

    async def due(
        self, since: datetime | None, until: datetime | None, after: str = ""
    ) -> list[LedgerEntry]:
        """Return leads that are pending, that failed and are due again, or that were out of range.

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
        found = self._leads.find(query, sort=[("_id", ASCENDING)], limit=CHUNK)
        return [_entry(stored) async for stored in found]

    async def revisits(self) -> list[LedgerEntry]:
        """Return stored stories to visit again: at most `CHUNK`, the longest due first."""
        due = {"$gt": EPOCH, "$lte": datetime.now(UTC)}
        query = {"outlet": self._outlet, "state": "stored", "due": due}
        found = self._leads.find(query, sort=[("due", ASCENDING)], limit=CHUNK)
        return [_entry(stored) async for stored in found]

    async def awaits_missing(self, within: timedelta) -> bool:
        """Tell whether a page that was not there became due again `within` the last time.

        Only a source that is read in full can tell whether it is still shown.
        """
        now = datetime.now(UTC)
        query = {"outlet": self._outlet, "state": "gone", "due": {"$gt": now - within, "$lte": now}}
        return await self._leads.find_one(query, ["_id"]) is not None

    async def sight(self, fence: Fence, leads: Sequence[Lead], source: str) -> list[LedgerEntry]:
        """Record that `source` shows `leads`; return an entry for each distinct lead, in order.

        Leads are one where their addresses have one identity, or where one's address is an alias of
        the other; two that merely share an alias, such as a guid, are not. But a story that is
        known to this source by its guid may have moved (`has_moved`). One look-up and, where
        anything is new, one write for every `CHUNK` leads, acknowledged before this returns.
        """
        different = distinct(leads)
        entries: dict[str, LedgerEntry] = {}
        for start in range(0, len(different), CHUNK):
            entries |= await self._sight(fence, different[start : start + CHUNK], source)
        return list(entries.values())

    async def _sight(
        self, fence: Fence, leads: Sequence[Lead], source: str
    ) -> dict[str, LedgerEntry]:
        now = datetime.now(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as it is stored
        wanted = {form for lead in leads for form in identities(lead.url, lead.aliases)}
        wanted |= {form for own in session_forms(leads).values() for form in own.values()}
        wanted |= {f"{self._guids(source)}{lead.guid}" for lead in leads if lead.guid}
        known = await self._leads.find({"identities": {"$in": list(wanted)}}).to_list()
        plan = self._plan(leads, source, now, known)
        unseen = {"sightings.source": {"$ne": source}}
        push = {"$push": {"sightings": {"source": source, "at": now}}}
        await self._write(
            fence,
            [
                *map(_insertion, plan.new.values()),
                # Again where the first attempt was not acknowledged: it may have been made.
                *(UpdateOne({"_id": old["_id"], **unseen}, push) for old in plan.again),
                *plan.changes,
            ],
        )
        await self._articles.add_aliases(fence, plan.moved)
        if spread := [old["article"] for old in plan.again if old.get("article")]:
            await self._articles.add_source(fence, spread, source)
        return {url: _entry(stored) for url, stored in plan.shown.items()}

    def _plan(
        self, leads: Sequence[Lead], source: str, now: datetime, stored: Iterable[Document]
    ) -> SightingPlan:
        plan, known = SightingPlan(), LeadMatcher(stored)
        forms = session_forms(leads)
        others = known.of_other_sessions(leads, forms)
        there = {found["_id"] for found in map(known.find, leads) if found}
        for lead in leads:
            guid = f"{self._guids(source)}{lead.guid}" if lead.guid else ""
            found, holder = known.find(lead) or others.get(lead.url), known.holder(guid)
            if not found and holder and holder["_id"] not in there and has_moved(holder, lead):
                found = holder
                plan.move(found, lead.url)
            if found is None:
                found = plan.new[lead.url] = _document(lead, self._outlet, source, now)
                found["identities"] += [own[lead.url] for own in forms.values()]
                known.add(found)
            elif source not in (sighting["source"] for sighting in found["sightings"]):
                found["sightings"].append({"source": source, "at": now})
                plan.again.append(found)
            if guid and not holder:
                plan.call(found, guid, self._guids(source))
                known.add(found)
            plan.shown.setdefault(found["_id"], found)
        return plan

    def _guids(self, source: str) -> str:
        """Return what the identities of leads begin with that are guids of `source`."""
        return f"guid:{self._outlet}:{source}:"

    async def _write(self, fence: Fence, writes: Iterable[UpdateOne]) -> None:
        if pending := list(writes):
            await self._leads.bulk_write(fence, pending)

    async def entries(self, addresses: Sequence[str]) -> dict[str, LedgerEntry]:
        """Return the entries of these addresses, by address."""
        found = self._leads.find({"_id": {"$in": list(addresses)}})
        return {stored["_id"]: _entry(stored) async for stored in found}

    async def settle(self, fence: Fence, fates: list[LeadOutcome]) -> None:
        """Write how leads ended; acknowledged when this returns. The same again changes nothing."""
        done = await self._leads.bulk_write(fence, list(map(_settlement, fates)))
        if done.matched_count < len(fates):
            await self._leads.bulk_write(fence, list(map(_late, fates)))
            await self._attach(fence, {fate.lead: fate for fate in fates if fate.article})

    async def _attach(self, fence: Fence, late: Mapping[str, LeadOutcome]) -> None:
        """Give articles to leads that ended without one in a run that began after theirs."""
        without = {"_id": {"$in": list(late)}, "article": None}
        ended = await self._leads.find(without, ["reason", "settled"]).to_list()
        gone = {lead["_id"]: lead["settled"] for lead in ended if lead["reason"] in WITHDRAWING}
        await self._articles.withdraw(
            fence, [(str(late[url].article), at) for url, at in gone.items()]
        )
        changes: list[UpdateOne] = []
        for lead in ended:
            fate = late[lead["_id"]]
            own = {name: getattr(fate, name) for name in ("article", "published", "due")}
            reason = WITHDRAWN if fate.lead in gone else None
            stored = own | {"state": "stored", "reason": reason}
            change = {"$set": stored} | _known_as(fate)
            changes.append(UpdateOne({**without, "_id": fate.lead}, change))
        await self._write(fence, changes)

    async def retry(self, fence: Fence = UNFENCED) -> int:
        """Make every failed lead due again, with its delays from the start; tell how many."""
        now = datetime.now(UTC)
        again: list[Document] = [
            {"state": "failed", "due": None},
            {"state": "failed", "due": {"$gt": now}},
            {"state": "skipped", "reason": {"$in": DISMISSALS}},
        ]
        decided = {"at": now, "state": "failed", "reason": RETRY, "attempts": 0}
        change = {
            "$set": {"state": "failed", "due": now, "attempts": 0},
            "$push": {"history": {"$each": [decided], "$slice": -HISTORY}},
        }
        own = {"outlet": self._outlet, "$or": again}
        result = await self._leads.update_many(fence, own, change)
        return result.modified_count


def identities(address: str, aliases: Iterable[str]) -> list[str]:
    """Return the forms of its addresses by which a lead is recognised."""
    return list(dict.fromkeys(map(identity, (address, *aliases))))


def _document(lead: Lead, outlet: str, source: str, now: datetime) -> Document:
    stated = {name: getattr(lead, name) for name in _STATED}
    return {
        "_id": lead.url,
        "outlet": outlet,
        "aliases": list(lead.aliases),
        "identities": identities(lead.url, lead.aliases),
        "stated": {name: list(v) if isinstance(v, tuple) else v for name, v in stated.items()},
        "first_seen": now,
        "sightings": [{"source": source, "at": now}],
        "state": "pending",
        "reason": None,
        "attempts": 0,
        "due": now,
        "published": None,
    }


def _insertion(new: Document) -> UpdateOne:
    rest = {name: value for name, value in new.items() if name != "_id"}
    return UpdateOne({"_id": new["_id"]}, {"$setOnInsert": rest}, upsert=True)


def _entry(stored: Document) -> LedgerEntry:
    stated: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored["stated"].items()
    }
    return LedgerEntry(
        lead=Lead(url=stored["_id"], aliases=tuple(stored["aliases"]), **stated),
        first_seen=stored["first_seen"],
        sighted_by=tuple(sighting["source"] for sighting in stored["sightings"]),
        attempts=stored["attempts"],
        fence=stored.get("fence", 0),
        published=stored["published"] or stated["at"],
        known=not _is_due(stored),
        reason=stored["reason"],
        article=stored.get("article") if stored["state"] == "stored" else None,
        validators=stored.get("validators"),
        moved_to=stored.get("moved_to"),
    )


def _is_due(stored: Document) -> bool:
    due, now = stored["due"], datetime.now(UTC)
    if stored["state"] == "failed":
        return due is not None and due <= now
    if stored["state"] == "gone":  # earlier versions did not look for it again
        return due is None or due <= now
    return bool(stored["state"] == "pending" or stored["reason"] == OUT_OF_RANGE)


def _settlement(fate: LeadOutcome) -> UpdateOne:
    attempts = fate.attempts + 1
    state, due = fate.state, fate.due
    if state == "failed" and fate.reason in NOT_THERE:
        state = "failed" if fate.reason == MISSING and attempts <= LOOKS else "gone"
        due = fate.at + min(LOOK_AGAIN * 2 ** min(fate.attempts, 10), LONGEST_WAIT)
    elif state == "failed" and attempts <= len(RETRY_AFTER):
        due = fate.at + RETRY_AFTER[attempts - 1]
    settled = {
        "state": state,
        "reason": fate.reason,
        "attempts": attempts,
        "due": due,
        "settled": fate.at,
        "article": fate.article,
        "validators": fate.validators,
        "fence": fate.fence,
    }
    if fate.published or not fate.article:  # a reading that is not believed tells no date
        settled["published"] = fate.published
    update: Document = {"$set": settled, "$push": _decision(fate, state)}
    update |= _known_as(fate)
    # What waited on disk may come after what a later run found, whatever the clocks say.
    same, earlier = {"fence": fate.fence}, {"fence": {"$lt": fate.fence}}
    unknown = {"fence": {"$exists": False}}
    newest = {"settled": {"$not": {"$gt": fate.at}}}
    later: Document = {"$or": [earlier, same | newest, unknown | newest]}
    if not fate.article:  # its run does not know that the story has been stored meanwhile
        later["state"] = {"$ne": "stored"}
    return UpdateOne({**_undecided(fate), **later}, update)


def _known_as(fate: LeadOutcome) -> Document:
    """Return the part of an update that adds the addresses of its page to a lead."""
    if not fate.aliases:
        return {}
    more = {"aliases": list(fate.aliases), "identities": identities(fate.lead, fate.aliases)}
    return {"$addToSet": {name: {"$each": values} for name, values in more.items()}}


def _late(fate: LeadOutcome) -> UpdateOne:
    """Return the update that notes a decision which a later one has overtaken."""
    return UpdateOne(_undecided(fate), {"$push": _decision(fate, fate.state)})


def _undecided(fate: LeadOutcome) -> Document:
    """Return the filter of an outcome's lead, unless the outcome was brought before."""
    same = {"at": fate.at, "attempts": fate.attempts + 1}
    return {"_id": fate.lead, "history": {"$not": {"$elemMatch": same}}}


def _decision(fate: LeadOutcome, state: LeadState) -> Document:
    """Return the operand that adds a decision to the history of a lead."""
    decided = {"at": fate.at, "state": state, "reason": fate.reason, "attempts": fate.attempts + 1}
    return {"history": {"$each": [decided], "$sort": {"at": ASCENDING}, "$slice": -HISTORY}}

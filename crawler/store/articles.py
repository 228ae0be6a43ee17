"""The ``articles`` collection: saving is idempotent, and an edit keeps what was there before."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pymongo import DESCENDING, UpdateOne

from crawler.store.collection import Collection, Document, Fence
from crawler.store.database import Database
from crawler.store.dictionaries import Dictionaries
from crawler.store.publication_delay import delay_of, first_collected
from crawler.store.revisions import (
    SaveResult,
    as_it_was,
    as_stored,
    compare,
    last_reading,
    revision,
)
from crawler.store.schema import NEEDS_CLUSTERING, SHOWN, ArticleVersion, distinct
from crawler.text.same_story import is_another_story, is_same_page
from crawler.text.urls import identity, path_of

Past = dict[str, list[Document]]
Delays = dict[ArticleVersion, float | None]

PART = 50
"""Documents that are encoded at a time: a few milliseconds in which nothing else happens."""

MANY = 1_000
"""Documents in an answer of the server, where it has so many: by itself it begins with 101."""


@dataclass(slots=True)
class _Plan:
    """What a batch of versions makes to be written, and what becomes of each."""

    pages: list[ArticleVersion] = field(default_factory=list)
    ended: list[UpdateOne] = field(default_factory=list)
    revisions: list[UpdateOne] = field(default_factory=list)
    inserts: list[UpdateOne] = field(default_factory=list)
    updates: list[UpdateOne] = field(default_factory=list)
    results: dict[ArticleVersion, SaveResult] = field(default_factory=dict)


class Articles:
    """Saves and finds articles. Saving is idempotent: the same story twice changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._articles = database["articles"]
        self._revisions = database["revisions"]
        self._pages = database["pages"]
        self._leads = database["leads"]
        self._began: dict[str, datetime] = {}
        self._dictionaries = Dictionaries(database)

    async def save(
        self, fence: Fence, versions: Sequence[ArticleVersion], sought: Container[str] = ()
    ) -> list[SaveResult]:
        """Write articles and their pages; tell for each whether it is new or changed.

        Args:
            sought: leads that a run with bounds took up: how late they come tells nothing.

        Raises:
            StoreError: the server does not answer or refuses for its own reasons.
        """
        batch, again = distinct(versions)
        known = await self._known([one.url for one in batch])
        known |= await self._moved([v for v in batch if v.url not in known and v.url != v.lead])
        apart = await self._keep_apart(batch, known)
        known |= await self._elsewhere([one for one in batch if one.url not in known])
        delays = await self._delays(
            [v for v in batch if v.lead not in sought and v.url not in known]
        )
        read = [(known[v.url], v.fields["fetched"]) for v in batch if v.url in known]
        past = await self._past([old["_id"] for old, at in read if at < last_reading(old)])
        plan = await asyncio.to_thread(self._plan, batch, known, past, delays)
        results = plan.results
        # Pages first: no article is to name a page that is not there. Then what it said before.
        await write(fence, self._pages, await self._dictionaries.pack(fence, plan.pages))
        await write(fence, self._revisions, plan.ended)
        await write(fence, self._revisions, plan.revisions)
        await write(fence, self._articles, apart)
        found, added = await write(fence, self._articles, [*plan.inserts, *plan.updates])
        if added < len(plan.inserts) or found < len(plan.updates):
            # Another writer was quicker: what it wrote may be another version.
            for one, result in zip(batch, await self.save(fence, batch, sought), strict=True):
                if result == "stored":
                    results[one] = result
        if again:
            # The ledger does not know of the batch yet.
            own = {identity(url): v.url for v in batch for url in v.addresses}
            for one in again:
                one.take_address(own.get(identity(one.url), one.url))
            results |= zip(again, await self.save(fence, again, sought), strict=True)
        return [results[one] for one in versions]

    async def _delays(self, new: list[ArticleVersion]) -> Delays:
        """Return how late new articles are."""
        for outlet in {one.fields["outlet"] for one in new} - self._began.keys():
            if began := await first_collected(self._database, outlet):
                self._began[outlet] = began
        now = datetime.now(UTC)
        return {v: delay_of(v.fields, self._began.get(v.fields["outlet"]), now) for v in new}

    async def _past(self, articles: list[str]) -> Past:
        """Return the earlier versions of articles, by their ``_id``."""
        past: Past = defaultdict(list)
        if articles:
            query = {"article": {"$in": articles}, "label": {"$ne": "reparse"}}
            async for version in self._revisions.find(query, batch_size=MANY):
                past[version["article"]].append(version)
        return past

    def _plan(
        self, batch: list[ArticleVersion], known: dict[str, Document], past: Past, delays: Delays
    ) -> "_Plan":
        """Plan what to write for each version; in another thread, as it takes its time."""
        plan = _Plan()
        stored = datetime.now(UTC)
        for one in batch:
            if old := known.get(one.url):
                one.take_address(old["_id"])
                update, kept, result = compare(old, one.fields, past[old["_id"]], one.stated)
                if update:
                    plan.updates.append(UpdateOne(as_it_was(old), update))
                plan.ended += kept[:-1]
                plan.revisions += kept[-1:]
            else:
                result = "stored"
                seen = dict.fromkeys(("seen_first", "seen_last"), one.fields["fetched"])
                added = seen | {"stored": stored, "delay": delays.get(one)} | NEEDS_CLUSTERING
                new = {"$setOnInsert": one.fields | added}
                plan.inserts.append(UpdateOne({"_id": one.url}, new, upsert=True))
            plan.results[one] = result
            if result in ("stored", "doubtful"):
                plan.pages.append(one)
        return plan

    async def _known(self, urls: list[str]) -> dict[str, Document]:
        """Return stored articles by every address in `urls` under which they are known.

        Where it is in another form, the ledger knows whose it is.
        """
        own = {"$or": [{"_id": {"$in": urls}}, {"aliases": {"$in": urls}}]}
        forms = {"identities": {"$in": list(map(identity, urls))}, "article": {"$ne": None}}
        stored, leads = await asyncio.gather(
            self._articles.find(own, SHOWN, batch_size=MANY).to_list(),
            self._leads.find(forms, ["identities", "article"], batch_size=MANY).to_list(),
        )
        found: dict[str, Document] = {}
        for article in stored:
            found |= dict.fromkeys([article["_id"], *article["aliases"]], article)
        others = {identity(url): url for url in urls if url not in found}
        articles: dict[str, list[str]] = defaultdict(list)
        for lead in leads:
            if met := [others[form] for form in lead["identities"] if form in others]:
                articles[lead["article"]] += met
        if articles:
            async for article in self._articles.find({"_id": {"$in": list(articles)}}, SHOWN):
                found |= dict.fromkeys(articles[article["_id"]], article)
        return found

    async def _moved(self, versions: list[ArticleVersion]) -> dict[str, Document]:
        """Return stored articles that have a new address, by that: the lead is still the same.

        It may also lead to something else than before: then it is another story.
        """
        if not versions:
            return {}
        known = await self._known([one.lead for one in versions])
        return {
            one.url: old
            for one in versions
            if (old := known.get(one.lead)) and not is_another_story(old, one.fields)
        }

    async def _keep_apart(
        self, versions: list[ArticleVersion], known: dict[str, Document]
    ) -> list[UpdateOne]:
        """Give versions of other stories than the `known` ones their leads' addresses.

        Returns:
            The writes that take these from the other stories, whose they may have been.
        """
        others = [(v, old) for v in versions if (old := known.get(v.url)) and v.is_another(old)]
        for one, other in others:
            del known[one.url]
            one.keep_apart({other["_id"], *other["aliases"]})
        own = await self._known([one.url for one, _ in others]) if others else {}
        for one, other in others:
            if (found := own.get(one.url)) and found["_id"] != other["_id"]:
                known[one.url] = found
        return [
            UpdateOne({"_id": other["_id"]}, {"$pull": {"aliases": one.url}})
            for one, other in others
        ]

    async def _elsewhere(self, versions: list[ArticleVersion]) -> dict[str, Document]:
        """Return stored articles, by the addresses of versions that are their pages elsewhere."""
        if not versions:
            return {}
        outlets = {"outlet": {"$in": list({one.fields["outlet"] for one in versions})}}
        dates = [one.fields["published"]["at"] for one in versions if one.fields["published"]]
        paths = {path_of(one.url) for one in versions}
        bare = [one.url.partition("?")[0] for one in versions]
        queried = [re.compile(rf"^{re.escape(url)}\?") for url in bare]
        near = {"$or": [{"published.at": {"$in": dates}}, {"_id": {"$in": [*bare, *queried]}}]}
        found = self._articles.find(outlets | near, ["_id"], batch_size=MANY)
        met = [old["_id"] async for old in found if path_of(old["_id"]) in paths]
        stored: dict[str, Document] = {}
        if met:
            async for old in self._articles.find({"_id": {"$in": met}}, SHOWN):
                own = [v for v in versions if v.fields["outlet"] == old["outlet"]]
                stored |= {v.url: old for v in own if is_same_page(old, v.fields)}
        return stored

    async def keep_pages(self, fence: Fence, versions: list[ArticleVersion]) -> None:
        """Write the pages of stories, and nothing else."""
        await write(fence, self._pages, await self._dictionaries.pack(fence, versions))

    async def find(
        self, *, outlet: str | None = None, since: datetime | None = None, limit: int = 0
    ) -> AsyncIterator[Document]:
        """Yield stored articles, newest publication first; `limit` 0 means all."""
        query: Document = {}
        if outlet:
            query["outlet"] = outlet
        if since:
            query["published.at"] = {"$gte": since}
        newest = [("published.at", DESCENDING)]
        cursor = self._articles.find(query, SHOWN, sort=newest, limit=limit)
        async for stored in cursor:
            yield stored

    async def origins(self, outlet: str, count: int) -> list[dict[str, str]]:
        """Return the origins of fields of the outlet's newest articles."""
        newest = [("first_seen", DESCENDING)]
        found = self._articles.find({"outlet": outlet}, ["origins"], sort=newest, limit=count)
        return [stored["origins"] async for stored in found]

    async def get(self, url: str) -> Document | None:
        """Return the article with this address or alias, or another form of either."""
        return (await self._known([url])).get(url)

    async def add_source(self, fence: Fence, urls: list[str], source: str) -> None:
        """Note that a source shows these articles, too."""
        await self._articles.update_many(
            fence, {"_id": {"$in": urls}}, {"$addToSet": {"sighted_by": source}}
        )

    async def add_aliases(self, fence: Fence, aliases: Mapping[str, str]) -> None:
        """Note new addresses of articles, by their ``_id``."""
        if aliases:
            writes = [
                UpdateOne({"_id": url}, {"$addToSet": {"aliases": alias}})
                for url, alias in aliases.items()
            ]
            await self._articles.bulk_write(fence, writes)

    async def see(self, fence: Fence, seen: dict[str, datetime]) -> None:
        """Note that the pages of articles (by ``_id``) were then as they are stored."""
        writes = [
            UpdateOne({"_id": url}, {"$max": {"seen_last": as_stored(at)}})
            for url, at in seen.items()
        ]
        if writes:
            await self._articles.bulk_write(fence, writes)

    async def withdraw(self, fence: Fence, gone: Sequence[tuple[str, datetime]]) -> None:
        """Note that the pages of articles (by ``_id``) were not there then; the articles stay."""
        query = {"_id": {"$in": [url for url, _ in gone]}, "withdrawn": None}
        kept, changes = [], []
        there = {old["_id"]: old async for old in self._articles.find(query, SHOWN)}
        for url, when in gone:
            at = as_stored(when)
            if url in there and last_reading(there[url]) <= at:
                old = there.pop(url)
                kept.append(revision(old, "withdrawn", (), at))
                change = {"withdrawn": at, "seen_first": at, "seen_last": at}
                changes.append(UpdateOne(as_it_was(old), {"$set": change}))
        await write(fence, self._revisions, kept)
        found, _ = await write(fence, self._articles, changes)
        if found < len(changes):  # another writer was quicker
            await self.withdraw(fence, gone)


async def write(fence: Fence, collection: Collection, writes: list[UpdateOne]) -> tuple[int, int]:
    """Write in parts, side by side: the driver encodes each without a pause.

    Returns:
        How many documents were found, and how many were added.
    """
    parts = [writes[start : start + PART] for start in range(0, len(writes), PART)]
    done = await asyncio.gather(*(collection.bulk_write(fence, part) for part in parts))
    return sum(part.matched_count for part in done), sum(part.upserted_count for part in done)

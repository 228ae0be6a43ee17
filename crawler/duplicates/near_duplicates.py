"""The same story again: the ``sketches`` collection, and what it makes known of each article.

A look-up costs the same however large the collection is: each key begins with the number of its
six days, so it stays within the few index pages of the days in question.
"""

import asyncio
import gc
from array import array
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pymongo
from bson import Binary
from pymongo import ASCENDING, DESCENDING, UpdateOne

from crawler.duplicates.clusters import KINDS, SOON, Clusters
from crawler.duplicates.similarity import NEWEST, TERM, Frequencies, Sketch, Weighed, sketch
from crawler.store.articles import PART
from crawler.store.database import Database, Document
from crawler.store.schema import UNPLACED
from crawler.text.fingerprint import fold
from crawler.text.urls import registered_domain

WINDOW = timedelta(days=3)
"""How far apart two stories may be published to be the same."""
AT_ONCE = 500
"""Articles that are placed together."""

_SPAN = 2 * WINDOW  # of a key's days: those around a story lie in two of them
_BUCKET = 33  # bits of a key without its days
_SHARED = 2  # keys of one kind that make two stories worth comparing
_IN_ORDER = 1 << 16  # what a shared shingle counts, beside words that count 1
_NOTHING = (0.0, "")  # log-odds, and the story that is likeliest
_COMPARED = 8  # stories, at most, with each one
_LESS = 4  # times fewer keys than the likeliest of them has are too few
_NEAR = 0.75  # more log-odds that it takes within one house, where follow-ups repeat the old


@dataclass(frozen=True, slots=True)
class _Story:
    """What is needed of an article."""

    url: str
    outlet: str
    house: str
    title: str
    body: str
    language: str
    seen: datetime
    credit: str | None
    fingerprint: str
    tag: str | None
    """Its language as it is stored."""


@dataclass(slots=True)
class _Placed:
    story: _Story
    sketch: Sketch
    keys: list[int]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles from walking through all that a batch holds: there are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Similar:
    """Finds out of which stories an article is a copy, and with which it tells of one event."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._articles = database["articles"]
        self._sketches = database["sketches"].with_options(**SOON)
        self._clusters = Clusters(database)
        self._frequencies: dict[str, Frequencies] = {}

    async def place(self, outlets: Sequence[str]) -> int:
        """Place articles of these outlets that have not been yet, at most `AT_ONCE`.

        Of those published first; how many there were. An article that is placed again, or by
        several processes at once, comes to the same place.

        Raises:
            StoreError: the server does not answer or refuses.
        """
        waiting = {"outlet": {"$in": list(outlets)}, **UNPLACED}
        with self._database.calls():
            found = self._articles.find(waiting, _READ, limit=AT_ONCE, hint="unplaced")
            stories = list(map(_story, await found.sort("published.at", ASCENDING).to_list()))
            if stories:
                election = self._database.election
                with _uncollected():
                    await self._place(stories)
                own = {"_id": {"$in": [story.url for story in stories]}}
                is_kept = await self._sketches.count_documents(own) == len(stories)
                # What an old primary had may be lost; and `recompute` forgets what runs do.
                if not is_kept or self._database.election != election:
                    await self._articles.update_many(own, {"$set": UNPLACED})
        return len(stories)

    async def recompute(self) -> AsyncIterator[int]:
        """Forget all clusters and find them anew; yield how many articles have been placed.

        What it is kept from, the next runs do.

        Raises:
            StoreError: the server does not answer or refuses.
        """
        with self._database.calls():
            languages = await self._sketches.distinct("language")
            for language in languages:
                await self._load(language)
            with pymongo.timeout(0):  # no limit
                forget = {"$unset": dict.fromkeys(("same_as", "wire", "story"), "")}
                await self._articles.update_many({}, forget | {"$set": UNPLACED})
                await self._sketches.delete_many({})
                # Once more those that a run has placed in between.
                await self._articles.update_many({}, {"$set": UNPLACED})
            outlets = await self._articles.distinct("outlet")
        done = 0
        while placed := await self.place(outlets):
            done += placed
            yield done

    async def find(self, url: str) -> list[Document]:
        """The article's whole cluster, earliest first, each without its body; itself included."""
        fields = ["outlet", "title", "published", "first_seen", "same_as", "wire", "story"]
        with self._database.calls():
            pointers = await self._clusters.roots([url])
            if url not in pointers:
                return []
            members = await self._clusters.members("story", {pointers[url]["story"]})
            copies = {
                member["_id"]
                for member in await self._clusters.members("copy", {pointers[url]["copy"]})
            }
            addresses = sorted(member["_id"] for member in members)
            found = [
                article | {"is_copy": article["_id"] in copies}
                async for article in self._articles.find({"_id": {"$in": addresses}}, fields)
            ]
        seen: dict[str, datetime] = {member["_id"]: member["seen"] for member in members}
        return sorted(found, key=lambda stored: seen[stored["_id"]])

    # -- One batch

    async def _place(self, stories: list[_Story]) -> None:
        for language in {story.language for story in stories}:
            await self._load(language)
        stories.sort(key=lambda story: (story.seen, story.url))
        batch: list[_Placed] = []
        writes: list[Awaitable[object]] = []
        for at in range(0, len(stories), PART):  # the server is at work on one during the next
            part = await asyncio.to_thread(self._sketched, stories[at : at + PART])
            upserts = list(map(_upsert, part))
            writes.append(asyncio.create_task(self._sketches.bulk_write(upserts, ordered=False)))
            batch += part
        await asyncio.gather(*writes)
        candidates = await self._candidates(batch)
        stored = await self._stored(batch, candidates)
        links = await asyncio.to_thread(self._links, batch, candidates, stored)
        await self._clusters.join(links)
        # Now all of it is there. What has been edited meanwhile stays marked, and is placed anew.
        done = [
            UpdateOne(
                {"_id": s.url, "fingerprint": s.fingerprint, "credit": s.credit, "language": s.tag},
                {"$unset": UNPLACED},
            )
            for s in stories
        ]
        await self._articles.bulk_write(done, ordered=False)

    async def _load(self, language: str) -> None:
        """Count the words of the newest stories in a language, once."""
        if language in self._frequencies:
            return
        frequencies = Frequencies()
        newest = self._sketches.find({"language": language}, ["words", "keys"])
        stories = [story async for story in newest.sort("seen", DESCENDING).limit(NEWEST)]
        for story in reversed(stories):
            frequencies.add(_unpacked(story["words"]), _bare(story["keys"]))
        self._frequencies[language] = frequencies

    def _sketched(self, stories: Iterable[_Story]) -> list[_Placed]:
        return list(map(self._sketch, stories))

    def _sketch(self, story: _Story) -> _Placed:
        frequencies = self._frequencies[story.language]
        made, counts = sketch(story.title, story.body)
        keys = frequencies.keys(made, counts)
        frequencies.add(made.words, keys)
        return _Placed(story, made, keys)

    async def _candidates(self, batch: Sequence[_Placed]) -> dict[str, list[str]]:
        """For each story, those before it that share keys with it, the likeliest first."""
        first, last = batch[0].story.seen - WINDOW, batch[-1].story.seen + WINDOW
        own = {"language": {"$in": list({placed.story.language for placed in batch})}}
        newest = await self._sketches.find_one(own, ["seen"], sort=[("seen", DESCENDING)])
        if newest:
            last = min(last, newest["seen"])
        wanted = await asyncio.to_thread(self._wanted, batch, last)
        near = {
            **own,
            "_id": {"$nin": [placed.story.url for placed in batch]},
            "keys": {"$in": list(set(chain.from_iterable(wanted)))},
            "seen": {"$gte": first, "$lte": last},
        }
        found = await self._sketches.find(near, ["keys"], hint="keys_1").to_list()
        return await asyncio.to_thread(_likeliest, batch, wanted, found)

    def _wanted(self, batch: Iterable[_Placed], last: datetime) -> list[list[int]]:
        """For each story the keys that lead to others, of the days around it, up to `last`."""
        wanted = []
        for placed in batch:
            seen = placed.story.seen
            keys = self._frequencies[placed.story.language].worth(placed.keys)
            spans = {_span(seen - WINDOW), _span(min(seen + WINDOW, last))}
            wanted.append([span << _BUCKET | key for span in spans for key in keys])
        return wanted

    async def _stored(
        self, batch: Sequence[_Placed], candidates: Mapping[str, list[str]]
    ) -> list[Document]:
        """The candidates that are not of the batch itself."""
        urls = {url for found in candidates.values() for url in found}
        urls -= {placed.story.url for placed in batch}
        fields = ["house", "language", "seen", "shingles", "words"]
        return await self._sketches.find({"_id": {"$in": sorted(urls)}}, fields).to_list()

    def _links(
        self,
        batch: Sequence[_Placed],
        candidates: Mapping[str, list[str]],
        stored: Iterable[Document],
    ) -> dict[str, list[tuple[str, str]]]:
        """For each story the one whose text it most likely shares, and the one of its event."""
        links: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
        known: dict[str, tuple[str, str, datetime, Weighed]] = {}
        for other in stored:
            language = other["language"]
            weighed = self._frequencies[language].weighed(_sketch_of(other))
            known[other["_id"]] = other["house"], language, other["seen"], weighed
        for placed in batch:
            story = placed.story
            frequencies = self._frequencies[story.language]
            own = frequencies.weighed(placed.sketch)
            known[story.url] = story.house, story.language, story.seen, own
            copy, event = _NOTHING, _NOTHING
            for url in candidates[story.url]:
                house, language, seen, weighed = known.get(url, known[story.url])
                days = abs((seen - story.seen).total_seconds()) / 86_400
                if weighed is own or days > WINDOW.days or language != story.language:
                    continue
                like = frequencies.compare(own, weighed, days)
                copy = max(copy, (like.copy - _NEAR * (house == story.house), url))
                event = max(event, (like.event, url))
            if copy > _NOTHING:
                links["copy"].append((story.url, copy[1]))
                event = copy  # a copy tells of the same event as its original
            if event > _NOTHING:
                links["story"].append((story.url, event[1]))
        return links


def _likeliest(
    batch: Sequence[_Placed], wanted: Sequence[list[int]], found: Iterable[Document]
) -> dict[str, list[str]]:
    """For each of the batch those of it and of the `found` that share most keys with it."""
    others = [(-1, other["_id"], other["keys"]) for other in found]
    others += [(at, placed.story.url, _dated(placed)) for at, placed in enumerate(batch)]
    times = Counter(chain(*wanted, *(keys for at, _, keys in others if at < 0)))
    who: defaultdict[int, list[int]] = defaultdict(list)
    for number, keys in enumerate(wanted):
        for key in keys:
            if times[key] > 1:  # else it is the story itself that has it
                who[key].append(number)
    shared: list[defaultdict[str, int]] = [defaultdict(int) for _ in batch]
    for at, url, keys in others:
        for key in who.keys() & keys:
            for number in who[key]:
                if number > at:
                    shared[number][url] += 1 if key & TERM else _IN_ORDER
    chosen = {}
    for placed, counts in zip(batch, shared, strict=True):
        worth = sorted(
            [
                (-sum(divmod(count, _IN_ORDER)), url)
                for url, count in counts.items()
                if count >= _SHARED * _IN_ORDER or count % _IN_ORDER >= _SHARED
            ]
        )
        chosen[placed.story.url] = [
            url for less, url in worth[:_COMPARED] if less * _LESS <= worth[0][0]
        ]
    return chosen


# -- Forms

_READ = ["outlet", "title", "body", "language", "published", "first_seen", "credit", "fingerprint"]


def _story(stored: Document) -> _Story:
    published = stored["published"] or {}
    return _Story(
        url=stored["_id"],
        outlet=stored["outlet"],
        house=_house(urlsplit(stored["_id"]).netloc, stored["outlet"]),
        title=stored["title"],
        body=stored["body"],
        language=_language(stored["language"]),
        seen=_seen(published.get("at"), published.get("precision"), stored["first_seen"]),
        credit=stored["credit"],
        fingerprint=stored["fingerprint"],
        tag=stored["language"],
    )


def _language(tag: str | None) -> str:
    return (tag or "").lower().replace("_", "-").partition("-")[0]


def _seen(at: datetime | None, precision: str | None, first_seen: datetime) -> datetime:
    """When a story came out: of one that states only its day, when it was first seen that day."""
    if at is None:
        seen = first_seen
    elif precision == "day":
        seen = min(max(at, first_seen), at + timedelta(days=1))
    else:
        seen = at
    seen = seen.astimezone(UTC)
    return seen.replace(microsecond=seen.microsecond // 1000 * 1000)


def _span(at: datetime) -> int:
    return max(0, int(at.timestamp() // _SPAN.total_seconds()))


@cache
def _house(host: str, outlet: str) -> str:
    return fold(registered_domain(host).partition(".")[0]) or fold(outlet)


def _bare(keys: Iterable[int]) -> list[int]:
    return [key & (1 << _BUCKET) - 1 for key in keys]


def _dated(placed: _Placed) -> list[int]:
    days = _span(placed.story.seen) << _BUCKET
    return [days | key for key in placed.keys]


def _upsert(placed: _Placed) -> UpdateOne:
    story = placed.story
    first = {"seen": story.seen, "copy": story.url, "story": story.url}
    now: dict[str, Any] = {
        "outlet": story.outlet,
        "house": story.house,
        "language": story.language,
        "credit": story.credit,
        "keys": _dated(placed),
        "shingles": _packed(placed.sketch.shingles),
        "words": _packed(placed.sketch.words),
    }
    return UpdateOne({"_id": story.url}, {"$set": now, "$setOnInsert": first}, upsert=True)


def _packed(hashes: Iterable[int]) -> Binary:
    return Binary(array("I", hashes).tobytes())


def _unpacked(packed: bytes) -> "array[int]":
    return array("I", bytes(packed))


def _sketch_of(stored: Document) -> Sketch:
    return Sketch(frozenset(_unpacked(stored["shingles"])), frozenset(_unpacked(stored["words"])))

"""`NearDuplicates`: compares articles, and notes on each its copies and its event.

A sketch of each article is in the ``sketches`` collection. A look-up costs the same however large
that is: each key begins with the number of its six days, so it stays within the few index pages of
the days in question.
"""

import asyncio
import gc
from array import array
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pymongo
from bson import Binary
from pymongo import ASCENDING, DESCENDING, UpdateOne

from crawler.duplicates.clusters import KINDS, RELAXED, Clusters
from crawler.duplicates.similarity import (
    COUNTED_STORIES,
    WORD_FLAG,
    Sketch,
    WeightedSketch,
    WordFrequencies,
    sketch,
)
from crawler.store.articles import PART
from crawler.store.collection import UNFENCED, Document, Fence
from crawler.store.database import Database
from crawler.store.revisions import COMPARED
from crawler.store.schema import NEEDS_CLUSTERING
from crawler.text.fingerprint import fold
from crawler.text.urls import registered_domain

WINDOW = timedelta(days=3)
"""Longest time between the publications of two matching stories."""
BATCH = 500
"""Articles that are compared together."""

_SPAN = 2 * WINDOW  # of a key's days: those around a story lie in two of them
_KEY_BITS = 33  # of a key without its days
_MIN_SHARED = 2  # keys of one kind that make two stories worth comparing
_SHINGLE = 1 << 16  # counts shared shingles above shared words, which count 1
_NO_MATCH = (0.0, "")  # log-odds, and the address of the likeliest story
_MAX_CANDIDATES = 8  # stories to compare each one with
_MAX_RATIO = 4  # of the likeliest candidate's shared keys to those of another
_SAME_HOUSE_PENALTY = 0.75  # log-odds: within one house follow-ups repeat the old


@dataclass(slots=True)
class _Story:
    """An article that is compared."""

    stored: Document
    """Its `_FIELDS`."""
    url: str
    house: str
    """The same for an outlet and its sister under another ending."""
    language: str
    """The primary subtag, e.g. ``en``."""
    seen: datetime
    """Instant at which it came out."""
    sketch: Sketch = field(default_factory=Sketch)
    keys: list[int] = field(default_factory=list)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Keep the collector of cycles from walking through all that a batch holds: there are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class NearDuplicates:
    """Finds the copies of each article, and other articles that report the same event."""

    def __init__(self, database: Database, fence: Fence = UNFENCED) -> None:
        self._fence = fence
        self._database = database
        self._articles = database["articles"]
        self._sketches = database["sketches"].with_options(**RELAXED)
        self._clusters = Clusters(database, fence)
        self._frequencies: dict[str, WordFrequencies] = {}

    async def cluster(self, outlets: Sequence[str]) -> int:
        """Compare and cluster articles of these outlets that need it; return how many.

        At most `BATCH`, those published first. To cluster an article again, or in several processes
        at once, gives the same result.

        Raises:
            StoreError: the server does not answer or refuses.
        """
        waiting = {"outlet": {"$in": list(outlets)}, **NEEDS_CLUSTERING}
        by_age = [("published.at", ASCENDING)]
        found = self._articles.find(waiting, _FIELDS, limit=BATCH, sort=by_age, hint="unplaced")
        stories = list(map(_story, await found.to_list()))
        if stories:
            election = self._database.election
            with _no_garbage_collection():
                await self._cluster(stories)
            own = {"_id": {"$in": [story.url for story in stories]}}
            is_kept = await self._sketches.count_documents(own) == len(stories)
            # What an old primary had may be lost; and `recompute` forgets what runs do.
            if not is_kept or self._database.election != election:
                await self._articles.update_many(self._fence, own, {"$set": NEEDS_CLUSTERING})
        return len(stories)

    async def recompute(self) -> AsyncIterator[int]:
        """Forget all clusters and find them anew; yield how many articles have been compared.

        Where it is stopped, the next runs go on.

        Raises:
            StoreError: the server does not answer or refuses.
        """
        languages = await self._sketches.distinct("language")
        for language in languages:
            await self._load(language)
        with pymongo.timeout(0):  # no limit
            forget = {"$unset": dict.fromkeys(("same_as", "wire", "story"), "")}
            await self._articles.update_many(self._fence, {}, forget | {"$set": NEEDS_CLUSTERING})
            await self._sketches.delete_many(self._fence, {})
            # Once more those that a run has clustered in between.
            await self._articles.update_many(self._fence, {}, {"$set": NEEDS_CLUSTERING})
        outlets = await self._articles.distinct("outlet")
        done = 0
        while count := await self.cluster(outlets):
            done += count
            yield done

    async def find(self, url: str) -> list[Document]:
        """Return the articles of an article's event and itself, earliest first, without bodies."""
        fields = ["outlet", "title", "published", "first_seen", "same_as", "wire", "story"]
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

    async def _cluster(self, stories: list[_Story]) -> None:
        for language in {story.language for story in stories}:
            await self._load(language)
        stories.sort(key=lambda story: (story.seen, story.url))
        writes: list[Awaitable[object]] = []
        for at in range(0, len(stories), PART):  # the server is at work on one during the next
            upserts = await asyncio.to_thread(self._sketch, stories[at : at + PART])
            writes.append(asyncio.create_task(self._sketches.bulk_write(self._fence, upserts)))
        await asyncio.gather(*writes)
        candidates = await self._candidates(stories)
        stored = await self._stored(stories, candidates)
        links = await asyncio.to_thread(self._links, stories, candidates, stored)
        await self._clusters.join(links)
        # Now all of it is there. What has been edited meanwhile stays marked, and is compared anew.
        done = [
            UpdateOne(
                {name: story.stored[name] for name in ("_id", *COMPARED)},
                {"$unset": NEEDS_CLUSTERING},
            )
            for story in stories
        ]
        await self._articles.bulk_write(self._fence, done)

    async def _load(self, language: str) -> None:
        """Count the words of the newest stories in a language, once."""
        if language in self._frequencies:
            return
        frequencies = WordFrequencies()
        by_age = [("seen", DESCENDING)]
        newest = self._sketches.find(
            {"language": language}, ["words", "keys"], sort=by_age, limit=COUNTED_STORIES
        )
        stories = await newest.to_list()
        for story in reversed(stories):
            frequencies.add(_unpacked(story["words"]), _undated(story["keys"]))
        self._frequencies[language] = frequencies

    def _sketch(self, stories: Iterable[_Story]) -> list[UpdateOne]:
        """Make the sketches of stories; return the writes that store them."""
        for story in stories:
            frequencies = self._frequencies[story.language]
            story.sketch, counts = sketch(story.stored["title"], story.stored["body"])
            story.keys = frequencies.keys(story.sketch, counts)
            frequencies.add(story.sketch.words, story.keys)
        return list(map(_upsert, stories))

    async def _candidates(self, batch: Sequence[_Story]) -> dict[str, list[str]]:
        """Return for each story those before it that share keys with it, the likeliest first."""
        first, last = batch[0].seen - WINDOW, batch[-1].seen + WINDOW
        own = {"language": {"$in": list({story.language for story in batch})}}
        newest = await self._sketches.find_one(own, ["seen"], sort=[("seen", DESCENDING)])
        if newest:
            last = min(last, newest["seen"])
        wanted = await asyncio.to_thread(self._wanted, batch, last)
        near = {
            **own,
            "_id": {"$nin": [story.url for story in batch]},
            "keys": {"$in": list(set(chain.from_iterable(wanted)))},
            "seen": {"$gte": first, "$lte": last},
        }
        found = await self._sketches.find(near, ["keys"], hint="keys_1").to_list()
        return await asyncio.to_thread(_likeliest, batch, wanted, found)

    def _wanted(self, batch: Iterable[_Story], last: datetime) -> list[list[int]]:
        """Return for each story the keys that find others, of the days around it, up to `last`."""
        wanted = []
        for story in batch:
            keys = self._frequencies[story.language].selective(story.keys)
            spans = {_span(story.seen - WINDOW), _span(min(story.seen + WINDOW, last))}
            wanted.append([span << _KEY_BITS | key for span in spans for key in keys])
        return wanted

    async def _stored(
        self, batch: Sequence[_Story], candidates: Mapping[str, list[str]]
    ) -> list[Document]:
        """Return the sketches of candidates that are not of the batch itself."""
        urls = {url for found in candidates.values() for url in found}
        urls -= {story.url for story in batch}
        fields = ["house", "language", "seen", "shingles", "words"]
        return await self._sketches.find({"_id": {"$in": sorted(urls)}}, fields).to_list()

    def _links(
        self,
        batch: Sequence[_Story],
        candidates: Mapping[str, list[str]],
        stored: Iterable[Document],
    ) -> dict[str, list[tuple[str, str]]]:
        """Return for each story the one it most likely copies, and the one of its event."""
        links: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
        known: dict[str, tuple[str, str, datetime, WeightedSketch]] = {}
        for other in stored:
            language = other["language"]
            weighted = self._frequencies[language].weigh(_sketch_of(other))
            known[other["_id"]] = other["house"], language, other["seen"], weighted
        for story in batch:
            frequencies = self._frequencies[story.language]
            own = frequencies.weigh(story.sketch)
            known[story.url] = story.house, story.language, story.seen, own
            copy, event = _NO_MATCH, _NO_MATCH
            for url in candidates[story.url]:
                house, language, seen, weighted = known.get(url, known[story.url])
                days = abs((seen - story.seen).total_seconds()) / 86_400
                if weighted is own or days > WINDOW.days or language != story.language:
                    continue
                scores = frequencies.compare(own, weighted, days)
                copy = max(copy, (scores.copy - _SAME_HOUSE_PENALTY * (house == story.house), url))
                event = max(event, (scores.event, url))
            if copy > _NO_MATCH:
                links["copy"].append((story.url, copy[1]))
                event = copy  # a copy tells of the same event as its original
            if event > _NO_MATCH:
                links["story"].append((story.url, event[1]))
        return links


def _likeliest(
    batch: Sequence[_Story], wanted: Sequence[list[int]], found: Iterable[Document]
) -> dict[str, list[str]]:
    """Return for each of the batch those of it and of the `found` that share most keys with it."""
    others = [(-1, other["_id"], other["keys"]) for other in found]
    others += [(at, story.url, _dated_keys(story)) for at, story in enumerate(batch)]
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
                    shared[number][url] += 1 if key & WORD_FLAG else _SHINGLE
    chosen = {}
    for story, counts in zip(batch, shared, strict=True):
        ranked = sorted(
            [
                (-sum(divmod(count, _SHINGLE)), url)
                for url, count in counts.items()
                if count >= _MIN_SHARED * _SHINGLE or count % _SHINGLE >= _MIN_SHARED
            ]
        )
        chosen[story.url] = [
            url for less, url in ranked[:_MAX_CANDIDATES] if less * _MAX_RATIO <= ranked[0][0]
        ]
    return chosen


# -- Forms

_FIELDS = [
    "outlet",
    "title",
    "body",
    "language",
    "published",
    "first_seen",
    "credit",
    "fingerprint",
]


def _story(stored: Document) -> _Story:
    published = stored["published"] or {}
    return _Story(
        stored,
        url=stored["_id"],
        house=_house(urlsplit(stored["_id"]).netloc, stored["outlet"]),
        language=_language(stored["language"]),
        seen=_seen(published.get("at"), published.get("precision"), stored["first_seen"]),
    )


def _language(tag: str | None) -> str:
    return (tag or "").lower().replace("_", "-").partition("-")[0]


def _seen(at: datetime | None, precision: str | None, first_seen: datetime) -> datetime:
    """Return when a story came out; if it states only its day, when it was first seen that day."""
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


def _undated(keys: Iterable[int]) -> list[int]:
    return [key & (1 << _KEY_BITS) - 1 for key in keys]


def _dated_keys(story: _Story) -> list[int]:
    days = _span(story.seen) << _KEY_BITS
    return [days | key for key in story.keys]


def _upsert(story: _Story) -> UpdateOne:
    first = {"seen": story.seen, "copy": story.url, "story": story.url}
    now: dict[str, Any] = {
        "outlet": story.stored["outlet"],
        "house": story.house,
        "language": story.language,
        "credit": story.stored["credit"],
        "keys": _dated_keys(story),
        "shingles": _packed(story.sketch.shingles),
        "words": _packed(story.sketch.words),
    }
    return UpdateOne({"_id": story.url}, {"$set": now, "$setOnInsert": first}, upsert=True)


def _packed(hashes: Iterable[int]) -> Binary:
    return Binary(array("I", hashes).tobytes())


def _unpacked(packed: bytes) -> "array[int]":
    return array("I", bytes(packed))


def _sketch_of(stored: Document) -> Sketch:
    return Sketch(frozenset(_unpacked(stored["shingles"])), frozenset(_unpacked(stored["words"])))

"""The same story again: the ``sketches`` collection, and what it makes known of each article.

A look-up costs the same however large the collection is: each key begins with the number of its
three days, so it stays within the few index pages of the days in question.
"""

import asyncio
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
from bson import Binary
from pymongo import ASCENDING, DESCENDING, UpdateOne

from crawler.store.clusters import KINDS, Clusters
from crawler.store.database import Database, Document
from crawler.store.schema import UNPLACED
from crawler.text.fingerprint import fold
from crawler.text.similarity import NEWEST, Frequencies, Sketch, Weighed, sketch
from crawler.text.urls import registered_domain

WINDOW = timedelta(days=3)
"""How far apart two stories may be published to be the same."""

AT_ONCE = 500
"""Articles that are placed together."""

_BUCKET = 33  # bits of a key without its days
_SHARED = 2  # keys of one kind that make two stories worth comparing
_COMPARED = 12  # stories, at most, with each one
_NEAR = 0.75  # more log-odds that it takes within one house, where follow-ups repeat the old


@dataclass(frozen=True, slots=True)
class _Story:
    """What is needed of an article, stored or about to be."""

    url: str
    outlet: str
    title: str
    body: str
    language: str
    seen: datetime
    credit: str | None
    fingerprint: str

    @property
    def house(self) -> str:
        return fold(registered_domain(self.url).partition(".")[0]) or fold(self.outlet)


@dataclass(slots=True)
class _Placed:
    story: _Story
    sketch: Sketch
    keys: list[int]


class Similar:
    """Finds out of which stories an article is a copy, and with which it tells of one event."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._articles = database["articles"]
        self._sketches = database["sketches"]
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
                await self._place(stories)
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
            with pymongo.timeout(None):
                await self._sketches.delete_many({})
                forget = {"$unset": dict.fromkeys(("same_as", "wire", "story"), "")}
                await self._articles.update_many({}, forget | {"$set": UNPLACED})
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
        batch = await asyncio.to_thread(lambda: list(map(self._sketch, stories)))
        await self._sketches.bulk_write([_upsert(placed) for placed in batch], ordered=False)
        links = await asyncio.to_thread(self._links, batch, await self._candidates(batch))
        touched = {url for pairs in links.values() for pair in pairs for url in pair}
        await self._clusters.join(links)
        if touched:
            await self._clusters.tell(touched)
        done = [
            UpdateOne({"_id": s.url, "fingerprint": s.fingerprint}, {"$unset": UNPLACED})
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

    def _sketch(self, story: _Story) -> _Placed:
        frequencies = self._frequencies[story.language]
        made, counts = sketch(story.title, story.body)
        keys = frequencies.keys(made, counts)
        frequencies.add(array("I", made.words), keys)
        return _Placed(story, made, keys)

    async def _candidates(self, batch: Sequence[_Placed]) -> dict[str, list[Document]]:
        """For each story, those before it that share keys with it, the likeliest first."""
        wanted: dict[int, list[int]] = {}
        for number, placed in enumerate(batch):
            frequencies = self._frequencies[placed.story.language]
            bucket = _bucket(placed.story.seen)
            for key in frequencies.worth(placed.keys):
                for days in (bucket - 1, bucket, bucket + 1):
                    wanted.setdefault(days << _BUCKET | key, []).append(number)
        place = {placed.story.url: number for number, placed in enumerate(batch)}
        shared: dict[int, Counter[str]] = {number: Counter() for number in range(len(batch))}
        terms: dict[int, Counter[str]] = {number: Counter() for number in range(len(batch))}
        async for other in self._sketches.find({"keys": {"$in": list(wanted)}}, ["keys"]):
            before = place.get(other["_id"], -1)
            for key in other["keys"]:
                counts = terms if key >> (_BUCKET - 1) & 1 else shared
                for number in wanted.get(key, ()):
                    if number > before:
                        counts[number][other["_id"]] += 1
        chosen = {}
        for number, placed in enumerate(batch):
            both = shared[number] + terms[number]
            worth = [
                url
                for url, _ in both.most_common()
                if max(shared[number][url], terms[number][url]) >= _SHARED
            ]
            chosen[placed.story.url] = worth[:_COMPARED]
        urls = sorted({url for found in chosen.values() for url in found})
        fields = ["house", "language", "seen", "shingles", "words"]
        known = {
            other["_id"]: other
            async for other in self._sketches.find({"_id": {"$in": urls}}, fields)
        }
        return {url: [known[o] for o in found if o in known] for url, found in chosen.items()}

    def _links(
        self, batch: Sequence[_Placed], candidates: Mapping[str, list[Document]]
    ) -> dict[str, list[tuple[str, str]]]:
        """For each story the one whose text it most likely shares, and the one of its event."""
        links: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
        others: dict[str, Weighed] = {}
        for placed in batch:
            story = placed.story
            frequencies = self._frequencies[story.language]
            own = frequencies.weighed(placed.sketch)
            best = dict.fromkeys(KINDS, (0.0, ""))
            for other in candidates[story.url]:
                days = abs(other["seen"] - story.seen) / timedelta(days=1)
                if days > WINDOW.days or other["language"] != story.language:
                    continue
                if other["_id"] not in others:
                    others[other["_id"]] = frequencies.weighed(_sketch_of(other))
                like = frequencies.compare(own, others[other["_id"]], days)
                copy = like.copy - _NEAR * (other["house"] == story.house)
                for kind, odds in zip(KINDS, (copy, like.event), strict=True):
                    best[kind] = max(best[kind], (odds, other["_id"]))
            if best["copy"][1]:
                best["story"] = best["copy"]  # a copy tells of the same event as its original
            for kind in KINDS:
                if best[kind][1]:
                    links[kind].append((story.url, best[kind][1]))
        return links


# -- Forms

_READ = ["outlet", "title", "body", "language", "published", "first_seen", "credit", "fingerprint"]


def _story(stored: Document) -> _Story:
    published = stored["published"] or {}
    return _Story(
        url=stored["_id"],
        outlet=stored["outlet"],
        title=stored["title"],
        body=stored["body"],
        language=_language(stored["language"]),
        seen=_seen(published.get("at"), published.get("precision"), stored["first_seen"]),
        credit=stored["credit"],
        fingerprint=stored["fingerprint"],
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


def _bucket(at: datetime) -> int:
    return max(0, int(at.timestamp() // WINDOW.total_seconds()))


def _bare(keys: Iterable[int]) -> list[int]:
    return [key & (1 << _BUCKET) - 1 for key in keys]


def _upsert(placed: _Placed) -> UpdateOne:
    story = placed.story
    days = _bucket(story.seen) << _BUCKET
    first = {"seen": story.seen, "copy": story.url, "story": story.url}
    now: dict[str, Any] = {
        "outlet": story.outlet,
        "house": story.house,
        "language": story.language,
        "credit": story.credit,
        "keys": [days | key for key in placed.keys],
        "shingles": _packed(placed.sketch.shingles),
        "words": _packed(placed.sketch.words),
    }
    return UpdateOne({"_id": story.url}, {"$set": now, "$setOnInsert": first}, upsert=True)


def _packed(hashes: Iterable[int]) -> Binary:
    return Binary(array("I", sorted(hashes)).tobytes())


def _unpacked(packed: bytes) -> "array[int]":
    return array("I", bytes(packed))


def _sketch_of(stored: Document) -> Sketch:
    return Sketch(frozenset(_unpacked(stored["shingles"])), frozenset(_unpacked(stored["words"])))

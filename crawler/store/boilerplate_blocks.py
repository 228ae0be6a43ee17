"""Boilerplate that is learnt of each outlet: the ``blocks`` and ``windows`` collections."""

from array import array
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

from pymongo import ASCENDING, UpdateOne

from crawler.errors import DatelineError
from crawler.store.collection import UNFENCED, Document, Fence
from crawler.store.database import Database
from crawler.store.schema import NEEDS_CLUSTERING
from crawler.text.fingerprint import fingerprint, word_count
from crawler.text.paragraphs import Paragraph, join_body, split_body
from crawler.text.recurring_blocks import WINDOW, StoryTraits

BlockFate = Literal["dropped", "kept"]


class BoilerplateBlocks:
    """Loads and saves an outlet's boilerplate, and the newest stories by which more is learnt."""

    def __init__(self, database: Database, outlet: str) -> None:
        self._articles = database["articles"]
        self._blocks = database["blocks"]
        self._windows = database["windows"]
        self._outlet = outlet
        self._shortened: Document = {"outlet": outlet, "left_out.0": {"$exists": True}}

    async def load(self) -> tuple[list[StoryTraits], dict[str, BlockFate]]:
        """Return the traits of the newest stories, oldest first, and the blocks' fates."""
        window = await self._windows.find_one({"_id": self._outlet}) or {}
        fates = {block["key"]: block["fate"] async for block in self.find()}
        return [_traits(story) for story in window.get("stories", [])], fates

    async def find(self) -> AsyncIterator[Document]:
        """Yield the known blocks, the one learnt first in front."""
        first = [("learnt", ASCENDING)]
        async for block in self._blocks.find({"outlet": self._outlet}, sort=first):
            yield block

    async def save(
        self, fence: Fence, stories: Sequence[Document], learnt: Iterable[Document]
    ) -> None:
        """Add the newest stories to the window, and blocks that were learnt; again: no change.

        Args:
            stories: of `traits_document`.
            learnt: of `block_document`.
        """
        if stories:
            others = {"$not": [{"$in": ["$$this.url", [story["url"] for story in stories]]}]}
            before: Document = {"$ifNull": ["$stories", []]}
            kept = {"$filter": {"input": before, "cond": others}}
            both = {"$concatArrays": [kept, {"$literal": list(stories)}]}
            change = [{"$set": {"stories": {"$slice": [both, -WINDOW]}}}]
            await self._windows.update_one(fence, {"_id": self._outlet}, change, upsert=True)
        writes = [
            UpdateOne(
                {"_id": f"{self._outlet}/{block['key']}"},
                {"$setOnInsert": {"outlet": self._outlet, "fate": "dropped", **block}},
                upsert=True,
            )
            for block in learnt
        ]
        if writes:
            await self._blocks.bulk_write(fence, writes)

    async def left_out(self) -> dict[str, int]:
        """Count the stored articles from which each block was left out."""
        stages: list[Document] = [
            {"$match": self._shortened},
            {"$unwind": "$left_out"},
            {"$group": {"_id": "$left_out.block", "count": {"$sum": 1}}},
        ]
        counts = self._articles.aggregate(stages)
        return {row["_id"]: row["count"] async for row in counts}

    async def change(self, key: str, fate: BlockFate) -> Document:
        """Drop a known block from now on, or keep it; return it.

        Raises:
            DatelineError: no such block is known.
        """
        block = await self._blocks.find_one_and_update(
            UNFENCED, {"_id": f"{self._outlet}/{key}"}, {"$set": {"fate": fate}}
        )
        if block is None:
            raise DatelineError(
                f"{self._outlet} has no block {key}: `dateline boilerplate {self._outlet}` "
                "lists those it has."
            )
        return block

    async def put_back(self, block: Document) -> int:
        """Put a block back into the stored articles from which it was left out; tell how many."""
        key = block["key"]
        writes = []
        query = {**self._shortened, "left_out.block": key}
        async for article in self._articles.find(query):
            change = _with_block(article, key, block["text"])
            writes.append(UpdateOne({"_id": article["_id"]}, {"$set": change}))
        if writes:
            await self._articles.bulk_write(UNFENCED, writes)
        return len(writes)


def _with_block(article: Document, key: str, text: str) -> Document:
    """Return the fields of an article that change when a block that was left out is put back."""
    own = [gap for gap in article["left_out"] if gap["block"] == key]
    others = [gap for gap in article["left_out"] if gap["block"] != key]
    paragraphs = split_body(article["body"], article["structure"])
    for gap in own:
        index = gap["index"] - sum(other["index"] < gap["index"] for other in others)
        paragraphs.insert(index, Paragraph(text, gap["kind"]))
    body, structure = join_body(paragraphs)
    return {
        "body": body,
        "structure": structure,
        "left_out": others,
        "word_count": word_count(body, article["language"]),
        "fingerprint": fingerprint(article["title"], body),
        **NEEDS_CLUSTERING,
    }


def traits_document(story: StoryTraits) -> Document:
    """Return the document of a story in the window."""
    return {
        "url": story.url,
        "at": story.at,
        "groups": list(story.groups),
        "blocks": list(story.blocks),
        "words": array("I", sorted(story.words)).tobytes(),
    }


def _traits(stored: Document) -> StoryTraits:
    return StoryTraits(
        url=stored["url"],
        at=stored["at"].astimezone(UTC),
        groups=tuple(stored["groups"]),
        blocks=tuple(stored["blocks"]),
        words=frozenset(array("I", bytes(stored["words"]))),
    )


def block_document(key: str, text: str, stories: Iterable[str]) -> Document:
    """Return the document of a block that is boilerplate."""
    return {"key": key, "text": text, "learnt": datetime.now(UTC), "stories": list(stories)}

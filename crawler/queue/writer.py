"""`MongoWriter`: brings what runs have recorded into MongoDB, whichever run it was."""

import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from pymongo import DESCENDING, ReplaceOne

from crawler.article import Article, is_from_source_content, stored_fields
from crawler.queue.writes import (
    ArticleWrite,
    BoilerplateWrite,
    OutcomeWrite,
    ProfileWrite,
    RunWrite,
    SourceWrite,
    Write,
)
from crawler.store.articles import Articles
from crawler.store.boilerplate_blocks import BoilerplateBlocks
from crawler.store.collection import Document, Fence
from crawler.store.database import POISON, Database
from crawler.store.ledger import DOUBTFUL, NOT_MODIFIED, WITHDRAWN, LeadOutcome, Ledger
from crawler.store.profiles import ProfileStore
from crawler.store.revisions import DOUBTED_AGAIN, SaveResult
from crawler.store.runs import Outlets, Runs
from crawler.store.schema import ArticleVersion

logger = logging.getLogger(__name__)

UNSTORABLE = "unstorable"
"""Why a story failed that MongoDB refuses for what is in it."""

MOST_READINGS = 6
"""With so many before, a doubtful reading makes its story due for no other one: else until the
doubt has lasted."""

WriteResult = SaveResult | Literal["quarantined"]
REASONS: dict[WriteResult, str | None] = {
    "stored": None,
    "unchanged": "same",
    "doubtful": DOUBTFUL,
    "withdrawn": WITHDRAWN,
    "quarantined": UNSTORABLE,
}
"""The reason that the ledger has for what became of an article."""
W = TypeVar("W")


class MongoWriter:
    """Brings writes into MongoDB. Any of them may be brought again, which changes nothing.

    A write that MongoDB refuses for what is in it stops no other, and does not wait for ever.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._articles = Articles(database)
        self._ledger = Ledger(database, "")
        self._outlets = Outlets(database)
        self._runs = Runs(database)
        self._quarantine = database["quarantine"]

    async def write(self, fence: Fence, writes: Sequence[Write]) -> None:
        """Bring all of them, articles first.

        Raises:
            StoreError: the server does not answer.
        """
        await self.write_articles(fence, only(ArticleWrite, writes))
        await self.write_rest(fence, writes)

    async def write_articles(
        self, fence: Fence, writes: Sequence[ArticleWrite]
    ) -> list[WriteResult]:
        """Store articles and settle their leads; tell what became of each.

        One that MongoDB refuses is put in quarantine. A story that is stored under another address
        takes that, in ``write.article``.
        """
        versions = [ArticleVersion(one.article, one.markup, one.stated) for one in writes]
        sought = {write.article["lead"] for write in writes if write.sought}
        results = await self._save(fence, versions, sought)
        outcomes = [
            _outcome(write, version, result)
            for write, version, result in zip(writes, versions, results, strict=True)
        ]
        if outcomes:
            await self._settle(fence, outcomes)
            stored = [one.lead for one in outcomes if one.reason != UNSTORABLE]
            await self._quarantine.delete_many(fence, {"lead": {"$in": stored}})
        return results

    async def _save(
        self, fence: Fence, versions: list[ArticleVersion], sought: set[str]
    ) -> list[WriteResult]:
        if not versions:
            return []
        try:
            return list(await self._articles.save(fence, versions, sought))
        except POISON as error:
            if len(versions) == 1:
                await self.quarantine(fence, versions[0], error)
                return ["quarantined"]
        return [result for one in versions for result in await self._save(fence, [one], sought)]

    async def _settle(self, fence: Fence, outcomes: list[LeadOutcome]) -> None:
        """Settle leads; one that MongoDB refuses with its aliases, without them."""
        try:
            await self._ledger.settle(fence, outcomes)
        except POISON as error:
            if len(outcomes) > 1:
                for one in outcomes:
                    await self._settle(fence, [one])
                return
            (outcome,) = outcomes
            logger.error("The outcome of %s cannot be stored: %s", outcome.lead, str(error)[:200])
            if outcome.aliases:
                await self._settle(fence, [replace(outcome, aliases=())])

    async def quarantine(self, fence: Fence, version: ArticleVersion, error: Exception) -> None:
        """Keep what can be kept of an article that cannot be stored, and say why it cannot."""
        reason = f"{type(error).__name__}: {error}"[:500].encode(errors="replace").decode()
        logger.warning("%s cannot be stored (%s): see `dateline quarantine`.", version.url, reason)
        await self._quarantine.replace_one(
            fence, {"_id": version.url}, quarantine_document(version, reason)
        )

    async def write_rest(self, fence: Fence, writes: Sequence[Write]) -> None:
        """Bring all writes but articles; of several of one thing, the last one counts."""
        try:
            await self._write_rest(fence, writes)
        except POISON as error:
            if len(writes) > 1:
                for one in writes:
                    await self.write_rest(fence, [one])
                return
            (write,) = writes
            if isinstance(write, OutcomeWrite) and write.kept:  # its page is too large
                logger.warning("The page of %s cannot be kept: %s", write.kept["_id"], error)
                await self.write_rest(fence, [replace(write, kept=None)])
            else:
                message = f"{type(error).__name__}: {error}"[:300]
                logger.error("A write (%s) cannot be stored: %s", write.kind, message)

    async def _write_rest(self, fence: Fence, writes: Sequence[Write]) -> None:
        outcomes = [write.outcome for write in only(OutcomeWrite, writes)]
        await self._keep_pages(fence, only(OutcomeWrite, writes))
        if outcomes:
            same = [one for one in outcomes if one.article and one.reason == NOT_MODIFIED]
            await self._articles.see(fence, {str(one.article): one.at for one in same})
            gone = [one for one in outcomes if one.article and one.reason == WITHDRAWN]
            if gone:
                await self._articles.withdraw(fence, [(str(one.article), one.at) for one in gone])
            await self._ledger.settle(fence, outcomes)
        sources = {(one.outlet, one.state["key"]): one for one in only(SourceWrite, writes)}
        for source in sources.values():
            await self._outlets.save(fence, source.outlet, source.state | {"fence": source.fence})
        learnt: dict[str, list[BoilerplateWrite]] = defaultdict(list)
        for write in only(BoilerplateWrite, writes):
            learnt[write.outlet].append(write)
        for outlet, same_outlet in learnt.items():
            stories = [story for write in same_outlet for story in write.stories]
            blocks = [block for write in same_outlet for block in write.blocks]
            await BoilerplateBlocks(self._database, outlet).save(fence, stories, blocks)
        for profile in {one.outlet: one for one in only(ProfileWrite, writes)}.values():
            await ProfileStore(self._database, profile.outlet).save(fence, profile.profile)
        for run in {one.run["_id"]: one.run for one in only(RunWrite, writes)}.values():
            await self._runs.update(fence, run)

    async def _keep_pages(self, fence: Fence, writes: Sequence[OutcomeWrite]) -> None:
        """Keep the pages of stories that made no article, and tell of them in quarantine."""
        kept = {write.kept["_id"]: write for write in writes if write.kept}
        if not kept:
            return
        pages = [_page_version(write.kept, write.markup) for write in kept.values() if write.kept]
        await self._articles.keep_pages(fence, pages)
        changes = [ReplaceOne({"_id": url}, w.kept or {}, upsert=True) for url, w in kept.items()]
        await self._quarantine.bulk_write(fence, changes)


def only(kind: type[W], writes: Sequence[Any]) -> list[W]:
    """Return the writes of one kind."""
    return [write for write in writes if isinstance(write, kind)]


async def quarantined(database: Database, outlet: str = "") -> AsyncIterator[Document]:
    """Yield stories in quarantine, the newest first; of one outlet, or of all."""
    query = {"outlet": outlet} if outlet else {}
    async for kept in database["quarantine"].find(query, sort=[("at", DESCENDING)]):
        yield kept


def quarantined_write(outcome: LeadOutcome, article: Article, reason: str) -> OutcomeWrite:
    """Return the write of a lead whose page was read and made no article; the page is kept."""
    version = ArticleVersion(stored_fields(article), article.markup)
    kept = {"_id": article.url, "kept": True, **quarantine_document(version, reason)}
    return OutcomeWrite(outcome=outcome, kept=kept, markup=article.markup)


def quarantine_document(version: ArticleVersion, reason: str) -> Document:
    """Return the document of a story in quarantine, but for its ``_id``."""
    fields = version.fields
    return {
        **{name: fields[name] for name in ("outlet", "lead", "fetched", "page", "charset")},
        "title": fields["title"][:500].encode(errors="replace").decode(),
        "reason": reason,
        "at": datetime.now(UTC),
        "size": len(version.markup),
        "posted": is_from_source_content(fields["origins"]),
    }


def _page_version(kept: Document, markup: bytes) -> ArticleVersion:
    """Return a version of which nothing is known but its page, as it was set aside."""
    names = ("outlet", "fetched", "page", "charset")
    origins = {"body": "rest"} if kept["posted"] else {}  # or a feed: no page of its own
    known = {name: kept[name] for name in names}
    return ArticleVersion({"url": kept["_id"], "origins": origins, **known}, markup)


def _outcome(write: ArticleWrite, version: ArticleVersion, result: WriteResult) -> LeadOutcome:
    is_stored = result != "quarantined"
    is_believed = result in ("stored", "unchanged")
    # A story that is stored stays stored, as it is, where what it says now cannot be.
    article = version.url if is_stored else write.before
    published = version.fields["published"] if is_believed else None
    due = write.due if article else None
    if result == "doubtful" and write.attempts < MOST_READINGS:
        again = write.at + DOUBTED_AGAIN
        due = min(due or again, again)
    return LeadOutcome(
        lead=version.lead,
        attempts=write.attempts,
        state="stored" if article else "failed",
        reason=REASONS[result],
        article=article,
        aliases=tuple(version.addresses - {version.lead}) if is_stored else (),
        published=published["at"] if published else None,
        due=due,
        validators=write.validators if is_believed else None,
        fence=write.fence,
        at=write.at,
    )

"""`MongoWriter`: brings what runs have recorded into MongoDB, whichever run it was."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Literal

from pymongo import DESCENDING, ReplaceOne

from crawler.article import Article
from crawler.lead import LeadState
from crawler.store.articles import Articles, Saved
from crawler.store.database import POISON, Database, Document
from crawler.store.ledger import NOT_THERE, WITHDRAWN, Entry, LeadOutcome, Ledger
from crawler.store.runs import Outlets, Runs
from crawler.store.schema import article_of, document

logger = logging.getLogger(__name__)

NOT_MODIFIED = "not_modified"
"""What became of a stored story that was looked at again: its page is as it was."""

UNSTORABLE = "unstorable"
"""Why a story failed that MongoDB refuses for what is in it."""
BROKEN = "broken_template"
"""Why a story was rejected that looks like those before it, and none of them as it should."""

SettledAs = Literal["unchanged", "rejected", "failed"]
"""What the account calls the end of a story that made no article."""

Filed = Saved | Literal["quarantined"]


def of_article(
    article: Article,
    attempts: int,
    due: datetime | None = None,
    validators: Document | None = None,
    fence: int = 0,
    *,
    before: str | None = None,
    sought: bool = False,
) -> Document:
    """An article to be stored, whose page had been asked for so often before.

    `before` is the ``_id`` of the article that its lead has already; `sought` is one of a run with
    bounds.
    """
    return {
        "kind": "article",
        "article": document(article),
        "markup": article.markup,
        "attempts": attempts,
        "fence": fence,
        "due": due,
        "validators": validators,
        "before": before,
        "sought": sought,
        "at": datetime.now(UTC),
    }


def of_fate(fate: LeadOutcome) -> Document:
    """A lead that ended as no article."""
    return {"kind": "fate", **asdict(fate)}


def of_kept(fate: LeadOutcome, article: Article, reason: str) -> Document:
    """A lead whose page was read and made no article, and what is kept of it."""
    aside = _aside(article, reason)
    return {
        **of_fate(fate),
        "kept": {"_id": article.url, "kept": True, **aside},
        "markup": article.markup,
    }


def of_source(outlet: str, state: Document) -> Document:
    """What is remembered of a source."""
    return {"kind": "source", "outlet": outlet, "state": state}


def of_run(run: Document) -> Document:
    """A run document."""
    return {"kind": "run", "run": run}


def fate_of(
    entry: Entry,
    ended: SettledAs,
    reason: str,
    state: LeadState,
    due: datetime | None,
    published: datetime | None = None,
) -> tuple[SettledAs, LeadOutcome]:
    """What the account and the ledger note of an entry that made no article.

    A story that is stored and was looked at again stays stored, whatever came of it.
    """
    fate = LeadOutcome(
        lead=entry.lead.url,
        attempts=entry.attempts,
        state=state,
        reason=reason,
        published=published,
    )
    if not entry.article:
        return ended, fate
    gone = reason in NOT_THERE
    return "unchanged" if gone else ended, replace(
        fate,
        state="stored",
        reason=WITHDRAWN if gone else reason,
        article=entry.article,
        published=entry.published,
        due=due,
        validators=None if gone else entry.validators,
    )


class MongoWriter:
    """Brings writes to MongoDB. Any of them may be brought again, which changes nothing."""

    def __init__(self, database: Database) -> None:
        self._articles = Articles(database)
        self._ledger = Ledger(database, "")
        self._outlets = Outlets(database)
        self._runs = Runs(database)
        self._quarantine = database["quarantine"]
        self._database = database

    async def deliver(self, writes: Sequence[Document]) -> None:
        """Bring writes that a run which is gone has left."""
        own = [write for write in writes if is_article(write)]
        await self.articles(await asyncio.to_thread(articles_of, own), own)
        await self.others(writes)

    async def articles(
        self, articles: Sequence[Article], writes: Sequence[Document]
    ) -> list[Filed]:
        """Store articles and settle their leads; tell what became of each.

        One that MongoDB refuses for what is in it is put aside: it stops no other.
        """
        sought = {write["article"]["lead"] for write in writes if write.get("sought")}
        filed = await self._save(list(articles), sought)
        fates = [
            _fate(article, write, how)
            for article, write, how in zip(articles, writes, filed, strict=True)
        ]
        if fates:
            await self._settle(fates)
            await self.release([fate.lead for fate in fates if fate.reason != UNSTORABLE])
        return filed

    async def _save(self, articles: list[Article], sought: set[str]) -> list[Filed]:
        if not articles:
            return []
        try:
            return list(await self._articles.save(articles, sought))
        except POISON as error:
            if len(articles) == 1:
                await self.put_aside(articles[0], error)
                return ["quarantined"]
        return [how for article in articles for how in await self._save([article], sought)]

    async def _settle(self, fates: list[LeadOutcome]) -> None:
        """Settle leads; one that MongoDB refuses with its aliases, without them."""
        try:
            await self._ledger.settle(fates)
        except POISON as error:
            if len(fates) > 1:
                for fate in fates:
                    await self._settle([fate])
                return
            (fate,) = fates
            logger.error("What became of %s cannot be noted: %s", fate.lead, str(error)[:200])
            if fate.aliases:
                await self._settle([replace(fate, aliases=())])

    async def put_aside(self, article: Article, error: Exception) -> None:
        """Keep what can be kept of an article that cannot be stored, and say why it cannot."""
        reason = f"{type(error).__name__}: {error}"[:500].encode(errors="replace").decode()
        logger.warning("%s cannot be stored (%s): see `dateline quarantine`.", article.url, reason)
        with self._database.calls():
            await self._quarantine.replace_one(
                {"_id": article.url}, _aside(article, reason), upsert=True
            )

    async def _keep(self, writes: Sequence[Document]) -> None:
        """Keep the pages of stories that made no article, and tell of them in quarantine."""
        kept = {write["kept"]["_id"]: write for write in writes}
        await self._articles.keep([page_of(w["kept"], w["markup"]) for w in kept.values()])
        changes = [ReplaceOne({"_id": url}, w["kept"], upsert=True) for url, w in kept.items()]
        with self._database.calls():
            await self._quarantine.bulk_write(changes, ordered=False)

    async def release(self, leads: Sequence[str]) -> None:
        """Take what has become an article out of quarantine."""
        with self._database.calls():
            await self._quarantine.delete_many({"lead": {"$in": list(leads)}})

    async def others(self, writes: Sequence[Document]) -> None:
        """Bring all writes but articles, the newest last.

        One that MongoDB refuses for what is in it stops no other, and does not wait for ever.
        """
        try:
            await self._others(writes)
        except POISON as error:
            if len(writes) > 1:
                for write in writes:
                    await self.others([write])
            elif writes[0].get("kept"):  # the page is too large, and what became of it is known
                (write,) = writes
                logger.warning("The page of %s cannot be kept: %s", write["kept"]["_id"], error)
                await self.others([{k: v for k, v in write.items() if k != "kept"}])
            else:
                told = f"{type(error).__name__}: {error}"[:300]
                logger.error("What is noted of a %s cannot be stored: %s", writes[0]["kind"], told)

    async def _others(self, writes: Sequence[Document]) -> None:
        fates = [_plain_fate(write) for write in writes if write["kind"] == "fate"]
        if kept := [write for write in writes if write.get("kept")]:
            await self._keep(kept)
        if fates:
            await self._articles.see(
                {
                    fate.article: fate.at
                    for fate in fates
                    if fate.article and fate.reason == NOT_MODIFIED
                }
            )
            if gone := [(f.article, f.at) for f in fates if f.article and f.reason == WITHDRAWN]:
                await self._articles.withdraw(gone)
            await self._ledger.settle(fates)
        sources = {(w["outlet"], w["state"]["key"]): w for w in writes if w["kind"] == "source"}
        for write in sources.values():
            state = write["state"] | {"fence": write.get("fence", 0)}
            await self._outlets.save(write["outlet"], state)
        runs = {write["run"]["_id"]: write["run"] for write in writes if write["kind"] == "run"}
        for run in runs.values():
            await self._runs.update(run)


async def quarantined(database: Database, outlet: str = "") -> AsyncIterator[Document]:
    """Articles that could not be stored, the newest first; of one outlet, or of all."""
    query = {"outlet": outlet} if outlet else {}
    with database.calls():
        async for kept in database["quarantine"].find(query).sort("at", DESCENDING):
            yield kept


def page_of(kept: Document, markup: bytes) -> Article:
    """An article of which nothing is known but its page, as it was set aside."""
    fetched = kept["fetched"]
    told = {name: kept[name] for name in ("outlet", "lead", "page", "charset")}
    told["origins"] = {"body": "rest"} if kept["posted"] else {}  # or a feed: no page of its own
    return Article(url=kept["_id"], fetched=fetched, first_seen=fetched, markup=markup, **told)


def _aside(article: Article, reason: str) -> Document:
    """What is told of an article in quarantine."""
    return {
        "outlet": article.outlet,
        "lead": article.lead,
        "title": article.title[:500].encode(errors="replace").decode(),
        "reason": reason,
        "at": datetime.now(UTC),
        "fetched": article.fetched,
        "page": article.page,
        "charset": article.charset,
        "size": len(article.markup),
        "posted": article.is_from_source_content,
    }


def articles_of(writes: Sequence[Document]) -> list[Article]:
    """The articles that wait, as they were; for another thread, as there may be many."""
    return [article_of(write["article"], write["markup"]) for write in writes]


def is_article(write: Document) -> bool:
    """Whether it is an article that waits."""
    return bool(write["kind"] == "article")


def _fate(article: Article, write: Document, filed: Filed) -> LeadOutcome:
    stored = filed != "quarantined"
    # A story that is stored stays stored, as it is, where what it says now cannot be.
    has = article.url if stored else write.get("before")
    return LeadOutcome(
        lead=article.lead,
        attempts=write["attempts"],
        state="stored" if has else "failed",
        reason={"unchanged": "same", "quarantined": UNSTORABLE}.get(filed),
        article=has,
        aliases=tuple({article.url, *article.aliases} - {article.lead}) if stored else (),
        published=article.published.at if article.published else None,
        due=write.get("due") if has else None,
        validators=write.get("validators") if stored else None,
        fence=write.get("fence", 0),
        at=write["at"],
    )


def _plain_fate(write: Document) -> LeadOutcome:
    told = {field.name: write[field.name] for field in fields(LeadOutcome) if field.name in write}
    return LeadOutcome(**{**told, "aliases": tuple(told["aliases"])})

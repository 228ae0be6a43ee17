"""`Reparse`: an outlet's articles built anew from their stored pages, after a rule has changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scrapy.exceptions import DropItem
from scrapy.settings import Settings

from crawler.article import Article, is_from_source_content
from crawler.errors import ParseFailure, ParserPoolLost
from crawler.extract.page import FetchedPage, read_page
from crawler.extract.source_content import read_content_page
from crawler.queue.writer import UNSTORABLE
from crawler.reparse.reparse_store import Rebuilt, ReparseStore, compare
from crawler.run.boilerplate_learner import leave_out
from crawler.run.parser_pool import ParserPool
from crawler.run.pipeline import STRIP_LEARNT_BOILERPLATE, build_pipelines
from crawler.schedule.revisits import read_age
from crawler.spider import OutletSpider
from crawler.store.boilerplate_blocks import BoilerplateBlocks
from crawler.store.collection import Document
from crawler.store.database import Database
from crawler.store.dictionaries import PackedPage
from crawler.store.ledger import Ledger, LedgerEntry
from crawler.store.pages import Pages
from crawler.text.paragraphs import split_body
from crawler.text.recurring_blocks import block_key


@dataclass(frozen=True, slots=True)
class NotRebuilt:
    """A stored article or a quarantined page that stays as it is, for it makes no article now."""

    url: str
    reason: str
    """In snake_case: the reason a crawl would give, ``no_page``, or ``no_lead``."""


class Reparse:
    """Reads one outlet's stored pages as a crawl would today: in workers, by the same pipelines.

    Nothing is fetched and no boilerplate is learnt. How a story was found stays: its addresses, its
    sources, when it was fetched. With `dry_run`, nothing is written.
    """

    def __init__(
        self,
        database: Database,
        spider: type[OutletSpider],
        settings: Settings,
        workers: ParserPool,
        since: datetime | None = None,
        *,
        dry_run: bool = False,
    ) -> None:
        self._store = ReparseStore(database, spider.name, since)
        self._dry_run = dry_run
        self._blocks = BoilerplateBlocks(database, spider.name)
        self._ledger = Ledger(database, spider.name)
        self._pages = Pages(database)
        self._config = spider.extraction_config()
        ages = spider.revisits if settings.getbool("REVISITS") else ()
        self._revisits = tuple(map(read_age, ages))
        self._workers = workers
        self._capacity = asyncio.Semaphore(2 * settings.getint("PARSE_WORKERS"))
        self._boilerplate = _LearntBoilerplate()
        self._pipelines = build_pipelines(
            spider, settings, {STRIP_LEARNT_BOILERPLATE: self._boilerplate}
        )

    async def open(self) -> int:
        """Load what was learnt of the outlet's boilerplate; return how many articles there are."""
        async for block in self._blocks.find():
            if block["fate"] == "dropped":
                self._boilerplate.dropped.add(block["key"])
        return await self._store.count()

    async def rebuild(self) -> AsyncIterator[tuple[list[Rebuilt], list[NotRebuilt]]]:
        """Build the articles anew and store what has changed, chunk by chunk."""
        async for chunk in self._store.articles():
            rebuilt: list[Rebuilt] = []
            others: list[NotRebuilt] = []
            results = await self._read_all(chunk, await self._entries(chunk))
            for stored, result in zip(chunk, results, strict=True):
                if isinstance(result, Article):
                    rebuilt.append(compare(stored, result))
                else:
                    others.append(result)
            for unstorable in [] if self._dry_run else await self._store.save(rebuilt):
                rebuilt.remove(unstorable)
                others.append(NotRebuilt(unstorable.stored["url"], UNSTORABLE))
            yield rebuilt, others

    async def recover(self) -> AsyncIterator[tuple[list[Article], list[NotRebuilt]]]:
        """Make articles of the pages in quarantine and store them, chunk by chunk.

        These are stories that made no article, or that were read while their template was broken.
        """
        async for chunk in self._store.quarantine():
            entries = await self._entries(chunk)
            results = await self._read_all(chunk, entries)
            articles = [result for result in results if isinstance(result, Article)]
            for article in articles:
                entry = entries[article.lead]
                article.first_seen, article.sighted_by = entry.first_seen, list(entry.sighted_by)
            if articles and not self._dry_run:
                await self._store.recover(articles, entries, self._revisits)
            yield articles, [result for result in results if isinstance(result, NotRebuilt)]

    async def _entries(self, chunk: Sequence[Document]) -> dict[str, LedgerEntry]:
        return await self._ledger.entries([stored["lead"] for stored in chunk])

    async def _read_all(
        self, chunk: Sequence[Document], entries: Mapping[str, LedgerEntry]
    ) -> list[Article | NotRebuilt]:
        """Read the pages of articles, or of documents of quarantine."""
        pages = await self._pages.find([stored["page"] for stored in chunk])
        return await asyncio.gather(
            *(
                self._read(stored, pages.get(stored["page"]), entries.get(stored["lead"]))
                for stored in chunk
            )
        )

    async def _read(
        self, stored: Document, page: PackedPage | None, entry: LedgerEntry | None
    ) -> Article | NotRebuilt:
        url, is_quarantined = stored["_id"], "posted" in stored
        is_delivered = (
            stored["posted"] if is_quarantined else is_from_source_content(stored["origins"])
        )
        if page is None:
            return NotRebuilt(url, "no_page")
        if entry is None and (is_quarantined or is_delivered):
            return NotRebuilt(url, "no_lead")
        lead = entry.lead if entry else None
        read: Callable[..., Article] = read_page
        address = url
        if lead and is_delivered:
            read, address = read_content_page, lead.url
        charset, fetched = stored["charset"], stored["fetched"]
        try:
            async with self._capacity:
                read_from = FetchedPage(address, page.unpack(), encoding=charset, fetched=fetched)
                article = await self._workers.run(read, read_from, self._config, lead)
            article.lead = stored["lead"]
            article.charset, article.markup = charset, read_from.body
            self._boilerplate.stored = stored
            for pipeline in self._pipelines:
                article = pipeline.process_item(article)
        except (ParseFailure, DropItem) as reason:
            return NotRebuilt(url, str(reason))
        except ParserPoolLost:
            raise
        except Exception as error:  # noqa: BLE001 - one page must not end the others
            return NotRebuilt(url, f"malformed_{type(error).__name__}")
        return article


class _LearntBoilerplate:
    """`pipelines.strip_learnt_boilerplate` for a reparse: applies what is learnt, learns nothing.

    A block that the stored body has stays: it was met before it was learnt, and no rule for pages
    has changed that.
    """

    def __init__(self) -> None:
        self.dropped: set[str] = set()
        """Keys of the blocks that are no part of the outlet's stories."""
        self.stored: Document = {}
        """Stored form of the article that comes next."""

    def process_item(self, article: Article) -> Article:
        """Leave learnt blocks out; drop the article where nothing is left of it."""
        own = split_body(self.stored.get("body", ""), self.stored.get("structure", []))
        stays = {block_key(paragraph.text) for paragraph in own}
        keys = [block_key(paragraph.text) for paragraph in article.paragraphs]
        leave_out(article, keys, self.dropped - stays)
        if not article.body:
            raise DropItem("only_boilerplate")
        return article

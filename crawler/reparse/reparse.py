"""`Reparse`: an outlet's articles built anew from their stored pages, after a rule has changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from scrapy.exceptions import DropItem
from scrapy.settings import Settings

from crawler.article import PAGE_ORIGINS, Article
from crawler.errors import ParseFailure, ParserPoolLost
from crawler.extract.page import FetchedPage, read_page
from crawler.extract.source_content import read_content_page
from crawler.lead import Lead
from crawler.reparse.rebuilding import Rebuilding, Rebuilt, compare
from crawler.reparse.recovery import Recovery, quarantine
from crawler.run.boilerplate_learner import leave_out
from crawler.run.parser_pool import ParserPool
from crawler.run.pipeline import LEARNT, steps
from crawler.schedule.revisits import read_age
from crawler.spider import OutletSpider
from crawler.store.boilerplate_blocks import Blocks
from crawler.store.database import Database, Document
from crawler.store.dictionaries import Packed
from crawler.store.ledger import Entry, Ledger
from crawler.store.pages import Pages
from crawler.text.paragraphs import split_body
from crawler.text.recurrence import key_of


@dataclass(frozen=True, slots=True)
class Left:
    """An article, or what waits in quarantine, that stays as it is: its page makes no article."""

    url: str
    reason: str
    """In snake_case: what a crawl would call it, ``no_page``, or ``no_lead``."""


class Reparse:
    """Reads one outlet's stored pages as a crawl would today, in workers, by the same steps.

    Nothing is fetched and nothing is learnt. What tells how a story was found stays: its addresses,
    its sources, when it was fetched.
    """

    def __init__(
        self,
        database: Database,
        spider: type[OutletSpider],
        settings: Settings,
        workers: ParserPool,
        since: datetime | None = None,
    ) -> None:
        self.articles = Rebuilding(database, spider.name, since)
        self._database, self._outlet, self._since = database, spider.name, since
        self._blocks = Blocks(database, spider.name)
        self._ledger = Ledger(database, spider.name)
        self._pages = Pages(database)
        self._config = spider.extraction_config()
        ages = spider.revisits if settings.getbool("REVISITS") else ()
        self._revisits = tuple(map(read_age, ages))
        self._workers = workers
        self._room = asyncio.Semaphore(2 * settings.getint("PARSE_WORKERS"))
        self._learnt = _Learnt()
        self._steps = steps(spider, settings, {LEARNT: self._learnt})

    async def open(self) -> None:
        """Load what was learnt of the outlet."""
        async for block in self._blocks.find():
            if block["fate"] == "dropped":
                self._learnt.dropped.add(block["key"])

    async def recover(self) -> AsyncIterator[tuple[list[Article], list[Left], Recovery]]:
        """Make articles of the pages in quarantine, chunk by chunk; `Recovery.save` stores them.

        These are stories that made no article, or that were read while their template was broken.
        """
        async for chunk in quarantine(self._database, self._outlet, self._since):
            pages = await self._pages.find([kept["page"] for kept in chunk])
            entries = await self._ledger.entries([kept["lead"] for kept in chunk])
            found = await asyncio.gather(
                *(
                    self._recover(kept, pages.get(kept["page"]), entries.get(kept["lead"]))
                    for kept in chunk
                )
            )
            yield (
                [one for one in found if isinstance(one, Article)],
                [one for one in found if isinstance(one, Left)],
                Recovery(self._database, entries, self._revisits),
            )

    async def read(self) -> AsyncIterator[list[Rebuilt | Left]]:
        """Build the articles anew, chunk by chunk; nothing is written."""
        async for chunk in self.articles.chunks():
            pages = await self._pages.find([stored["page"] for stored in chunk])
            entries = await self._ledger.entries([stored["lead"] for stored in chunk])
            yield await asyncio.gather(
                *(
                    self._rebuild(stored, pages.get(stored["page"]), entries.get(stored["lead"]))
                    for stored in chunk
                )
            )

    async def _rebuild(
        self, stored: Document, page: Packed | None, entry: Entry | None
    ) -> Rebuilt | Left:
        is_posted = stored["origins"].get("body") not in PAGE_ORIGINS
        lead = entry.lead if entry else None
        article = await self._article(stored, page, lead, is_posted=is_posted)
        return article if isinstance(article, Left) else compare(stored, article)

    async def _recover(
        self, kept: Document, page: Packed | None, entry: Entry | None
    ) -> Article | Left:
        if entry is None:
            return Left(kept["_id"], "no_lead")
        blank = {**kept, "url": kept["_id"], "body": "", "structure": []}
        article = await self._article(blank, page, entry.lead, is_posted=kept["posted"])
        if isinstance(article, Article):
            article.first_seen, article.sighted_by = entry.first_seen, list(entry.sighted_by)
        return article

    async def _article(
        self, stored: Document, page: Packed | None, lead: Lead | None, *, is_posted: bool
    ) -> Article | Left:
        if page is None:
            return Left(stored["url"], "no_page")
        if is_posted and lead is None:
            return Left(stored["url"], "no_lead")
        try:
            async with self._room:
                article = await self._read(stored, page.unpack(), lead, is_posted=is_posted)
            article.lead = stored["lead"]
            article.charset = stored["charset"]
            self._learnt.stored = stored
            for step in self._steps:
                article = step.process_item(article)
        except (ParseFailure, DropItem) as reason:
            return Left(stored["url"], str(reason))
        except ParserPoolLost:
            raise
        except Exception as error:  # noqa: BLE001 - one page must not end the others
            return Left(stored["url"], f"malformed_{type(error).__name__}")
        return article

    async def _read(
        self, stored: Document, body: bytes, lead: Lead | None, *, is_posted: bool
    ) -> Article:
        charset, fetched = stored["charset"], stored["fetched"]
        if is_posted:
            assert lead
            page = FetchedPage(lead.url, body, encoding=charset, fetched=fetched)
            return await self._workers.run(read_content_page, page, self._config, lead)
        page = FetchedPage(stored["url"], body, encoding=charset, fetched=fetched)
        return await self._workers.run(read_page, page, self._config, lead)


class _Learnt:
    """Stands for `pipelines.learnt`, where nothing is to be learnt.

    A block that the stored body has stays: it was met before it was learnt, and no rule for pages
    has changed that.
    """

    def __init__(self) -> None:
        self.dropped: set[str] = set()
        self.stored: Document = {}

    def process_item(self, article: Article) -> Article:
        """Leave learnt blocks out; drop the article where nothing is left of it."""
        own = split_body(self.stored["body"], self.stored["structure"])
        stays = {key_of(paragraph.text) for paragraph in own}
        keys = [key_of(paragraph.text) for paragraph in article.paragraphs]
        leave_out(article, keys, self.dropped - stays)
        if not article.body:
            raise DropItem("only_boilerplate")
        return article

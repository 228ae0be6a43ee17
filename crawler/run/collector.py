"""`Collector`: from sources to leads to articles, for every outlet alike."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from crawler.article import DATE_CONFLICT, Article
from crawler.errors import ParseFailure, StoreError, UnreadableSource
from crawler.fetch.compression_middleware import FAIL_IF_CUT
from crawler.fetch.failure_reasons import OFFSITE, TRUNCATED, RequestRefused
from crawler.fetch.http_cache import STORY_READ_EVERY, conditional_headers
from crawler.fetch.responses import (
    DATA_LOSS,
    PolledPage,
    declared_charset,
    header,
    is_conditional,
    metadata_of,
    source_response_of,
    validators_of,
)
from crawler.lead import Lead, SourceContent
from crawler.run.parser_pool import ParserPool
from crawler.run.parsing import read_page, read_source_content
from crawler.run.poll import PageRef, Poll
from crawler.run.recorder import NoArticle
from crawler.run.run import Run
from crawler.sources import SourceListing, join, read_part
from crawler.spider import OutletSpider
from crawler.store.ledger import NOT_MODIFIED, OUT_OF_RANGE, RETRY_AFTER, LedgerEntry
from crawler.text.canonical import is_canonical
from crawler.text.urls import address as normalised
from crawler.text.urls import normalise, without_added_session

HTML = re.compile(r"^\s*(?:$|text/html|text/plain|application/xhtml\+xml)", re.IGNORECASE)
"""Content types under which servers send pages; some name none."""
REFUSALS = frozenset({"robots_disallowed", OFFSITE})
"""Reasons why we do not ask for a story's page, as against one that we do not get."""


class Collector:
    """Collects an outlet's stories in one run: polls its sources, and reads the stories due."""

    def __init__(self, spider: OutletSpider, run: Run, pool: ParserPool) -> None:
        self._spider = spider
        self.run = run
        self._pool = pool
        self._stories = re.compile(spider.stories)
        fronts = (spider.home, urljoin(spider.home, "/"))
        self._fronts = {*fronts, *(front.rstrip("/") for front in fronts)}
        self._config = spider.extraction_config()
        self._answers: asyncio.Queue[tuple[Poll, PageRef, PolledPage | None]] = asyncio.Queue()
        self._asked = 0

    async def start(self) -> AsyncIterator[Request | Article]:
        """Poll every source, then take up what earlier runs left.

        All leads come through here, as fast as stories are fetched: neither a large source nor a
        large backlog is ever in memory as a whole.
        """
        try:
            async for found in self._collect():
                yield found
        except StoreError as error:  # Scrapy would print it, and go on
            self.run.lost(error)

    async def _collect(self) -> AsyncIterator[Request | Article]:
        spider, awaited = self._spider, await self.run.frontier.awaits_missing()
        polls = [
            Poll(
                source, self.run, spider.stories, spider.since, spider.until,
                unconditionally=awaited,
            )
            for source in spider.sources
        ]  # fmt: skip
        for poll in polls:
            poll.begin(self._spider.home)
        async for found in self._follow(polls):
            yield found
        if self.run.frontier.is_stopped():
            return
        gap = any(poll.part.get("gap_since") for poll in polls)
        covered = any(poll.overlaps_last_poll for poll in polls if not poll.source.deep)
        for poll in polls:
            poll.deepen(gap=gap, covered=covered)
        async for found in self._follow(polls):
            yield found
        if self.run.frontier.is_stopped():
            return
        for poll in polls:
            await poll.end()
        async for entry in self.run.resume():
            async for found in self._take_up(self._in_bounds([entry]), {}):
                yield found

    # -- Sources

    async def _follow(self, polls: Sequence[Poll]) -> AsyncIterator[Request | Article]:
        """Read the polls' pages, of each poll one at a time, and the stories they show."""
        for poll in polls:
            for request in self._page_requests(poll):
                yield request
        while self._asked:
            poll, place, shown = await self._answers.get()
            if self.run.frontier.is_stopped():
                return
            self._asked -= 1
            if shown:
                async for found in self._take_in(poll, place, shown):
                    yield found
            else:
                for request in self._page_requests(poll):
                    yield request

    def _page_requests(self, poll: Poll) -> Iterator[Request]:
        """Yield a request for the poll's next page, if there is one."""
        if place := poll.next():
            self._asked += 1
            meta: dict[str, Any] = {"handle_httpstatus_list": [304], FAIL_IF_CUT: False}
            if poll.source.origin == "sitemap":
                meta["download_maxsize"] = self._spider.settings.getint("SITEMAP_MAXSIZE")
            yield Request(
                place.url,
                headers=poll.headers(place),
                callback=self.read_source,
                errback=self.source_failed,
                cb_kwargs={"poll": poll, "place": place},
                meta=meta,
                priority=10,
            )

    async def read_source(self, response: Response, poll: Poll, place: PageRef) -> None:
        """Read one page of a source."""
        poll.part["requests"] += 1
        shown, is_cut = None, DATA_LOSS in response.flags
        try:
            if response.status == 304:
                poll.unchanged(place, asked=is_conditional(response.request))
            else:
                listing = await self._listing(response, poll)
                shown = PolledPage(listing, metadata_of(response, poll.source, listing))
                if is_cut:
                    self.run.record.source_failed(poll.source.key, TRUNCATED)
        except (UnreadableSource, ParseFailure) as error:
            await poll.failed(place, TRUNCATED if is_cut else error.reason)
        finally:
            self._answers.put_nowait((poll, place, shown))

    async def _listing(self, response: Response, poll: Poll) -> SourceListing:
        """Read a response, part by part: a worker has little time for each."""
        shown = source_response_of(response, self._spider.stories)
        what = (poll.source, shown, poll.floor, self._spider.timezone)
        parts = [await self._pool.run(read_part, *what)]
        while len(parts) < parts[0].parts and not self.run.frontier.is_stopped():
            parts.append(await self._pool.run(read_part, *what, part=len(parts)))
        return join(parts)

    async def source_failed(self, failure: Failure) -> None:
        """Record what went wrong with a source; the others go on."""
        request: Request = failure.request  # type: ignore[attr-defined]
        poll: Poll = request.cb_kwargs["poll"]
        place: PageRef = request.cb_kwargs["place"]
        poll.part["requests"] += 1
        try:
            await poll.failed(place, self.run.record.failure_reason(failure))
        finally:
            self._answers.put_nowait((poll, place, None))

    async def _take_in(
        self, poll: Poll, place: PageRef, shown: PolledPage
    ) -> AsyncIterator[Request | Article]:
        """Record what a page shows, as far as the run has capacity, and take up what is due of it.

        The poll's next page is asked for before these stories: it is on its way while they are
        fetched, and what it shows can be sighted before there is nothing left to fetch.
        """
        leads = list(self._own_leads(shown.listing))
        contents = {lead.url: lead.content for lead in leads if lead.content}
        frontier = self.run.frontier
        taken, due = 0, list[LedgerEntry]()
        while taken < len(leads) and (room := await frontier.wait_for_capacity()):
            part = leads[taken : taken + room]
            entries, fresh = await frontier.record_sightings(part, poll.source.key)
            poll.shows(part, entries)
            taken += room
            due = self._in_bounds(fresh)
            if taken < len(leads):
                async for story in self._take_up(due, contents):
                    yield story
                due = []
        if self.run.frontier.is_stopped():
            return
        if rest := leads[taken:]:
            shown.listing.passed_over.add("beyond_limit", rest[0].url, len(rest))
        poll.passes_over(shown.listing.passed_over)
        await poll.page_done(place, shown.listing, shown.metadata, complete=taken >= len(leads))
        for request in self._page_requests(poll):
            yield request
        async for story in self._take_up(due, contents):
            yield story

    def _own_leads(self, listing: SourceListing) -> Iterator[Lead]:
        """Yield the leads that are stories of this outlet; the others are passed over."""
        for lead in listing.leads:
            if self._spider.is_story(lead.url):
                yield self._own_aliases(lead)
            else:
                is_own = self._spider.has_host(lead.url)
                listing.passed_over.add("not_a_story" if is_own else "other_host", lead.url)

    def _own_aliases(self, lead: Lead) -> Lead:
        """Return the lead without aliases of others: some feeds' guid is the site, or a story's."""

        def is_own(alias: str) -> bool:
            is_story = self._spider.is_story(alias)
            return not is_story or is_canonical(alias, lead.url, lead.title or "")

        kept = tuple(a for a in lead.aliases if a not in self._fronts and is_own(a))
        return lead if kept == lead.aliases else replace(lead, aliases=kept)

    # -- Stories

    def _in_bounds(self, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """Return the entries that may be in the run's range; pass the others over."""
        wanted = []
        for entry in entries:
            if entry.published and not self._in_range(entry.published):
                self.run.frontier.pass_over(entry)
            else:
                wanted.append(entry)
        return wanted

    async def _take_up(
        self, entries: Sequence[LedgerEntry], contents: Mapping[str, SourceContent]
    ) -> AsyncIterator[Request | Article]:
        """Yield stories that came with their source (`contents`, by address); else requests."""
        for entry in entries:
            await asyncio.sleep(0)  # Scrapy draws without a pause, and others want their turn
            if content := contents.get(entry.lead.url):
                lead, now = replace(entry.lead, content=content), datetime.now(UTC)
                reading = self._pool.run(read_source_content, lead, self._config, now)
                if article := await self._article(entry, reading):
                    yield article
            else:
                yield self._story_request(entry)

    def _story_request(self, entry: LedgerEntry) -> Request:
        """Return a request for a story's page; of a stored story, only if the page has changed."""
        headers: dict[str, str] = {}
        if entry.article and entry.validators and not self._spider.browser:
            headers = conditional_headers(entry.validators, datetime.now(UTC), STORY_READ_EVERY)
        meta: dict[str, Any] = {"handle_httpstatus_list": [304]} if headers else {}
        return Request(
            entry.moved_to or entry.lead.url,
            headers=headers,
            callback=self.read_story,
            errback=self.story_failed,
            cb_kwargs={"entry": entry},
            meta=meta | ({"playwright": True} if self._spider.browser else {}),
        )

    async def read_story(self, response: Response, entry: LedgerEntry) -> AsyncIterator[Article]:
        """Turn a story's page into an article."""
        self.run.record.pages += 1
        address, declared = entry.lead.url, header(response, "Content-Type") or ""
        if response.status == 304:
            await self.run.recorder.record_outcome(address, "unchanged", NOT_MODIFIED)
            return
        if not isinstance(response, TextResponse) or not HTML.search(declared):
            await self.run.recorder.record_outcome(address, "rejected", "not_html")
            return
        # A script may lead a browser anywhere.
        final = normalised(response.url, longest=len(response.url))
        final = without_added_session(final or "", entry.moved_to or address)
        if not (final and self._spider.is_story(final)):
            await self.run.recorder.record_outcome(address, "failed", "redirected_away")
            return
        # A browser hands over text it has decoded itself.
        rendered = "playwright" in response.flags
        charset = response.encoding if rendered else declared_charset(response)
        page = (final, response.body, charset, datetime.now(UTC))
        # What comes back again and again is believed.
        is_first = not entry.article and entry.attempts < len(RETRY_AFTER)
        reading = self._pool.run(read_page, *page, self._config, entry.lead, is_first=is_first)
        if article := await self._article(entry, reading):
            self.run.record.claims.claim(article, final)
            redirects = [normalise(url) for url in response.meta.get("redirect_urls", [])]
            met = dict.fromkeys([*article.aliases, *redirects])
            article.aliases = [alias for alias in met if alias != article.url]
            article.charset, article.markup = charset, response.body
            self.run.recorder.validators[address] = validators_of(response)
            yield article

    async def _article(self, entry: LedgerEntry, reading: Awaitable[Article]) -> Article | None:
        """Return the article that a worker reads; None if its outcome is that there is none."""
        address = entry.lead.url
        try:
            article = await reading
        except ParseFailure as failure:
            await self.run.recorder.record_outcome(address, "failed", failure.reason)
            return None
        published = article.published.at if article.published else None
        is_disputed = DATE_CONFLICT in article.flags
        if published and not (is_disputed or self._in_range(published)):
            await self.run.recorder.record_outcome(
                address, "rejected", OUT_OF_RANGE, state="skipped", published=published
            )
            return None
        article.lead = address
        article.first_seen = entry.first_seen
        return article

    async def story_failed(self, failure: Failure) -> None:
        """Settle a story whose page could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        entry: LedgerEntry = request.cb_kwargs["entry"]
        if isinstance(failure.value, RequestRefused) and failure.value.waits:
            self.run.frontier.put_off(entry)
            return
        reason = self.run.record.failure_reason(failure)
        self.run.record.pages += reason.startswith("http_")
        outcome: NoArticle = "rejected" if reason in REFUSALS else "failed"
        await self.run.recorder.record_outcome(entry.lead.url, outcome, reason)

    def _in_range(self, instant: datetime) -> bool:
        return not (
            (self._spider.since and instant < self._spider.since)
            or (self._spider.until and instant >= self._spider.until)
        )

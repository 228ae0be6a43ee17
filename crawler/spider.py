"""`OutletSpider`: sources -> leads -> articles, for every outlet alike."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.article import Article
from crawler.errors import ConfigurationError, ParseFailure, UnreadableSource
from crawler.extract.page import FetchedPage, read_page
from crawler.extract.source_content import read_source_content
from crawler.fetch.failure_reasons import GONE, failure_reason
from crawler.fetch.guard import Refused
from crawler.fetch.http_cache import STORY_READ_EVERY, condition
from crawler.fetch.responses import (
    PolledPage,
    answer_of,
    charset_of,
    header,
    is_conditional,
    told_by,
    validators_of,
)
from crawler.lead import Lead, LeadState, SourceContent
from crawler.outlet import ExtractionConfig, Selectors
from crawler.outlets.declaration import check
from crawler.queue.writer import NOT_MODIFIED
from crawler.run.bounds import read_bound
from crawler.run.extension import RunExtension
from crawler.run.parser_pool import ParserPool
from crawler.run.poll import PageRef, Poll
from crawler.run.run import Run
from crawler.schedule.planning import MissedPolicy
from crawler.schedule.revisits import DEFAULT_REVISIT_AGES
from crawler.sources import Source, read_source_response
from crawler.store.ledger import OUT_OF_RANGE, Entry
from crawler.text.urls import normalise, registered_domain


class OutletSpider(scrapy.Spider):
    """Collects one outlet's stories. An outlet is a subclass that declares, and does nothing.

    Spider arguments: ``since`` and ``until`` bound the run by publication, both ISO 8601; a date
    without a time means the whole day in the outlet's zone. ``limit`` bounds it in stories.
    """

    title: ClassVar[str]
    """The outlet's name as its readers know it."""
    home: ClassVar[str]
    """Its front page; the paths of `sources` are relative to it."""
    language: ClassVar[str | tuple[str, ...]]
    """BCP 47; used where a page does not state its own. Of several, each story's is detected."""
    timezone: ClassVar[str]
    """IANA zone in which dates printed without an offset are understood."""
    schedule: ClassVar[str]
    """When it is due: cron syntax in its zone, or like ``adaptive 10m-6h``."""
    missed: ClassVar[MissedPolicy] = "once"
    """What becomes of runs that were missed: ``skip``, ``once`` or ``backfill``."""
    quiet: ClassVar[str] = ""
    """Hours in its zone in which it is not collected, like ``23:00-06:00``."""
    sources: ClassVar[tuple[Source, ...]] = ()
    stories: ClassVar[str]
    """Pattern found in the addresses of stories, and of nothing else."""
    page: ClassVar[Selectors] = Selectors()
    domains: ClassVar[tuple[str, ...]] = ()
    """Hosts beside the home page's domain that belong to the outlet."""
    revisits: ClassVar[tuple[str, ...]] = DEFAULT_REVISIT_AGES
    """Ages at which stories are looked at again for edits, like ``15m``, ``4h`` or ``7d``."""
    browser: ClassVar[bool] = False
    """Fetch its stories with a browser: for pages that are empty without JavaScript."""

    run: Run
    workers: ParserPool

    def __init_subclass__(cls) -> None:
        """Refuse a declaration that cannot work when its file is read, not in mid-run."""
        super().__init_subclass__()
        if "name" in vars(cls):
            check(cls)

    def __init__(self, since: str = "", until: str = "", limit: str = "", **arguments: Any) -> None:
        if arguments:
            raise ConfigurationError(
                f"-a {next(iter(arguments))}= is no argument of {self.name}: "
                "use since, until or limit."
            )
        super().__init__()
        zone = ZoneInfo(self.timezone)
        self.since = read_bound("since", since, zone)
        self.until = read_bound("until", until, zone, whole_day=True)
        if self.since and self.until and self.since > self.until:
            raise ConfigurationError(f"since={since} is later than until={until}.")
        if limit and not (limit.isdecimal() and int(limit)):
            raise ConfigurationError(f"limit={limit} is no number of stories: write it like 500.")
        self.limit = int(limit) if limit else None
        self.allowed_domains = [registered_domain(self.home), *self.domains]
        self._stories = re.compile(self.stories)
        fronts = (normalise(self.home), urljoin(normalise(self.home), "/"))
        self._fronts = {*fronts, *(front.rstrip("/") for front in fronts)}
        self._config = self.extraction_config()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Merge the browser's settings where the outlet needs it."""
        super().update_settings(settings)
        if cls.browser:
            settings.update(settings.getdict("BROWSER_SETTINGS"), priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "OutletSpider":
        """Scrapy's constructor."""
        return super().from_crawler(crawler, *args, **kwargs)

    @classmethod
    def extraction_config(cls) -> ExtractionConfig:
        """What a worker process has to know to read this outlet's pages."""
        return ExtractionConfig(
            outlet=cls.name,
            title=cls.title,
            home=cls.home,
            languages=(cls.language,) if isinstance(cls.language, str) else cls.language,
            timezone=cls.timezone,
            selectors=cls.page,
        )

    async def start(self) -> AsyncIterator[Request | Article]:
        """Walk every source, then take up what earlier runs left.

        All leads come through here, as fast as stories are fetched: neither a large source nor a
        large backlog is ever in memory as a whole.
        """
        report = self.crawler.get_extension(RunExtension)
        assert report is not None
        self.run, self.workers = report.run, report.workers
        self._answers: asyncio.Queue[tuple[Poll, PageRef, PolledPage | None]] = asyncio.Queue()
        self._asked = 0
        walks = [
            Poll(source, self.run, self.stories, self.since, self.until) for source in self.sources
        ]
        for walk in walks:
            walk.begin(self.home)
        async for found in self._follow(walks):
            yield found
        if self.run.is_stopped():
            return
        gap = any(walk.told.get("gap_since") for walk in walks)
        covered = any(walk.is_on_known_ground for walk in walks if not walk.source.deep)
        for walk in walks:
            walk.deepen(gap=gap, covered=covered)
        async for found in self._follow(walks):
            yield found
        if self.run.is_stopped():
            return
        for walk in walks:
            await walk.end()
        async for entry in self.run.due(self.since, self.until):
            async for found in self._take_up(self._in_bounds([entry]), {}):
                yield found

    # -- Sources

    async def _follow(self, walks: Sequence[Poll]) -> AsyncIterator[Request | Article]:
        """Read the walks' pages, of each walk one at a time, and the stories they show."""
        for walk in walks:
            for request in self._page_requests(walk):
                yield request
        while self._asked:
            walk, place, shown = await self._answers.get()
            if self.run.is_stopped():
                return
            self._asked -= 1
            if shown:
                async for found in self._take_in(walk, place, shown):
                    yield found
            else:
                for request in self._page_requests(walk):
                    yield request

    def _page_requests(self, walk: Poll) -> Iterator[Request]:
        """A request for the walk's next page, if there is one."""
        if place := walk.next():
            self._asked += 1
            meta: dict[str, Any] = {"handle_httpstatus_list": [304]}
            if walk.source.origin == "sitemap":
                meta["download_maxsize"] = self.settings.getint("SITEMAP_MAXSIZE")
            yield Request(
                place.url,
                headers=walk.headers(place),
                callback=self.read_source,
                errback=self.source_failed,
                cb_kwargs={"walk": walk, "place": place},
                meta=meta,
                priority=10,
            )

    async def read_source(self, response: Response, walk: Poll, place: PageRef) -> None:
        """Read one page of a source."""
        walk.told["requests"] += 1
        shown = None
        try:
            if response.status == 304:
                walk.unchanged(place, asked=is_conditional(response.request))
            else:
                source_response = answer_of(response, self.stories)
                listing = await self.workers.run(
                    read_source_response, walk.source, source_response, walk.floor, self.timezone
                )
                shown = PolledPage(listing, told_by(response, walk.source, listing))
        except (UnreadableSource, ParseFailure) as error:
            await walk.failed(place, error.reason)
        finally:
            self._answers.put_nowait((walk, place, shown))

    async def source_failed(self, failure: Failure) -> None:
        """Name what went wrong with a source; the others go on."""
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: Poll = request.cb_kwargs["walk"]
        place: PageRef = request.cb_kwargs["place"]
        walk.told["requests"] += 1
        try:
            await walk.failed(place, failure_reason(failure))
        finally:
            self._answers.put_nowait((walk, place, None))

    async def _take_in(
        self, walk: Poll, place: PageRef, shown: PolledPage
    ) -> AsyncIterator[Request | Article]:
        """Sight what a page shows, as far as the run has room, and take up what is due of it.

        The walk's next page is asked for before these stories: it is on its way while they are
        fetched, and what it shows can be sighted before there is nothing left to fetch.
        """
        leads = [self._own_aliases(lead) for lead in shown.listing.leads if self.is_story(lead.url)]
        contents = {lead.url: lead.content for lead in leads if lead.content}
        taken, due = 0, list[Entry]()
        while taken < len(leads) and (room := await self.run.room()):
            entries, fresh = await self.run.sight(leads[taken : taken + room], walk.source.key)
            walk.shows(entries)
            taken += room
            due = self._in_bounds(fresh)
            if taken < len(leads):
                async for story in self._take_up(due, contents):
                    yield story
                due = []
        if self.run.is_stopped():
            return
        await walk.page_done(place, shown.listing, shown.told, complete=taken >= len(leads))
        for request in self._page_requests(walk):
            yield request
        async for story in self._take_up(due, contents):
            yield story

    def is_story(self, url: str) -> bool:
        """Whether an address has the form of a story of this outlet's."""
        return bool(self._stories.search(url)) and self.has_host(url)

    def has_host(self, url: str) -> bool:
        """Whether an address lies on a host of this outlet's."""
        return any(host_matches(url, domain) for domain in self.allowed_domains or ())

    def _own_aliases(self, lead: Lead) -> Lead:
        """The lead without aliases that are no page of their own: some feeds' guid is the site."""
        if self._fronts.isdisjoint(lead.aliases):
            return lead
        return replace(lead, aliases=tuple(a for a in lead.aliases if a not in self._fronts))

    # -- Stories

    def _in_bounds(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries without those that are known to be out of the run's range: passed over."""
        wanted = []
        for entry in entries:
            if entry.published and not self._in_range(entry.published):
                self.run.pass_over(entry)
            else:
                wanted.append(entry)
        return wanted

    async def _take_up(
        self, entries: Sequence[Entry], contents: Mapping[str, SourceContent]
    ) -> AsyncIterator[Request | Article]:
        """Each story that came with its source (`contents`, by address); of others a request."""
        for entry in entries:
            await asyncio.sleep(0)  # Scrapy draws without a pause, and others want their turn
            if content := contents.get(entry.lead.url):
                lead, now = replace(entry.lead, content=content), datetime.now(UTC)
                reading = self.workers.run(read_source_content, lead, self._config, now)
                if article := await self._article(entry, reading):
                    yield article
            else:
                yield self._story_request(entry)

    def _story_request(self, entry: Entry) -> Request:
        """A request for a story's page; for one that is stored only if the page has changed."""
        headers: dict[str, str] = {}
        if entry.article and entry.validators and not self.browser:
            headers = condition(entry.validators, datetime.now(UTC), STORY_READ_EVERY)
        meta: dict[str, Any] = {"handle_httpstatus_list": [304]} if headers else {}
        return Request(
            entry.lead.url,
            headers=headers,
            callback=self.read_story,
            errback=self.story_failed,
            cb_kwargs={"entry": entry},
            meta=meta | ({"playwright": True} if self.browser else {}),
        )

    async def read_story(self, response: Response, entry: Entry) -> AsyncIterator[Article]:
        """Turn a story's page into an article."""
        self.run.pages += 1
        address, declared = entry.lead.url, header(response, "Content-Type") or ""
        if response.status == 304:
            await self.run.settle(address, "unchanged", NOT_MODIFIED)
            return
        if not isinstance(response, TextResponse) or not HTML.search(declared):
            await self.run.settle(address, "rejected", "not_html", state="skipped")
            return
        if not self._stories.search(response.url):
            await self.run.settle(address, "failed", "redirected_away")
            return
        # A browser hands over text it has decoded itself.
        rendered = "playwright" in response.flags
        charset = response.encoding if rendered else charset_of(response)
        page = FetchedPage(response.url, response.body, encoding=charset, fetched=datetime.now(UTC))
        reading = self.workers.run(read_page, page, self._config, entry.lead)
        if article := await self._article(entry, reading):
            redirects = [normalise(url) for url in response.meta.get("redirect_urls", [])]
            met = dict.fromkeys([*article.aliases, *redirects])
            article.aliases = [alias for alias in met if alias != article.url]
            article.charset = charset
            self.run.validators[address] = validators_of(response)
            yield article

    async def _article(self, entry: Entry, reading: Awaitable[Article]) -> Article | None:
        """What a worker reads of an entry's story; None where it is settled as no article."""
        address = entry.lead.url
        try:
            article = await reading
        except ParseFailure as failure:
            await self.run.settle(address, "failed", failure.reason)
            return None
        published = article.published.at if article.published else None
        if published and not self._in_range(published):
            await self.run.settle(
                address, "rejected", OUT_OF_RANGE, state="skipped", published=published
            )
            return None
        article.lead = address
        article.first_seen = entry.first_seen
        return article

    async def story_failed(self, failure: Failure) -> None:
        """Settle a story whose page could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        entry: Entry = request.cb_kwargs["entry"]
        if isinstance(failure.value, Refused) and failure.value.waits:
            self.run.put_off(entry)
            return
        reason = failure_reason(failure)
        self.run.pages += reason.startswith("http_")
        if reason in REFUSALS:
            await self.run.settle(entry.lead.url, "rejected", reason, state="skipped")
        else:
            state: LeadState = "gone" if reason == GONE else "failed"
            await self.run.settle(entry.lead.url, "failed", reason, state=state)

    def _in_range(self, instant: datetime) -> bool:
        return not ((self.since and instant < self.since) or (self.until and instant >= self.until))


HTML = re.compile(r"^\s*(?:$|text/html|text/plain|application/xhtml\+xml)", re.IGNORECASE)
"""Content types under which servers send pages; some name none."""
REFUSALS = frozenset({"robots_disallowed", "offsite"})
"""Reasons why a story is none of ours, as against one we may get later."""


def host_matches(url: str, domain: str) -> bool:
    """Whether the address lies on `domain` or one of its subdomains."""
    host = url.split("/", 3)[2].rpartition("@")[2].partition(":")[0]
    return host == domain or host.endswith(f".{domain}")

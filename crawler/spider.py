"""`OutletSpider`: sources -> leads -> articles, for every outlet alike."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, ParamSpec
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from crawler.article import Article
from crawler.declaration import check
from crawler.errors import ConfigurationError, ParseFailure, UnreadableSource
from crawler.extensions.report import Report
from crawler.extract.page import Page, read_page
from crawler.extract.posted import read_posted
from crawler.failures import GONE, failure_reason
from crawler.lead import Content, Lead
from crawler.middlewares.guard import Refused
from crawler.outlet import Reading, Selectors
from crawler.run import Run
from crawler.sources import Answer, Source, read_sheet
from crawler.store.ledger import OUT_OF_RANGE, Entry, State
from crawler.text.urls import normalise, registered_domain
from crawler.walk import Walk
from crawler.workers import Workers

P = ParamSpec("P")


class OutletSpider(scrapy.Spider):
    """Collects one outlet's stories. An outlet is a subclass that declares, and does nothing.

    Spider arguments: ``since`` and ``until`` bound the run by publication, both ISO 8601; a date
    without a time means the whole day in the outlet's zone.
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
    """When it is due, in cron syntax."""
    sources: ClassVar[tuple[Source, ...]] = ()
    stories: ClassVar[str]
    """Pattern found in the addresses of stories, and of nothing else."""
    page: ClassVar[Selectors] = Selectors()
    domains: ClassVar[tuple[str, ...]] = ()
    """Hosts beside the home page's domain that belong to the outlet."""
    browser: ClassVar[bool] = False
    """Fetch its stories with a browser: for pages that are empty without JavaScript."""

    run: Run
    workers: Workers

    def __init_subclass__(cls) -> None:
        """Refuse a declaration that cannot work when its file is read, not in mid-run."""
        super().__init_subclass__()
        if "name" in vars(cls):
            check(cls)

    def __init__(self, since: str = "", until: str = "", **arguments: Any) -> None:
        if arguments:
            raise ConfigurationError(
                f"-a {next(iter(arguments))}= is no argument of {self.name}: use since or until."
            )
        super().__init__()
        zone = ZoneInfo(self.timezone)
        self.since = _bound("since", since, zone)
        self.until = _bound("until", until, zone, whole_day=True)
        if self.since and self.until and self.since > self.until:
            raise ConfigurationError(f"since={since} is later than until={until}.")
        self.allowed_domains = [registered_domain(self.home), *self.domains]
        self._stories = re.compile(self.stories)
        self._reading = self.reading()

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
    def reading(cls) -> Reading:
        """What a worker process has to know to read this outlet's pages."""
        return Reading(
            outlet=cls.name,
            title=cls.title,
            home=cls.home,
            languages=(cls.language,) if isinstance(cls.language, str) else cls.language,
            timezone=cls.timezone,
            selectors=cls.page,
        )

    async def start(self) -> AsyncIterator[Request]:
        """Ask every source, then take up what earlier runs left."""
        report = self.crawler.get_extension(Report)
        assert report is not None
        self.run, self.workers = report.run, report.workers
        for source in self.sources:
            bounded = bool(self.since or self.until)
            walk = Walk(source, self.run, self.since, self.stories, bounded=bounded)
            url = source.start(self.home, self.since, self.until)
            for first in self._source_requests(walk, [url], page=1):
                yield first
        async for entry in self.run.due(self.since, self.until):
            if request := self._story_request(entry):
                yield request

    # -- Sources

    def _source_requests(self, walk: Walk, urls: Sequence[str], page: int) -> Iterator[Request]:
        meta: dict[str, Any] = {"handle_httpstatus_list": [304]}
        if walk.source.origin == "sitemap":
            meta["download_maxsize"] = self.settings.getint("SITEMAP_MAXSIZE")
        for url in filter(walk.ask, urls):
            yield Request(
                url,
                headers=walk.condition() if page == 1 else None,
                callback=self.read_source,
                errback=self.source_failed,
                cb_kwargs={"walk": walk, "page": page},
                meta=dict(meta),
                priority=10,
            )

    async def read_source(
        self, response: Response, walk: Walk, page: int
    ) -> AsyncIterator[Request | Article]:
        """Turn one answer of a source into what is new, and into requests for its next pages."""
        source = walk.source
        walk.told["requests"] += 1
        if response.status == 304:
            walk.unchanged()
            return
        try:
            sheet = await self.workers.run(
                read_sheet, source, _answer(response, self.stories), walk.floor, self.timezone
            )
        except (UnreadableSource, ParseFailure) as error:
            self.run.source_failed(source.key, error.reason)
            return
        leads = [self._own_aliases(lead) for lead in sheet.leads if self._is_story(lead)]
        entries, due = await self.run.sight(leads, source.key)
        contents = {lead.url: lead.content for lead in leads if lead.content}
        for entry in due:
            if found := await self._take_up(entry, contents.get(entry.lead.url)):
                yield found
        older = walk.next_pages(sheet, entries, page)
        for further in self._source_requests(walk, older, page + 1):
            yield further
        validators = _header(response, "ETag"), _header(response, "Last-Modified")
        await walk.page_done(entries, *validators, page)

    async def source_failed(self, failure: Failure) -> None:
        """Name what went wrong with a source; the others go on."""
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: Walk = request.cb_kwargs["walk"]
        walk.told["requests"] += 1
        self.run.source_failed(walk.source.key, failure_reason(failure))

    def _is_story(self, lead: Lead) -> bool:
        return bool(self._stories.search(lead.url)) and any(
            host_matches(lead.url, domain) for domain in self.allowed_domains or ()
        )

    def _own_aliases(self, lead: Lead) -> Lead:
        """The lead without aliases that are no page of their own: some feeds' guid is the site."""
        home = normalise(self.home)
        fronts = {home, home.rstrip("/"), urljoin(home, "/"), urljoin(home, "/").rstrip("/")}
        return replace(lead, aliases=tuple(a for a in lead.aliases if a not in fronts))

    # -- Stories

    async def _take_up(self, entry: Entry, content: Content | None) -> Request | Article | None:
        """The story, where its source delivered all of it; else a request for its page.

        None where its date is out of the run's range, or it became no article.
        """
        request = self._story_request(entry)
        if not (request and content):
            return request
        lead = replace(entry.lead, content=content)
        return await self._article(entry, read_posted, lead, self._reading, datetime.now(UTC))

    def _story_request(self, entry: Entry) -> Request | None:
        """A request for the story, or None where its date is known and out of the run's range."""
        if entry.published and not self._in_range(entry.published):
            self.run.pass_over(entry)
            return None
        return Request(
            entry.lead.url,
            callback=self.read_story,
            errback=self.story_failed,
            cb_kwargs={"entry": entry},
            meta={"playwright": True} if self.browser else None,
        )

    async def read_story(self, response: Response, entry: Entry) -> AsyncIterator[Article]:
        """Turn a story's page into an article."""
        self.run.pages += 1
        address = entry.lead.url
        if not isinstance(response, TextResponse) or not HTML.search(_type(response)):
            await self.run.settle(address, "rejected", "not_html", state="skipped")
            return
        if not self._stories.search(response.url):
            await self.run.settle(address, "failed", "redirected_away")
            return
        # A browser hands over text it has decoded itself.
        rendered = "playwright" in response.flags
        charset = response.encoding if rendered else _charset(response)
        page = Page(
            url=response.url, body=response.body, encoding=charset, fetched=datetime.now(UTC)
        )
        article = await self._article(entry, read_page, page, self._reading, entry.lead)
        if article is None:
            return
        redirects = [normalise(url) for url in response.meta.get("redirect_urls", [])]
        met = dict.fromkeys([*article.aliases, *redirects])
        article.aliases = [alias for alias in met if alias != article.url]
        article.charset = charset
        yield article

    async def _article(
        self, entry: Entry, read: Callable[P, Article], *args: P.args, **kwargs: P.kwargs
    ) -> Article | None:
        """What `read` makes of the entry's story, in a worker; None where that is no article."""
        address = entry.lead.url
        try:
            article = await self.workers.run(read, *args, **kwargs)
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
        if isinstance(failure.value, Refused) and failure.value.waits:
            return  # it stays pending
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = failure_reason(failure)
        self.run.pages += reason.startswith("http_")
        address = request.cb_kwargs["entry"].lead.url
        if reason in REFUSALS:
            await self.run.settle(address, "rejected", reason, state="skipped")
        else:
            state: State = "gone" if reason == GONE else "failed"
            await self.run.settle(address, "failed", reason, state=state)

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


def _bound(name: str, text: str, zone: ZoneInfo, *, whole_day: bool = False) -> datetime | None:
    """Read a bound; a bare date means its first moment, or with `whole_day` the next day's."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{name}={text} is no date: write it like 2024-11-30 or 2024-11-30T08:00+05:00."
        ) from None
    if whole_day and len(text) == len("2024-11-30"):
        instant += timedelta(days=1)
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def _answer(response: Response, stories: str) -> Answer:
    headers = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }
    return Answer(
        url=response.url,
        body=response.body,
        encoding=_charset(response),
        headers=headers,
        stories=stories,
    )


def _type(response: Response) -> str:
    return _header(response, "Content-Type") or ""


def _charset(response: Response) -> str | None:
    return http_content_type_encoding(_header(response, "Content-Type"))


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None

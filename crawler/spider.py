"""`OutletSpider`: what an outlet declares, as a Scrapy spider."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import scrapy
from scrapy.settings import BaseSettings

from crawler.errors import ConfigurationError
from crawler.outlet import ExtractionConfig, Selectors
from crawler.outlets.bounds import read_bound
from crawler.outlets.declaration import check_declaration, read_host
from crawler.schedule.planning import MissedPolicy
from crawler.schedule.revisits import DEFAULT_REVISIT_AGES
from crawler.sources import Source
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

    collect: Callable[[], AsyncIterator[Any]]
    """Yields the crawl's requests and articles; set by the run's extension when it has opened."""

    def __init_subclass__(cls) -> None:
        """Refuse a declaration that cannot work when its file is read, not in mid-run."""
        super().__init_subclass__()
        if "name" in vars(cls):
            check_declaration(cls)
            cls.home = normalise(cls.home)
            cls.domains = tuple(map(read_host, cls.domains))

    def __init__(self, since: str = "", until: str = "", limit: str = "", **arguments: Any) -> None:
        if arguments:
            raise ConfigurationError(
                f"-a {next(iter(arguments))}= is not an argument of {self.name}: "
                "use since, until or limit."
            )
        super().__init__()
        zone = ZoneInfo(self.timezone)
        self.since = read_bound("since=", since, zone)
        self.until = read_bound("until=", until, zone, whole_day=True)
        if self.since and self.until and self.since > self.until:
            raise ConfigurationError(f"since={since} is later than until={until}.")
        if limit and not (limit.isdecimal() and int(limit)):
            raise ConfigurationError(f"limit={limit} is not a number of stories: use e.g. 500.")
        self.limit = int(limit) if limit else None
        self.allowed_domains = [registered_domain(self.home), *self.domains]
        self._stories = re.compile(self.stories)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Merge the browser's settings where the outlet needs it."""
        super().update_settings(settings)
        if cls.browser:
            settings.update(settings.getdict("BROWSER_SETTINGS"), priority="spider")

    @classmethod
    def extraction_config(cls) -> ExtractionConfig:
        """Return what a worker process has to know to read this outlet's pages."""
        return ExtractionConfig(
            outlet=cls.name,
            title=cls.title,
            home=cls.home,
            languages=(cls.language,) if isinstance(cls.language, str) else cls.language,
            timezone=cls.timezone,
            stories=cls.stories,
            selectors=cls.page,
        )

    async def start(self) -> AsyncIterator[Any]:
        """Collect the outlet: see `crawler.run.collector`."""
        async for request_or_article in self.collect():
            yield request_or_article

    def is_story(self, url: str) -> bool:
        """Tell whether an address has the form of a story of this outlet."""
        return bool(self._stories.search(url)) and self.has_host(url)

    def has_host(self, url: str) -> bool:
        """Tell whether an address lies on a host of this outlet."""
        return any(host_matches(url, domain) for domain in self.allowed_domains or ())


def host_matches(url: str, domain: str) -> bool:
    """Tell whether the address lies on `domain` or one of its subdomains."""
    host = url.split("/", 3)[2].rpartition("@")[2].partition(":")[0]
    return host == domain or host.endswith(f".{domain}")

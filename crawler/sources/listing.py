"""`Listing`: pages of links."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from parsel import Selector

from crawler.extract.encoding import decode
from crawler.lead import Lead, Origin
from crawler.sources.base import Answer, Sheet, Source, address


@dataclass(frozen=True, slots=True)
class Listing(Source):
    """A page of links to stories, and the pages of older ones behind it."""

    path: str = "/"
    kind: ClassVar[str] = "listing"
    origin: ClassVar[Origin] = "listing"
    links: str = field(default="a::attr(href)", kw_only=True)
    """CSS of the story links (``a`` elements, or their ``::attr(href)``)."""
    next: str = field(default="link[rel=next], a[rel=next], a.next", kw_only=True)
    """CSS of the link to the next older page."""
    pages: int = field(default=3, kw_only=True)

    def read(self, answer: Answer, since: datetime | None = None) -> Sheet:
        """Read one page of the listing."""
        page = Selector(decode(answer.body, answer.encoding), type="html")
        base = address(page.css("base::attr(href)").get(""), answer.url) or answer.url
        leads = tuple(lead for link in page.css(self.links) for lead in self._link_lead(link, base))
        older = _href(next(iter(page.css(self.next)), None))
        return Sheet(leads=leads, older=address(older, base) if older else None)

    def _link_lead(self, link: Selector, base: str) -> Iterator[Lead]:
        href = _href(link)
        return self.lead(href.strip(), base) if href else iter(())


def _href(link: Selector | None) -> str:
    """The address of an ``a`` or ``link`` element, or of a selected attribute."""
    if link is None:
        return ""
    return link.root if isinstance(link.root, str) else link.attrib.get("href", "")

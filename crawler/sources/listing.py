"""`Listing`: pages of links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urljoin

from lxml import etree
from parsel import Selector

from crawler.extract.encoding import decode
from crawler.lead import Lead, LeadOrigin
from crawler.sources.base import PassedOver, Source, SourceListing, SourceResponse
from crawler.sources.listings.links import Link, links_of
from crawler.sources.listings.load_more import entries, json_or_none, markup
from crawler.sources.listings.pagination import find_older_page
from crawler.text.urls import address


@dataclass(frozen=True, slots=True)
class Listing(Source):
    """A page of links to stories, and the pages of older ones behind it."""

    path: str = "/"
    kind: ClassVar[str] = "listing"
    origin: ClassVar[LeadOrigin] = "listing"
    links: str = field(default="", kw_only=True)
    """CSS of the story links (``a`` elements, or their ``::attr(href)``). Without it, the outlet's
    pattern of stories decides; without an outlet, `find_story_links`."""
    next: str = field(default="", kw_only=True)
    """CSS of the link to the next older page; without it, `find_older_page` decides."""
    more: str = field(default="", kw_only=True)
    """Where a "load more" button gets further entries from, as JSON; ``{page}`` in it stands for
    the number of the page: 2, then 3 and so on."""
    pages: int = field(default=3, kw_only=True)

    def read(self, response: SourceResponse, since: datetime | None = None) -> SourceListing:
        """Read one page of the listing."""
        found = json_or_none(response.body)
        return self._page(response) if found is None else self._more(found, response)

    def _page(self, response: SourceResponse) -> SourceListing:
        root = _document(decode(response.body, response.encoding))
        if root is None:
            return SourceListing()
        page = Selector(root=root, type="html")
        base = address(page.css("base::attr(href)").get(""), response.url) or response.url
        links = [] if self.links and self.next else list(links_of(root, base))
        own = address(response.url) or response.url
        passed_over = PassedOver()
        if self.links:
            hrefs = (_href(link).strip() for link in page.css(self.links))
            leads = tuple(lead for href in hrefs for lead in self.lead(href, base, passed_over))
        else:
            stories = _stories(links, own, response, passed_over)
            leads = tuple(Lead(url=url, origin="listing") for url in stories)
        older = self._older(page, links, own, base)
        return SourceListing(leads=leads, passed_over=passed_over, older=older)

    def _more(self, found: Any, response: SourceResponse) -> SourceListing:
        """Read what the button fetches: objects with address and title, or pieces of the page."""
        passed_over = PassedOver()
        leads = tuple(
            lead
            for url, title in entries(found)
            for lead in self.lead(url, response.url, passed_over, title=title)
        )
        listing = SourceListing(leads=leads, passed_over=passed_over)
        if not leads and (pieces := markup(found)):
            listing = self._page(replace(response, body=pieces.encode(), encoding="utf-8"))
        return replace(listing, older=self._next_more(response.url) if listing.leads else None)

    def _next_more(self, url: str) -> str | None:
        """Return the button's next address: that of page 2 after the listing itself."""
        before, mark, after = urljoin(url, self.more).partition("{page}")
        if not (self.more and mark):
            return None
        number = url.removeprefix(before).removesuffix(after)
        here = int(number) if number.isdecimal() and f"{before}{number}{after}" == url else 1
        return f"{before}{here + 1}{after}"

    def _older(self, page: Selector, links: list[Link], own: str, base: str) -> str | None:
        if self.more:
            return self._next_more(base)
        if self.next:
            selected = page.css(self.next)
            href = _href(selected[0]) if selected else ""
            return address(href, base) if href else None
        found = find_older_page(links, own)
        # As the page writes it: a normalised address need not be one the server knows.
        return urljoin(base, found.element.get("href", "").strip()) if found else None


def _stories(
    links: list[Link], own: str, response: SourceResponse, passed_over: PassedOver
) -> Iterator[str]:
    if response.stories is None:
        from crawler.sources.listings.story_links import find_story_links  # noqa: PLC0415 - outlets state it

        yield from find_story_links(links, own)
        return
    pattern = re.compile(response.stories)
    urls = dict.fromkeys(link.url for link in links if link.element.tag == "a")
    for url in urls:
        if pattern.search(url):
            yield url
        else:
            passed_over.add("not_a_story", url)


def _document(markup: str) -> etree._Element | None:
    """Parse a page, without its scripts and styles; None if it holds no element."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    body = markup.replace("\0", "").strip().encode(errors="replace")
    root = etree.fromstring(body, parser) if body else None
    if root is not None:
        etree.strip_elements(root, "script", "style", etree.Comment, with_tail=False)
    return root


def _href(link: Selector) -> str:
    """Return the address of an ``a`` or ``link`` element, or a selected attribute."""
    return link.root if isinstance(link.root, str) else link.attrib.get("href", "")

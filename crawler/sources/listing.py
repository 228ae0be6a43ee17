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
from crawler.lead import Lead, Origin
from crawler.sources.base import Answer, Sheet, Source
from crawler.sources.links import Link, links_of
from crawler.sources.load_more import entries, markup, parse_json
from crawler.sources.pagination import older_page
from crawler.sources.story_links import story_links
from crawler.text.urls import address


@dataclass(frozen=True, slots=True)
class Listing(Source):
    """A page of links to stories, and the pages of older ones behind it."""

    path: str = "/"
    kind: ClassVar[str] = "listing"
    origin: ClassVar[Origin] = "listing"
    links: str = field(default="", kw_only=True)
    """CSS of the story links (``a`` elements, or their ``::attr(href)``). Without one, the outlet's
    pattern of stories decides, and where there is none, what the page repeats (`story_links`)."""
    next: str = field(default="", kw_only=True)
    """CSS of the link to the next older page; without one, what pagers have in common
    (`older_page`)."""
    more: str = field(default="", kw_only=True)
    """Where a "load more" button gets further entries from, as JSON; ``{page}`` in it stands for
    the number of the page: 2, then 3 and so on."""
    pages: int = field(default=3, kw_only=True)

    def read(self, answer: Answer, since: datetime | None = None) -> Sheet:
        """Read one page of the listing."""
        found = parse_json(answer.body)
        return self._page(answer) if found is None else self._more(found, answer)

    def _page(self, answer: Answer) -> Sheet:
        root = _document(decode(answer.body, answer.encoding))
        if root is None:
            return Sheet()
        page = Selector(root=root, type="html")
        base = address(page.css("base::attr(href)").get(""), answer.url) or answer.url
        links = [] if self.links and self.next else list(links_of(root, base))
        own = address(answer.url) or answer.url
        if self.links:
            hrefs = (_href(link).strip() for link in page.css(self.links))
            leads = tuple(lead for href in hrefs for lead in self.lead(href, base))
        else:
            leads = tuple(Lead(url=url, origin="listing") for url in _stories(links, own, answer))
        return Sheet(leads=leads, older=self._older(page, links, own, base))

    def _more(self, found: Any, answer: Answer) -> Sheet:
        """Read what the button gets: objects with address and title, or pieces of the page."""
        leads = tuple(
            lead
            for url, title in entries(found)
            for lead in self.lead(url, answer.url, title=title)
        )
        if not leads and (pieces := markup(found)):
            leads = self._page(replace(answer, body=pieces.encode(), encoding="utf-8")).leads
        return Sheet(leads=leads, older=self._next_more(answer.url) if leads else None)

    def _next_more(self, url: str) -> str | None:
        """The button's next address: that of page 2 after the listing itself."""
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
        found = older_page(links, own)
        # As the page writes it: what is asked for need not be what a story is known by.
        return urljoin(base, found.element.get("href", "").strip()) if found else None


def _stories(links: list[Link], own: str, answer: Answer) -> Iterator[str]:
    if answer.stories is None:
        return iter(story_links(links, own))
    pattern = re.compile(answer.stories)
    urls = dict.fromkeys(link.url for link in links if link.element.tag == "a")
    return filter(pattern.search, urls)


def _document(markup: str) -> etree._Element | None:
    """The document without scripts and styles; None of what holds no element."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    body = markup.replace("\0", "").strip().encode(errors="replace")
    root = etree.fromstring(body, parser) if body else None
    if root is not None:
        etree.strip_elements(root, "script", "style", etree.Comment, with_tail=False)
    return root


def _href(link: Selector) -> str:
    """The address of an ``a`` or ``link`` element, or of a selected attribute."""
    return link.root if isinstance(link.root, str) else link.attrib.get("href", "")

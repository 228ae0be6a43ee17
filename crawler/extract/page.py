"""One page into one `Article`: what each part of it states, chosen field by field."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from lxml import etree
from parsel import Selector

from crawler.article import Article, Image
from crawler.errors import ParseFailure
from crawler.extract import plausible
from crawler.extract.candidates import Stated
from crawler.extract.challenge import read_challenge
from crawler.extract.confidence import rate
from crawler.extract.dates.choose_dates import fill_dates
from crawler.extract.encoding import decode
from crawler.extract.generic import read_shown, read_text
from crawler.extract.headline import Headings, choose_title, read_headings
from crawler.extract.kind import read_kind
from crawler.extract.people.authors import choose_authors
from crawler.extract.people.byline import read_byline
from crawler.extract.selectors import captions, read_body, read_selectors
from crawler.extract.structured.app_state import read_app_state
from crawler.extract.structured.linked_data import read_linked_data
from crawler.extract.structured.metadata import read_links, read_metadata
from crawler.extract.structured.microdata import read_microdata
from crawler.lead import Lead
from crawler.outlet import Reading
from crawler.text.fingerprint import fold
from crawler.text.language import detect
from crawler.text.paragraphs import Paragraph, size_of
from crawler.text.tidy import tidy
from crawler.text.urls import address, is_canonical, normalise, registered_domain, same_site

T = TypeVar("T")

_TAG = re.compile("<")
_MOST_TAGS = 200_000  # of a page; ten times as many as the largest of real ones have
_MOST_NAMES = 50  # names of an outlet
_LONGEST_NAME = 40  # letters of an outlet's name
_MOST_WANTED = ("published", "authors")  # fields worth reading all of a page's scripts
_MOST_LINKS = 5  # that a page has to one of its own addresses
_LONGEST_PICTURE = 20_000  # characters of its address, which may be signed
_SAMPLE = 100  # texts of a page that tell its language


@dataclass(frozen=True, slots=True)
class Page:
    """A page as fetched."""

    url: str
    """The address it came from, after redirects."""
    body: bytes
    encoding: str | None
    """The charset HTTP declared, if any."""
    fetched: datetime
    """When: aware."""


def read_page(page: Page, reading: Reading, lead: Lead | None = None) -> Article:
    """Read the story on a page.

    Each field is taken from the first that states it plausibly: the outlet's selectors, JSON-LD,
    meta tags, microdata, the state of its scripts, the lead, and at last what the page shows. An
    undated page stays undated.

    Raises:
        ParseFailure: it stands in place of a story: a captcha, a consent wall, a soft 404 ...
        ValueError: `page.url` is no http address.
        SelectorSyntaxError: a selector of the outlet is not CSS (`cssselect`).
    """
    root, truncated = _parse(page)
    headings = read_headings(root)
    shown = read_shown(root)
    sources = [
        read_selectors(root, reading.selectors),
        read_linked_data(root, headings.printed, page.url),
        read_metadata(root),
        read_microdata(root, headings.printed),
    ]
    if not all(any(getattr(stated, name) for stated in sources) for name in _MOST_WANTED):
        sources.append(read_app_state(root, headings.printed))
    sources += [_of_lead(lead), shown]
    article = Article(
        outlet=reading.outlet,
        url=normalise(page.url),
        fetched=page.fetched.astimezone(UTC),
        first_seen=page.fetched.astimezone(UTC),
        page=hashlib.sha256(page.body).hexdigest(),
        markup=page.body,
        flags=[*(["truncated_by_parser"] if truncated else []), *read_kind(root)],
    )
    _fill_addresses(article, page, reading, lead, root)
    _fill_fields(article, reading, sources, headings, root)
    fill_dates(article, page.url, reading, sources, root)
    _fill_images(article, page, sources, root)
    _fill_body(article, page, reading, sources, root)
    if found := _first(
        sources,
        lambda stated: stated.standfirsts,
        partial(plausible.standfirst, headline=article.title, body=fold(article.body)),
    ):
        article.standfirst, article.origins["standfirst"] = found
    article.confidence = rate(article, sources)
    article.flags += _misread(article, sources[0])
    if reason := read_challenge(root, article):
        raise ParseFailure(reason)
    return article


def _misread(article: Article, ruled: Stated) -> list[str]:
    """Return a flag for each field of which the outlet's own selectors find something else."""
    found = {"title": ruled.titles, "authors": ruled.authors, "published": ruled.published}
    return [
        f"misread_{name}"
        for name, texts in found.items()
        if any(texts) and article.origins.get(name) != "selector"
    ]


def _parse(page: Page) -> tuple[Selector, bool]:
    """Parse the page once; tell also whether not all of it was read.

    The parser gives up below 2,048 levels of nesting. A page of very many elements is cut off.
    """
    text = decode(page.body, page.encoding).replace("\x00", "").strip()
    cut = text.count("<") > _MOST_TAGS
    if cut:
        text = text[: next(islice(_TAG.finditer(text), _MOST_TAGS, None)).start()]
    parser = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
    markup = text.encode(errors="replace") or b"<html/>"
    tree = etree.fromstring(markup, parser=parser)
    if tree is None:  # nothing but comments
        tree = etree.fromstring(b"<html/>", parser=etree.HTMLParser())
    error = parser.error_log.last_error
    too_deep = error is not None and "depth" in error.message
    return Selector(root=tree, type="html"), too_deep or cut


def _of_lead(lead: Lead | None) -> Stated:
    if lead is None:
        return Stated(origin="listing")
    return Stated(
        origin=lead.origin,
        titles=[lead.title or ""],
        authors=list(lead.authors),
        sections=[lead.section or ""],
        tags=list(lead.tags),
        published=[lead.published or ""],
        modified=[lead.modified or ""],
    )


def _first(
    sources: list[Stated], values: Callable[[Stated], list[str]], judge: Callable[[str], T | None]
) -> tuple[T, str] | None:
    """Return the first plausible value and its origin."""
    for stated in sources:
        for text in values(stated):
            if text and (kept := judge(text)) is not None:
                return kept, stated.origin
    return None


def _fill_addresses(
    article: Article, page: Page, reading: Reading, lead: Lead | None, root: Selector
) -> None:
    base = _base(page, root)
    homes = {address(reading.home), address("/", page.url)}

    def own(links: list[str]) -> list[str]:
        addresses = filter(None, (address(link, base) for link in links))
        found = (url for url in addresses if url not in homes and same_site(url, page.url))
        return list(islice(found, _MOST_LINKS))

    for canonical in own(read_links(root, "canonical"))[:1]:
        if is_canonical(canonical, article.url):
            article.url = canonical
            article.origins["url"] = "meta"
    others = [normalise(page.url), *own(read_links(root, "shortlink"))]
    if lead:
        others += map(normalise, (lead.url, *lead.aliases))
    article.aliases = [url for url in dict.fromkeys(others) if url != article.url]


def _fill_fields(
    article: Article,
    reading: Reading,
    sources: list[Stated],
    headings: Headings,
    root: Selector,
) -> None:
    domain = registered_domain(article.url)
    names = [reading.title, domain, domain.partition(".")[0]]
    names += [name for stated in sources for name in stated.site_names]
    site = {fold(name) for name in dict.fromkeys(names[:_MOST_NAMES]) if len(name) < 500} - {""}
    # Some pages give their headline for the outlet's name.
    site -= {text for text in map(fold, headings.printed) if len(text) > _LONGEST_NAME}
    if title := choose_title(headings, sources, site):
        article.title, article.origins["title"] = title
    if section := _first(sources, lambda stated: stated.sections, plausible.section):
        article.section, article.origins["section"] = section
    if authors := choose_authors(sources, site, lambda: read_byline(root, article.title)):
        article.authors, article.origins["authors"] = authors
    for stated in sources:
        if not article.tags and (tags := plausible.tags(stated.tags)):
            article.tags, article.origins["tags"] = tags, stated.origin
    if language := _choose_language(article.title, reading, sources, root):
        article.language, article.origins["language"] = language


def _choose_language(
    title: str, reading: Reading, sources: list[Stated], root: Selector
) -> tuple[str, str] | None:
    """Return the story's language, and its origin.

    What the page states is believed, except that the template of an outlet with several languages
    often states always the same one.
    """
    # What the markup says first, then JSON-LD: `metadata` holds <html lang>.
    languages = [stated for stated in sources[1:] if stated.languages][::-1]
    languages.append(Stated(origin="outlet", languages=list(reading.languages)))
    found = _first(languages, lambda stated: stated.languages, plausible.language)
    if len(reading.languages) > 1:
        shown = " ".join([title, *root.xpath("//p//text()")[:_SAMPLE].getall()])
        detected = detect(tidy(shown), reading.languages)
        if detected and not (found and found[0].partition("-")[0] == detected.partition("-")[0]):
            return detected, "text"
    return found


def _fill_images(article: Article, page: Page, sources: list[Stated], root: Selector) -> None:
    base = _base(page, root)
    picture = partial(address, base=base, longest=_LONGEST_PICTURE)
    shown = {picture(url): caption for url, caption in captions(root).items()}
    for stated in sources:
        found: dict[str, Image] = {}
        for image in stated.images:
            url = picture(image.url)
            if url and (stated.origin == "selector" or plausible.is_picture(url)):
                caption = tidy(image.caption or "") or shown.get(url)
                found.setdefault(url, Image(url, caption))
        if found:
            article.images = list(found.values())
            article.origins["images"] = stated.origin
            return


def _fill_body(
    article: Article, page: Page, reading: Reading, sources: list[Stated], root: Selector
) -> None:
    if paragraphs := read_body(root, reading.selectors):
        origin = "selector"
    else:
        standfirsts = [text for stated in sources for text in stated.standfirsts]
        paragraphs = read_text(root, page.url, article.title, standfirsts)
        origin = "generic"
        linked = [Paragraph(tidy(text)) for text in sources[1].body]
        # JSON-LD often holds captions and loses headings; but a page that shows far less than
        # it states has the rest behind a script.
        if size_of(linked) > 2 * size_of(paragraphs):
            paragraphs, origin = linked, "jsonld"
    if paragraphs:
        article.paragraphs = paragraphs
        article.origins["body"] = origin


def _base(page: Page, root: Selector) -> str:
    """Return the address that the page's links are relative to (HTML Standard, 2.4.3)."""
    stated = (str(base.get("href", "")) for base in root.root.iter("base"))
    return address(next(filter(None, stated), ""), page.url) or page.url

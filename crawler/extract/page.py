"""Extraction of one `Article` from one page, field by field."""

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
from crawler.extract.candidates import Candidates
from crawler.extract.challenge import read_challenge
from crawler.extract.confidence import rate
from crawler.extract.dates.story_dates import fill_dates
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
from crawler.outlet import ExtractionConfig
from crawler.text.fingerprint import fold
from crawler.text.language import detect
from crawler.text.paragraphs import Paragraph, size_of
from crawler.text.tidy import tidy
from crawler.text.urls import address, is_canonical, normalise, registered_domain, same_site

T = TypeVar("T")

_TAG = re.compile("<")
_MAX_TAGS = 200_000  # of a page; ten times as many as the largest of real ones have
_MAX_SITE_NAMES = 50  # names of an outlet
_MAX_SITE_NAME = 40  # letters of an outlet's name
_WORTH_SCRIPTS = ("published", "authors")  # fields worth reading all of a page's scripts
_MAX_LINKS = 5  # that a page has to one of its own addresses
_MAX_PICTURE_URL = 20_000  # characters of its address, which may be signed
_LANGUAGE_SAMPLE = 100  # texts of a page that tell its language


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """The bytes of a page, and how they were fetched."""

    url: str
    """The address it came from, after redirects."""
    body: bytes
    encoding: str | None
    """The charset HTTP declared, if any."""
    fetched: datetime
    """When it was fetched: aware."""


def read_page(page: FetchedPage, config: ExtractionConfig, lead: Lead | None = None) -> Article:
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
    candidates = [
        read_selectors(root, config.selectors),
        read_linked_data(root, headings.printed, page.url),
        read_metadata(root),
        read_microdata(root, headings.printed),
    ]
    if not all(any(getattr(part, name) for part in candidates) for name in _WORTH_SCRIPTS):
        candidates.append(read_app_state(root, headings.printed))
    candidates += [_of_lead(lead), shown]
    article = Article(
        outlet=config.outlet,
        url=normalise(page.url),
        fetched=page.fetched.astimezone(UTC),
        first_seen=page.fetched.astimezone(UTC),
        page=hashlib.sha256(page.body).hexdigest(),
        markup=page.body,
        flags=[*(["truncated_by_parser"] if truncated else []), *read_kind(root)],
    )
    _fill_addresses(article, page, config, lead, root)
    _fill_fields(article, config, candidates, headings, root)
    fill_dates(article, page.url, config, candidates, root)
    _fill_images(article, page, candidates, root)
    _fill_body(article, page, config, candidates, root)
    if found := _first(
        candidates,
        lambda part: part.standfirsts,
        partial(plausible.standfirst, headline=article.title, body=fold(article.body)),
    ):
        article.standfirst, article.origins["standfirst"] = found
    article.confidence = rate(article, candidates)
    article.flags += _misread(article, candidates[0])
    if reason := read_challenge(root, article):
        raise ParseFailure(reason)
    return article


def _misread(article: Article, ruled: Candidates) -> list[str]:
    """Return a flag for each field of which the outlet's own selectors find something else."""
    found = {"title": ruled.titles, "authors": ruled.authors, "published": ruled.published}
    return [
        f"misread_{name}"
        for name, texts in found.items()
        if any(texts) and article.origins.get(name) != "selector"
    ]


def _parse(page: FetchedPage) -> tuple[Selector, bool]:
    """Parse the page once; tell also whether not all of it was read.

    The parser gives up below 2,048 levels of nesting. A page of very many elements is cut off.
    """
    text = decode(page.body, page.encoding).replace("\x00", "").strip()
    cut = text.count("<") > _MAX_TAGS
    if cut:
        text = text[: next(islice(_TAG.finditer(text), _MAX_TAGS, None)).start()]
    parser = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
    markup = text.encode(errors="replace") or b"<html/>"
    tree = etree.fromstring(markup, parser=parser)
    if tree is None:  # nothing but comments
        tree = etree.fromstring(b"<html/>", parser=etree.HTMLParser())
    error = parser.error_log.last_error
    too_deep = error is not None and "depth" in error.message
    return Selector(root=tree, type="html"), too_deep or cut


def _of_lead(lead: Lead | None) -> Candidates:
    if lead is None:
        return Candidates(origin="listing")
    return Candidates(
        origin=lead.origin,
        titles=[lead.title or ""],
        authors=list(lead.authors),
        sections=[lead.section or ""],
        tags=list(lead.tags),
        published=[lead.published or ""],
        modified=[lead.modified or ""],
    )


def _first(
    candidates: list[Candidates],
    values: Callable[[Candidates], list[str]],
    judge: Callable[[str], T | None],
) -> tuple[T, str] | None:
    """Return the first plausible value and its origin."""
    for part in candidates:
        for text in values(part):
            if text and (kept := judge(text)) is not None:
                return kept, part.origin
    return None


def _fill_addresses(
    article: Article, page: FetchedPage, config: ExtractionConfig, lead: Lead | None, root: Selector
) -> None:
    base = _base(page, root)
    homes = {address(config.home), address("/", page.url)}

    def own(links: list[str]) -> list[str]:
        addresses = filter(None, (address(link, base) for link in links))
        found = (url for url in addresses if url not in homes and same_site(url, page.url))
        return list(islice(found, _MAX_LINKS))

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
    config: ExtractionConfig,
    candidates: list[Candidates],
    headings: Headings,
    root: Selector,
) -> None:
    domain = registered_domain(article.url)
    names = [config.title, domain, domain.partition(".")[0]]
    names += [name for part in candidates for name in part.site_names]
    site = {fold(name) for name in dict.fromkeys(names[:_MAX_SITE_NAMES]) if len(name) < 500} - {""}
    # Some pages give their headline for the outlet's name.
    site -= {text for text in map(fold, headings.printed) if len(text) > _MAX_SITE_NAME}
    if title := choose_title(headings, candidates, site):
        article.title, article.origins["title"] = title
    if section := _first(candidates, lambda part: part.sections, plausible.section):
        article.section, article.origins["section"] = section
    if authors := choose_authors(candidates, site, lambda: read_byline(root, article.title)):
        article.authors, article.origins["authors"] = authors
    for part in candidates:
        if not article.tags and (tags := plausible.tags(part.tags)):
            article.tags, article.origins["tags"] = tags, part.origin
    if language := _choose_language(article.title, config, candidates, root):
        article.language, article.origins["language"] = language


def _choose_language(
    title: str, config: ExtractionConfig, candidates: list[Candidates], root: Selector
) -> tuple[str, str] | None:
    """Return the story's language, and its origin.

    What the page states is believed, except that the template of an outlet with several languages
    often states always the same one.
    """
    # What the markup says first, then JSON-LD: `metadata` holds <html lang>.
    languages = [part for part in candidates[1:] if part.languages][::-1]
    languages.append(Candidates(origin="outlet", languages=list(config.languages)))
    found = _first(languages, lambda part: part.languages, plausible.language)
    if len(config.languages) > 1:
        shown = " ".join([title, *root.xpath("//p//text()")[:_LANGUAGE_SAMPLE].getall()])
        detected = detect(tidy(shown), config.languages)
        if detected and not (found and found[0].partition("-")[0] == detected.partition("-")[0]):
            return detected, "text"
    return found


def _fill_images(
    article: Article, page: FetchedPage, candidates: list[Candidates], root: Selector
) -> None:
    base = _base(page, root)
    picture = partial(address, base=base, longest=_MAX_PICTURE_URL)
    shown = {picture(url): caption for url, caption in captions(root).items()}
    for part in candidates:
        found: dict[str, Image] = {}
        for image in part.images:
            url = picture(image.url)
            if url and (part.origin == "selector" or plausible.is_picture(url)):
                caption = tidy(image.caption or "") or shown.get(url)
                found.setdefault(url, Image(url, caption))
        if found:
            article.images = list(found.values())
            article.origins["images"] = part.origin
            return


def _fill_body(
    article: Article,
    page: FetchedPage,
    config: ExtractionConfig,
    candidates: list[Candidates],
    root: Selector,
) -> None:
    if paragraphs := read_body(root, config.selectors):
        origin = "selector"
    else:
        standfirsts = [text for part in candidates for text in part.standfirsts]
        paragraphs = read_text(root, page.url, article.title, standfirsts)
        origin = "generic"
        linked = [Paragraph(tidy(text)) for text in candidates[1].body]
        # JSON-LD often holds captions and loses headings; but a page that shows far less than
        # it states has the rest behind a script.
        if size_of(linked) > 2 * size_of(paragraphs):
            paragraphs, origin = linked, "jsonld"
    if paragraphs:
        article.paragraphs = paragraphs
        article.origins["body"] = origin


def _base(page: FetchedPage, root: Selector) -> str:
    """Return the address that the page's links are relative to (HTML Standard, 2.4.3)."""
    hrefs = (str(base.get("href", "")) for base in root.root.iter("base"))
    return address(next(filter(None, hrefs), ""), page.url) or page.url

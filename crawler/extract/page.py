"""Extraction of one `Article` from one page, field by field."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from typing import TypeVar

from lxml import etree
from parsel import Selector

from crawler.article import PAGE_ORIGINS, Article, Image
from crawler.errors import ParseFailure
from crawler.extract import plausible
from crawler.extract.body.main_text import read_main_text
from crawler.extract.candidates import Candidates
from crawler.extract.challenge import read_challenge
from crawler.extract.confidence import rate_fields
from crawler.extract.dates.story_dates import fill_dates
from crawler.extract.encoding import decode
from crawler.extract.first_reading import shows_another_story
from crawler.extract.headline import choose_title, read_headings
from crawler.extract.page_kind import read_page_kind
from crawler.extract.people.authors import choose_authors
from crawler.extract.people.byline import read_byline
from crawler.extract.selectors import read_captions, read_selected_body, read_selectors
from crawler.extract.structured.app_state import read_app_state
from crawler.extract.structured.linked_data import read_linked_data
from crawler.extract.structured.metadata import read_links, read_metadata
from crawler.extract.structured.microdata import read_microdata
from crawler.lead import Lead
from crawler.outlet import ExtractionConfig
from crawler.text.canonical import is_canonical
from crawler.text.fingerprint import fold
from crawler.text.language import detect
from crawler.text.paragraphs import Paragraph, text_length
from crawler.text.tidy import tidy
from crawler.text.urls import address, normalise, registered_domain, same_site

T = TypeVar("T")

_TAG = re.compile("<")
_MAX_TAGS = 200_000  # of a page; ten times as many as the largest of real ones have
_MAX_SITE_NAMES = 50  # names of an outlet
_MAX_SITE_NAME = 40  # letters of an outlet's name
_WORTH_SCRIPTS = ("published", "authors")  # fields worth reading all of a page's scripts
_MAX_LINKS = 5  # that a page has to one of its own addresses
_MAX_PICTURE_URL = 20_000  # characters of its address, which may be signed
_LANGUAGE_TEXTS = "(//p//text())[position() <= 100]"  # they tell the language of a page


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


def read_page(
    page: FetchedPage,
    config: ExtractionConfig,
    lead: Lead | None = None,
    *,
    is_first: bool = False,
) -> Article:
    """Read the story on a page.

    Each field is taken from the first that states it plausibly: the outlet's selectors, JSON-LD,
    meta tags, microdata, the state of its scripts, the lead, and at last what the page shows. An
    undated page stays undated. `Article.markup` stays empty: who has the page sets it, so that a
    worker need not send it back.

    Args:
        is_first: the story was never read: another one's page is not it.

    Raises:
        ParseFailure: it stands in place of a story: a captcha, a consent wall, a soft 404 ...
        ValueError: `page.url` is not an http address.
        SelectorSyntaxError: a selector of the outlet is not CSS (`cssselect`).
    """
    reader = _PageReader(page, config, lead)
    article = reader.read()
    if is_first and lead and shows_another_story(reader.titles(), article, lead):
        raise ParseFailure("another_story")
    return article


class _PageReader:
    """The parts of one page, and the article that is filled from them field by field."""

    def __init__(self, page: FetchedPage, config: ExtractionConfig, lead: Lead | None) -> None:
        self.page, self.config, self.lead = page, config, lead
        self.root, truncated = _parse(page)
        # Kept, because lxml looks for a proxy among all ancestors of an element whose own it frees.
        self._branches = self.root.root.xpath("//*[*]")
        self.headings = read_headings(self.root)
        self.candidates = self._candidates()
        # The address that the page's links are relative to (HTML Standard, 2.4.3).
        hrefs = (str(base.get("href", "")) for base in self.root.root.iter("base"))
        self.base = address(next(filter(None, hrefs), ""), page.url) or page.url
        self.article = Article(
            outlet=config.outlet,
            url=normalise(page.url),
            fetched=page.fetched.astimezone(UTC),
            first_seen=page.fetched.astimezone(UTC),
            page=hashlib.sha256(page.body).hexdigest(),
            flags=[*(["truncated_by_parser"] if truncated else []), *read_page_kind(self.root)],
        )

    def read(self) -> Article:
        article = self.article
        self._fill_fields()
        self._fill_addresses()
        fill_dates(article, self.page.url, self.config, self.candidates, self.root)
        self._fill_images()
        self._fill_body()
        judge = partial(plausible.standfirst, headline=article.title, body=fold(article.body))
        self._set("standfirst", _first(self.candidates, lambda part: part.standfirsts, judge))
        article.confidence = rate_fields(article, self.candidates)
        article.flags += self._misread()
        if reason := read_challenge(self.root, article):
            raise ParseFailure(reason)
        return article

    def titles(self) -> list[str]:
        """Return what the page, and not its lead, gives for headlines."""
        stated = [part.titles for part in self.candidates if part.origin in PAGE_ORIGINS]
        return [self.article.title, *self.headings.printed, *chain.from_iterable(stated)]

    def _candidates(self) -> list[Candidates]:
        """Return what each part of the page and the lead state, the most trusted first."""
        root, headings = self.root, self.headings.printed
        candidates = [
            read_selectors(root, self.config.selectors),
            read_linked_data(root, headings, self.page.url),
            read_metadata(root),
            read_microdata(root, headings),
        ]
        if not all(any(getattr(part, name) for part in candidates) for name in _WORTH_SCRIPTS):
            candidates.append(read_app_state(root, headings))
        if lead := self.lead:
            candidates.append(
                Candidates(
                    origin=lead.origin,
                    titles=[lead.title or ""],
                    authors=list(lead.authors),
                    sections=[lead.section or ""],
                    tags=list(lead.tags),
                    published=[lead.published or ""],
                    modified=[lead.modified or ""],
                )
            )
        titles = root.xpath("//title[not(ancestor::svg)]/text()").getall()[:1]
        return [*candidates, Candidates(origin="generic", titles=titles)]

    def _set(self, field: str, found: tuple[object, str] | None) -> None:
        """Set a field to a value, and its origin; leave it where nothing was found."""
        if found:
            value, self.article.origins[field] = found
            setattr(self.article, field, value)

    def _misread(self) -> list[str]:
        """Return a flag for each field of which the outlet's own selectors find something else."""
        own, origins = self.candidates[0], self.article.origins
        found = {"title": own.titles, "authors": own.authors, "published": own.published}
        return [
            f"misread_{name}"
            for name, texts in found.items()
            if any(texts) and origins.get(name) != "selector"
        ]

    def _fill_addresses(self) -> None:
        article, url = self.article, self.page.url
        homes = {address(self.config.home), address("/", url)}

        def own(links: list[str]) -> list[str]:
            addresses = filter(None, (address(link, self.base) for link in links))
            found = (other for other in addresses if other not in homes and same_site(other, url))
            return list(islice(found, _MAX_LINKS))

        is_own = partial(
            is_canonical, url=article.url, title=article.title, stories=self.config.stories
        )
        if stated := next(iter(own(read_links(self.root, "canonical"))), None):
            self._set("url", (stated, "meta") if is_own(stated) else None)
        others = [normalise(url), *own(read_links(self.root, "shortlink"))]
        if self.lead:
            others += map(normalise, (self.lead.url, *self.lead.aliases))
        article.aliases = [other for other in dict.fromkeys(others) if other != article.url]

    def _fill_fields(self) -> None:
        article, candidates = self.article, self.candidates
        site = self._site_names()
        self._set("title", choose_title(self.headings, candidates, site))
        self._set("section", _first(candidates, lambda part: part.sections, plausible.section))
        byline = partial(read_byline, self.root, article.title)
        self._set("authors", choose_authors(candidates, site, byline))
        tags = ((plausible.tags(part.tags), part.origin) for part in candidates)
        self._set("tags", next((found for found in tags if found[0]), None))
        self._set("language", self._choose_language())

    def _site_names(self) -> set[str]:
        """Return the outlet's names, folded."""
        domain = registered_domain(self.article.url)
        names = [self.config.title, domain, domain.partition(".")[0]]
        names += [name for part in self.candidates for name in part.site_names]
        names = list(dict.fromkeys(names[:_MAX_SITE_NAMES]))
        # Some pages give their headline for the outlet's name.
        printed = map(fold, self.headings.printed)
        headlines = {name for name in printed if len(name) > _MAX_SITE_NAME}
        return {fold(name) for name in names if len(name) < 500} - headlines - {""}

    def _choose_language(self) -> tuple[str, str] | None:
        """Return the story's language, and its origin.

        What the page states is believed, except that the template of an outlet with several
        languages often states always the same one.
        """
        own = self.config.languages
        # What the markup says first, then JSON-LD: `metadata` holds <html lang>.
        languages = [part for part in self.candidates[1:] if part.languages][::-1]
        languages.append(Candidates(origin="outlet", languages=list(own)))
        found = _first(languages, lambda part: part.languages, plausible.language)
        if len(own) > 1:
            texts = self.root.xpath(_LANGUAGE_TEXTS).getall()
            detected = detect(tidy(" ".join([self.article.title, *texts])), own)
            if detected and not (found and found[0].split("-")[0] == detected.split("-")[0]):
                return detected, "text"
        return found

    def _fill_images(self) -> None:
        picture = partial(address, base=self.base, longest=_MAX_PICTURE_URL)
        shown = {picture(url): caption for url, caption in read_captions(self.root).items()}
        for part in self.candidates:
            found: dict[str, Image] = {}
            for image in part.images:
                url = picture(image.url)
                if url and (part.origin == "selector" or plausible.is_picture(url)):
                    caption = tidy(image.caption or "") or shown.get(url)
                    found.setdefault(url, Image(url, caption))
            if found:
                self._set("images", (list(found.values()), part.origin))
                return

    def _fill_body(self) -> None:
        root, candidates = self.root, self.candidates
        if paragraphs := read_selected_body(root, self.config.selectors):
            origin = "selector"
        else:
            standfirsts = [text for part in candidates for text in part.standfirsts]
            paragraphs = read_main_text(root, self.page.url, self.article.title, standfirsts)
            origin = "generic"
            linked = [Paragraph(tidy(text)) for text in candidates[1].body]
            # JSON-LD often holds captions and loses headings; but a page that shows far less than
            # it states has the rest behind a script.
            if text_length(linked) > 2 * text_length(paragraphs):
                paragraphs, origin = linked, "jsonld"
        if paragraphs:
            self.article.paragraphs, self.article.origins["body"] = paragraphs, origin


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

"""Meta tags and links in a page's head: Open Graph, Dublin Core and their kin."""

import html
import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

from parsel import Selector

from crawler.article import Image
from crawler.extract.candidates import Candidates
from crawler.extract.people.authors import clean_names

# Names in lower case, in the order in which they are believed. `property`, `name` and
# `itemprop` are not told apart: outlets do not either.
_TITLES = (
    "headline og:title twitter:title parsely-title sailthru.title dc.title dcterms.title"
    " citation_title cxenseparse:title swiftype:title"
).split()
_STANDFIRSTS = (
    "og:description description twitter:description sailthru.description dc.description"
    " dcterms.description dcterms.abstract"
).split()
_AUTHORS = (
    "article:author:name parsely-author sailthru.author cxenseparse:author citation_author"
    " article:author author dc.creator dcterms.creator twitter:data dc.contributor swiftype:author"
    " byl"
).split()
_SECTIONS = (
    "article:section parsely-section og:article:section section cxenseparse:section"
    " swiftype:section"
).split()
_TAGS = (
    "article:tag og:article:tag parsely-tags sailthru.tags news_keywords dc.subject"
    " dcterms.subject citation_keywords cxenseparse:keywords"
).split()
_PUBLISHED = (
    "article:published_time og:article:published_time article:published og:published_time"
    " datepublished parsely-pub-date sailthru.date dc.date.issued dcterms.issued dcterms.created"
    " dc.date.created dcterms.date dc.date publication_date citation_publication_date"
    " citation_online_date citation_date rnews:datepublished published_at pub_date pub-date"
    " publish_date published-date published_date published article.published article.created"
    " article_date_original originalpublicationdate created-date creation_date"
    " shareaholic:article_published_time bt:pubdate displaydate release_date publish-date"
    " publishdate pubdate date.published cxenseparse:recs:publishtime cxenseparse:publishtime"
    " swiftype:published_at date"
).split()
_MODIFIED = (
    "article:modified_time og:article:modified_time datemodified og:updated_time dcterms.modified"
    " dc.date.modified lastmod"
).split()
_SITE_NAMES = "og:site_name application-name apple-mobile-web-app-title dc.publisher".split()
# In the languages of the most used plug-in for WordPress.
_WRITTEN_BY = re.compile(
    r"(?:written|posted) by|author|verfasst von|geschrieben von|[ée]crit par|escrito por|scritto da"
    r"|geschreven door|skrevet av|skriven av|napisane przez|autor|написано автором|автор",
    re.IGNORECASE,
)
_MAX_TAGS = 500  # tags read of a page


def read_metadata(root: Selector) -> Candidates:
    """Read what the page's meta tags state of its story."""
    found = _tags(root)

    def values(names: Iterable[str]) -> list[str]:
        return [value for name in names for value in found.get(name, ())]

    # Several author names of one kind are several authors; a second kind repeats them.
    authors = next((found[name] for name in _AUTHORS if clean_names(_names(found[name]))), [])
    tags = next((found[name] for name in _TAGS if found.get(name)), [])
    return Candidates(
        origin="meta",
        titles=values(_TITLES),
        standfirsts=values(_STANDFIRSTS),
        authors=_names(authors),
        sections=values(_SECTIONS),
        tags=[tag for value in tags for tag in re.split(r"[,;]", value)],
        published=values(_PUBLISHED),
        modified=values(_MODIFIED),
        languages=[
            *filter(None, (root.root.get("lang"), root.root.get("xml:lang"))),
            *values(("og:locale", "content-language")),
        ],
        images=[Image(url) for url in values(("og:image", "og:image:url", "twitter:image"))[:1]],
        site_names=values(_SITE_NAMES),
    )


def read_links(root: Selector, rel: str) -> list[str]:
    """Return the addresses of the page's ``link`` elements of one kind, e.g. ``canonical``."""
    return [
        link.get("href", "")
        for link in islice(root.root.iter("link"), _MAX_TAGS)
        if link.get("href") and rel in link.get("rel", "").lower().split()
    ]


def _tags(root: Selector) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    # Some pages write `value` where HTML has `content`.
    for tag in islice(root.root.iter("meta"), _MAX_TAGS):
        content = tag.get("content") or tag.get("value", "")
        if not content.strip():
            continue
        # Microdata in the body belongs to whatever item it stands in, perhaps a related story.
        parent = tag.getparent()
        in_head = parent is not None and parent.tag == "head"
        for key in ("property", "name", "itemprop") if in_head else ("property", "name"):
            name = tag.get(key, "").strip().lower()
            if name and content not in found[name]:
                found[name].append(html.unescape(content))  # many are escaped twice
    _read_labels(found)
    return found


def _read_labels(found: dict[str, list[str]]) -> None:
    """Read pairs of Twitter's cards: a label, and what it is the label of."""
    for number in (1, 2):
        for label in found.get(f"twitter:label{number}", ())[:1]:
            if _WRITTEN_BY.fullmatch(label.strip()):
                found["twitter:data"] += found.get(f"twitter:data{number}", [])


def _names(values: list[str]) -> list[str]:
    return [value for value in values if not value.strip().lower().startswith(("http", "www."))]

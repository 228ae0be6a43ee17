"""JSON-LD (schema.org) in a page: the values of its article object."""

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from parsel import Selector

from crawler.article import Image
from crawler.extract.candidates import Candidates
from crawler.text.fingerprint import fold

JsonObject = dict[str, Any]

_MAX_BLOCK = 1_048_576  # characters of one block
_MAX_NODES = 2_000  # objects looked at in one page
_MAX_VALUES = 100  # values taken of one property
_ARTICLE = re.compile(
    r"(?:https?://schema\.org/)?(?:\w*Article|\w*(?:Blog|Forum)Posting|Report|Recipe|MedicalWebPage)"
)
# What pages wrap around JSON: comments of HTML, and CDATA sections hidden from JavaScript or not.
_OPENING = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_CLOSING = ("-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
# The plain values of a block that is broken beyond mending.
_VALUE = re.compile(r'"(@type|headline|datePublished|dateModified)"\s*:\s*"([^"\\\n]{1,500})"')
_AUTHOR = re.compile(r'"author"\s*:\s*\[?\s*\{[^{}]{0,500}?"name"\s*:\s*"([^"\\\n]{1,100})"')
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def read_linked_data(root: Selector, headlines: Collection[str] = (), url: str = "") -> Candidates:
    """Read the page's article object, wherever in its JSON-LD it stands.

    Args:
        headlines: what the page prints as headings, to tell its article from others it lists.
        url: the page's address, for the same.
    """
    nodes = list(_nodes(root))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    candidates = Candidates(origin="jsonld")
    for node in nodes:
        candidates.site_names += _names(node.get("publisher"), by_id)
        if _is_a(node, "WebSite", "NewsMediaOrganization"):
            candidates.site_names += _texts(node.get("name"))
    articles = [node for node in nodes if any(map(_ARTICLE.fullmatch, _texts(node.get("@type"))))]
    same = articles[:1]
    if len(articles) > 1:
        wanted = set(map(fold, headlines)) - {""}
        here = [node for node in articles if url and _address(node) == url.partition("?")[0]]
        same = [node for node in articles if wanted & set(map(fold, _texts(node.get("headline"))))]
        same = same or here or articles[:1]
    pages = [node for node in nodes if _is_a(node, "WebPage", "NewsPage", "ItemPage")]
    if same:
        _read_story(same[0], by_id, candidates)
    elif len(pages) == 1:
        candidates.published = _texts(pages[0].get("datePublished"))
        candidates.modified = _texts(pages[0].get("dateModified"))
        candidates.authors, candidates.groups = _authors(pages[0].get("author"), by_id)
    for node in (*same[:1], *pages[:1]):
        candidates.languages += _names(node.get("inLanguage"), by_id)
    return candidates


def _read_story(article: JsonObject, by_id: dict[str, JsonObject], candidates: Candidates) -> None:
    candidates.titles = _texts(article.get("headline")) or _texts(article.get("name"))
    candidates.standfirsts = _texts(article.get("description"))
    authors = article.get("author") or article.get("creator")
    candidates.authors, candidates.groups = _authors(authors, by_id)
    candidates.sections = _texts(article.get("articleSection"))
    candidates.tags = [
        tag
        for text in _names(article.get("keywords"), by_id)
        for tag in re.split(r"[,;]", text)
        if ":" not in tag
    ]
    candidates.published = _texts(article.get("datePublished"))
    candidates.modified = _texts(article.get("dateModified"))
    candidates.images = list(_images(article.get("image"), by_id))
    for text in _raw_texts(article.get("articleBody"))[:1]:
        candidates.body = _paragraphs(text)


def _nodes(root: Selector) -> Iterator[JsonObject]:
    """Yield the objects of all blocks, without recursion: a page may nest them without end."""
    seen = 0
    for block in root.root.iter("script"):
        if "ld+json" not in block.get("type", ""):
            continue
        queue = [_load(block.text or "")]
        while queue and seen < _MAX_NODES:
            value = queue.pop(0)
            if isinstance(value, list):
                queue += value[:_MAX_NODES]
            elif isinstance(value, dict):
                seen += 1
                yield value
                queue += [
                    value[key]
                    for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart")
                    if isinstance(value.get(key), dict | list)
                ]


def _load(text: str) -> Any:
    """Return the block's value; None if it is not JSON, even with the usual slips mended."""
    if len(text) > _MAX_BLOCK:
        return None
    for opening, closing in zip(_OPENING, _CLOSING, strict=True):
        text = text.strip().removesuffix(";").removeprefix(opening).removesuffix(closing)
    for mend in (str, partial(_TRAILING_COMMA.sub, ""), html.unescape):
        try:
            return json.loads(mend(text), strict=False)
        except (ValueError, RecursionError):  # not JSON, a number beyond limits, nested too deep
            continue
    return _salvage(text)


def _salvage(text: str) -> JsonObject | None:
    """Return what can be read of an article in a block that is no JSON."""
    values = _VALUE.findall(text)
    node: JsonObject = {key: value for key, value in reversed(values) if key != "@type"}
    types = [value for key, value in values if key == "@type"]
    if "headline" not in node or not any(map(_ARTICLE.fullmatch, types)):
        return None
    if author := _AUTHOR.search(text):
        node["author"] = author[1]
    return node | {"@type": "Article"}


def _address(node: JsonObject) -> str:
    entity = node.get("mainEntityOfPage")
    page = entity.get("@id") if isinstance(entity, dict) else entity
    return str(node.get("url") or page or node.get("@id")).partition("#")[0].partition("?")[0]


def _is_a(node: JsonObject, *types: str) -> bool:
    return not set(types).isdisjoint(_texts(node.get("@type")))


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _raw_texts(value: object) -> list[str]:
    found: list[str] = []
    for item in _listed(value)[:_MAX_VALUES]:
        text = item.get("@value") if isinstance(item, dict) else item
        if isinstance(text, str) and text.strip():
            found.append(text)
    return found


def _texts(value: object) -> list[str]:
    """Return the strings of a property, without markup and entities."""
    return [_TAG.sub("", html.unescape(html.unescape(text))) for text in _raw_texts(value)]


def _names(value: object, by_id: dict[str, JsonObject]) -> list[str]:
    """Return the names of the things a property refers to, by name, by object or by ``@id``."""
    names: list[str] = []
    for item in _listed(value)[:_MAX_VALUES]:
        if isinstance(item, dict):
            name = item.get("name") or by_id.get(str(item.get("@id")), {}).get("name")
            names += _texts(name or item.get("alternateName"))
        else:
            names += _texts(item)
    return names


def _authors(value: object, by_id: dict[str, JsonObject]) -> tuple[list[str], list[str]]:
    """Return the names of the people and those of the organisations among the authors."""
    people: list[str] = []
    groups: list[str] = []
    for item in chain.from_iterable(map(_listed, _listed(value)[:_MAX_VALUES])):  # lists hold lists
        if not isinstance(item, dict | str):
            continue
        node = by_id.get(str(item.get("@id")), item) if isinstance(item, dict) else {}
        is_group = any(kind.endswith("Organization") for kind in _texts(node.get("@type")))
        (groups if is_group else people).extend(_names(item, by_id))
    return people[:_MAX_VALUES], groups[:_MAX_VALUES]


def _images(value: object, by_id: dict[str, JsonObject]) -> Iterator[Image]:
    for item in _listed(value)[:_MAX_VALUES]:
        if isinstance(item, str):
            yield Image(item)
        elif isinstance(item, dict):
            has_url = item.get("url") or item.get("contentUrl")
            node = item if has_url else by_id.get(str(item.get("@id")), {})
            captions: Iterable[str] = _texts(node.get("caption"))
            for url in _raw_texts(node.get("url") or node.get("contentUrl"))[:1]:
                yield Image(url, next(iter(captions), None))


def _paragraphs(text: str) -> list[str]:
    """Split an articleBody, which may be plain text, or HTML with its tags escaped or not."""
    text = html.unescape(text)
    text = re.sub(r"(?i)<(?:p|br|div|h[1-6]|li|blockquote)\b[^<>]{0,500}>", "\n", text)
    return [line for line in _TAG.sub("", html.unescape(text)).splitlines() if line.strip()]

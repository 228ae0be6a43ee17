"""JSON-LD (schema.org) in a page: what its article object states."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from parsel import Selector

from crawler.article import Image
from crawler.extract.stated import Stated
from crawler.text.fingerprint import fold

Node = dict[str, Any]

_LONGEST = 1_048_576  # characters of one block
_NODES = 2_000  # objects looked at in one page
_TEXTS = 100  # values taken of one property
_ARTICLE = re.compile(r"(?:https?://schema\.org/)?(?:\w*Article|\w*BlogPosting|Report)")
# What pages wrap around JSON: comments of HTML, and CDATA sections hidden from JavaScript or not.
_OPENING = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_CLOSING = ("-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def read_linked_data(root: Selector, headline: str = "") -> Stated:
    """Read the page's article object, wherever in its JSON-LD it stands.

    Args:
        headline: the title the page shows, to tell its article from others it lists.
    """
    nodes = list(_nodes(root))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    stated = Stated(origin="jsonld")
    for node in nodes:
        stated.site_names += _names(node.get("publisher"), by_id)
        if _is_a(node, "WebSite", "NewsMediaOrganization"):
            stated.site_names += _texts(node.get("name"))
    articles = [node for node in nodes if any(map(_ARTICLE.fullmatch, _texts(node.get("@type"))))]
    wanted = fold(headline)
    same = [
        node for node in articles if wanted and wanted in map(fold, _texts(node.get("headline")))
    ]
    pages = [node for node in nodes if _is_a(node, "WebPage", "NewsPage", "ItemPage")]
    if article := next(iter(same or articles), None):
        _read_article(article, by_id, stated)
    elif len(pages) == 1:
        stated.published = _texts(pages[0].get("datePublished"))
        stated.modified = _texts(pages[0].get("dateModified"))
    for node in (*same, *articles[:1], *pages[:1]):
        stated.languages += _names(node.get("inLanguage"), by_id)
    return stated


def _read_article(article: Node, by_id: dict[str, Node], stated: Stated) -> None:
    stated.titles = _texts(article.get("headline")) or _texts(article.get("name"))
    stated.standfirsts = _texts(article.get("description"))
    stated.authors = _names(article.get("author") or article.get("creator"), by_id)
    stated.sections = _texts(article.get("articleSection"))
    stated.tags = [
        tag
        for text in _names(article.get("keywords"), by_id)
        for tag in re.split(r"[,;]", text)
        if ":" not in tag
    ]
    stated.published = _texts(article.get("datePublished"))
    stated.modified = _texts(article.get("dateModified"))
    stated.images = list(_images(article.get("image"), by_id))
    for text in _raw_texts(article.get("articleBody"))[:1]:
        stated.body = _paragraphs(text)


def _nodes(root: Selector) -> Iterator[Node]:
    """Yield the objects of all blocks, without recursion: a page may nest them without end."""
    seen = 0
    for block in root.xpath('//script[contains(@type, "ld+json")]'):
        queue = [_load(block.xpath("string()").get(""))]
        while queue and seen < _NODES:
            value = queue.pop(0)
            if isinstance(value, list):
                queue += value[:_NODES]
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
    if len(text) > _LONGEST:
        return None
    for opening, closing in zip(_OPENING, _CLOSING, strict=True):
        text = text.strip().removesuffix(";").removeprefix(opening).removesuffix(closing)
    for mend in (str, partial(_TRAILING_COMMA.sub, ""), html.unescape):
        try:
            return json.loads(mend(text), strict=False)
        except (ValueError, RecursionError):  # not JSON, a number beyond limits, nested too deep
            continue
    return None


def _is_a(node: Node, *types: str) -> bool:
    return not set(types).isdisjoint(_texts(node.get("@type")))


def _raw_texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    found: list[str] = []
    for item in values[:_TEXTS]:
        text = item.get("@value") if isinstance(item, dict) else item
        if isinstance(text, str) and text.strip():
            found.append(text)
    return found


def _texts(value: object) -> list[str]:
    """Return the strings of a property, without markup and entities."""
    return [_TAG.sub("", html.unescape(html.unescape(text))) for text in _raw_texts(value)]


def _names(value: object, by_id: dict[str, Node]) -> list[str]:
    """Return the names of the things a property refers to, by name, by object or by ``@id``."""
    names: list[str] = []
    for item in (value if isinstance(value, list) else [value])[:_TEXTS]:
        if isinstance(item, dict):
            name = item.get("name") or by_id.get(str(item.get("@id")), {}).get("name")
            names += _texts(name or item.get("alternateName"))
        else:
            names += _texts(item)
    return names


def _images(value: object, by_id: dict[str, Node]) -> Iterator[Image]:
    for item in (value if isinstance(value, list) else [value])[:_TEXTS]:
        if isinstance(item, str):
            yield Image(item)
        elif isinstance(item, dict):
            node = (
                item
                if item.get("url") or item.get("contentUrl")
                else by_id.get(str(item.get("@id")), {})
            )
            captions: Iterable[str] = _texts(node.get("caption"))
            for url in _raw_texts(node.get("url") or node.get("contentUrl"))[:1]:
                yield Image(url, next(iter(captions), None))


def _paragraphs(text: str) -> list[str]:
    """Split an articleBody, which may be plain text, or HTML with its tags escaped or not."""
    text = html.unescape(text)
    text = re.sub(
        r"<(?:p|br|div|h[1-6]|li|blockquote)\b[^<>]{0,500}>", "\n", text, flags=re.IGNORECASE
    )
    return [line for line in _TAG.sub("", html.unescape(text)).splitlines() if line.strip()]

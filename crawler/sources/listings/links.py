"""The links of a page, normalised."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml import etree

from crawler.text.urls import address

_TEXT = etree.XPath("string()", smart_strings=False)
_PLAIN = re.compile(r"(?:https?:/)?/[^/\\\s][^\\\s]*$")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page."""

    element: etree._Element
    """An ``a``, an ``area`` or a ``link``."""
    url: str
    """The address it leads to, normalised."""
    text: str
    """Its text, on one line."""


def links_of(page: etree._Element, base: str) -> Iterator[Link]:
    """Yield all links of a page to web addresses, in the order of the document.

    Of the ``link`` elements, which are of styles and icons mostly, only those to a next page.

    Args:
        page: the document, without scripts and styles, whose text would count as a link's.
        base: the address its links are relative to.
    """
    met: dict[str, str | None] = {}
    origin = "/".join(base.split("/", 3)[:3])
    for element in page.iter("a", "area", "link"):
        href = element.get("href", "").strip()
        # A link to a place on the same page leads nowhere.
        if not href or href.startswith("#"):
            continue
        if element.tag == "link" and "next" not in element.get("rel", "").lower():
            continue
        if href not in met:
            # Most are absolute or begin with a slash: to join them by the rules takes long.
            plain = _PLAIN.match(href)
            joined = origin + href if plain and href[0] == "/" else href
            met[href] = address(joined) if plain else address(href, base)
        if url := met[href]:
            yield Link(element, url, " ".join(text_of(element).split()))


def text_of(element: etree._Element) -> str:
    """Return all text in an element."""
    return cast("str", _TEXT(element))

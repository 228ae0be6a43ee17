"""The links of a page, read once for whoever asks which of them matter."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import _Element

from crawler.sources.base import address


@dataclass(frozen=True, slots=True)
class Link:
    """An element that leads somewhere."""

    element: _Element
    """An ``a``, an ``area`` or a ``link``."""
    url: str
    """Where to, normalised."""
    text: str
    """What it says, on one line."""


def links_of(page: _Element, base: str) -> Iterator[Link]:
    """All links of a page to web addresses, in the order of the document.

    Args:
        page: the document, without scripts and styles, whose text would count as a link's.
        base: what its links are relative to.
    """
    met: dict[str, str | None] = {}
    origin = "/".join(base.split("/", 3)[:3])
    for element in page.iter("a", "area", "link"):
        href = element.get("href", "").strip()
        # What leads to a place on the same page is how the page works, not where it leads.
        if not href or href.startswith("#"):
            continue
        if href not in met:
            rooted = href[0] == "/" and href[1:2] not in {"/", "\\"}
            # Joined the short way, which is most of the cost.
            met[href] = address(origin + href) if rooted else address(href, base)
        if url := met[href]:
            yield Link(element, url, " ".join("".join(map(str, element.itertext())).split()))

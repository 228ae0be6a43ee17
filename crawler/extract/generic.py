"""What a page shows without saying so: title, date and body with no rules for the outlet."""

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from lxml import etree, html
from parsel import Selector

from crawler.extract.state import read_state
from crawler.extract.stated import Stated
from crawler.extract.story import read_story
from crawler.extract.structure import paragraphs_of
from crawler.text.fingerprint import fold
from crawler.text.paragraphs import Paragraph, size_of

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without text

_SHORT = 1_500  # characters of a text of which the rest may be in a script
_LITTLE = 250  # characters of a text that may be none of the story
_ELEMENTS = 20_000  # of the largest page that is given to trafilatura
# trafilatura gives the text in elements of TEI.
_HTML_OF_TEI = {"head": "h2", "list": "ul", "item": "li", "quote": "blockquote", "lb": "br"}
_HTML_OF_TEI |= {"row": "tr", "cell": "td"}


def read_shown(root: Selector) -> Stated:
    """Read the page's ``title``."""
    return Stated(
        origin="generic",
        titles=root.xpath("//title[not(ancestor::svg)]/text()").getall()[:1],
    )


def read_text(
    root: Selector, url: str, title: str = "", standfirsts: Sequence[str] = ()
) -> list[Paragraph]:
    """Return the paragraphs of the page's main text.

    Where little is shown the text is sought in the page's scripts, and where very little, the page
    is given to trafilatura.

    Args:
        title: of the story; it is not part of the text.
        standfirsts: as the page states them.
    """
    site = (urlsplit(url).hostname or "").removeprefix("www.")
    own = read_story(root.root, site, title, standfirsts)
    size = size_of(own)
    if size >= _SHORT:
        return own
    state = read_state(root.root)
    longest = fold(max((part.text for part in own), key=len, default=""))[:60]
    if size_of(state) > 2 * size and (
        size < _LITTLE or longest in fold("".join(part.text for part in state))
    ):
        return state
    if size >= _LITTLE or sum(1 for _ in root.root.iter()) > _ELEMENTS:
        return own
    other = _read_with_trafilatura(root.root, url)
    return other if size_of(other) > size else own


def _read_with_trafilatura(root: etree._Element, url: str) -> list[Paragraph]:
    # Imported late: it takes 0.2 s, and few pages need it.
    from trafilatura import bare_extraction  # noqa: PLC0415

    page = html.document_fromstring(etree.tostring(root, encoding="unicode", method="html"))
    try:
        document = bare_extraction(page, url=url, include_comments=False)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return []  # a page it cannot digest has no generic body; everything else is still read
    body = getattr(document, "body", None)
    if body is None:
        return []
    for element in body.iter(*_HTML_OF_TEI):
        element.tag = _HTML_OF_TEI[element.tag]
    return paragraphs_of([body])

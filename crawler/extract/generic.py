"""What a page shows without saying so: title, date and body with no rules for the outlet."""

import logging

from lxml.html import HtmlElement
from parsel import Selector

from crawler.extract.selectors import paragraphs_of
from crawler.extract.stated import Stated
from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without text

_MAIN = (
    'ancestor::*[self::article or self::main or @role="main" or contains(@itemtype, "Article")][1]'
)
_NOT_ASIDE = (
    "not(ancestor::aside or ancestor::nav or ancestor::footer or"
    ' ancestor::*[contains(@class, "related") or contains(@class, "comment")])'
)

# trafilatura gives the text in elements of TEI.
_HTML_OF_TEI = {"head": "h2", "list": "ul", "item": "li", "quote": "blockquote", "lb": "br"}
_HTML_OF_TEI |= {"row": "tr", "cell": "td"}


def read_shown(root: Selector, title: str = "") -> Stated:
    """Read the page's headline and the date beside it.

    The headline is the only ``h1`` that has text, else the page's ``title``. The date is that of
    ``time`` elements in the element that holds the story `title` as its ``h1``; where
    several differ there is none.
    """
    headings = [tidy(" ".join(h1.css("::text").getall())) for h1 in root.css("h1")[:20]]
    shown = [heading for heading in headings if heading]
    titles = shown if len(shown) == 1 else []
    return Stated(
        origin="generic",
        titles=[*titles, *root.xpath("/html/head/title/text()").getall()[:1]],
        published=_date_beside(root, title or "".join(titles)),
    )


def read_text(root: Selector, url: str) -> list[str]:
    """Return the paragraphs of the page's main text, as trafilatura finds them.

    It changes the page's tree: nothing can be read from `root` afterwards.
    """
    # Imported late: it takes 0.2 s, and outlets with a body selector never need it.
    from trafilatura import bare_extraction  # noqa: PLC0415

    if not isinstance(root.root, HtmlElement):
        return []
    try:
        document = bare_extraction(root.root, url=url, include_comments=False)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return []  # a page it cannot digest has no generic body; everything else is still read
    body = getattr(document, "body", None)
    if body is None:
        return []
    for element in body.iter(*_HTML_OF_TEI):
        element.tag = _HTML_OF_TEI[element.tag]
    return paragraphs_of(body)


def _date_beside(root: Selector, title: str) -> list[str]:
    wanted = fold(title)
    for heading in root.css("h1")[:20] if wanted else ():
        if fold("".join(heading.css("::text").getall())) != wanted:
            continue
        for main in heading.xpath(_MAIN):
            own = main.xpath(
                f'.//*[(self::time and @datetime) or @itemprop="datePublished"][{_NOT_ASIDE}]'
            )
            dates = {
                tidy(date.attrib.get("datetime") or date.attrib.get("content", ""))
                for date in own
                if not _is_modified(date) and _container(date) is main.root
            }
            return [date for date in dates if date] if len(dates) == 1 else []
    return []


def _is_modified(element: Selector) -> bool:
    marks = f"{element.attrib.get('class', '')} {element.attrib.get('itemprop', '')}".lower()
    return "modif" in marks or "updat" in marks


def _container(element: Selector) -> object:
    return next((found.root for found in element.xpath(_MAIN)), None)

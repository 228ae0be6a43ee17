"""Places in a page where dates may stand, and the text around them."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import cast

from lxml import etree

from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

MAX_LINE = 160  # characters of a line that may be a dateline
_MARKED = etree.XPath('//*[contains(@itemprop, "date") or contains(@property, "date")]')
_HEADINGS = etree.XPath("//h1 | //h2 | //h3")
# Text that is the title, or most of it: the rest is the outlet's name.
_TITLED = etree.XPath(
    "//body//*[not(*) and not(self::title or self::script) and contains($title, normalize-space())"
    " and 2 * string-length(normalize-space()) > string-length($title)]"
)
# What a text must hold to be looked at: a year, a date in figures, or a short piece of a date.
_DATE_LIKE = re.compile(r"\d{4}|\d\d?[/.-]\s?\d\d?[/.-]|[’'\s-]\d\d(?!\d)|^\D{0,4}\d\d?\D{0,9}$|年")
_DIGIT = re.compile(r"[\d年]")  # the same, at a glance
_UNREAD = frozenset(("script", "style", "noscript", "option", "textarea", "svg", "template"))
_READ_WHOLE = frozenset(("p", "time", "abbr"))
_MIN_ROW = 3  # items make a row
_MAX_LEVELS = 4  # levels from a date to the item of a row that it stands in

DatePlace = tuple[etree._Element, str | None, etree._Element]
"""An element, its own text or the one after it (or None: all of it), and where that stands."""
_Row = tuple[etree._Element, str, str]  # parent, tag and class of items in a row


def date_places(root: etree._Element, heading: etree._Element | None) -> Iterator[DatePlace]:
    """Yield the places that may hold a date, in the page's order."""
    marked = set(cast("list[etree._Element]", _MARKED(root)))
    figure, maybe = _DIGIT.search, _DATE_LIKE.search
    for element in root.iter(etree.Element):
        tag = element.tag
        if tag in _READ_WHOLE or element in marked or element is heading:
            yield element, None, element
        text = element.text
        if text and figure(text, 0, MAX_LINE) and tag not in _UNREAD and maybe(text, 0, MAX_LINE):
            yield element, text, element
        tail = element.tail
        if tail and figure(tail, 0, MAX_LINE) and maybe(tail, 0, MAX_LINE):
            parent = element.getparent()
            if parent is not None and parent.tag not in _UNREAD:
                yield element, tail, parent


def find_heading(root: etree._Element, title: str) -> etree._Element | None:
    """Return the heading that is `title`, else the only ``h1``, else the text that is `title`."""
    headings = cast("list[etree._Element]", _HEADINGS(root))
    wanted = fold(title)
    for heading in sorted(headings, key=lambda heading: heading.tag):
        if _is_same(fold(text_of(heading)), wanted):
            return heading
    first = [heading for heading in headings if heading.tag == "h1"]
    titled = first if len(first) == 1 else cast("list[etree._Element]", _TITLED(root, title=title))
    return next(iter(titled), None)


def _is_same(heading: str, title: str) -> bool:
    """Tell whether a heading is the title, or one of them goes on after the other."""
    short, long = sorted((heading, title), key=len)
    return bool(short) and (short == long or (len(short) > 15 and short in long))


def in_rows(elements: Iterable[etree._Element], story: Collection[etree._Element]) -> list[bool]:
    """Tell for each date whether it stands in a list of short items with a date each.

    Args:
        elements: where the dates stand.
        story: elements that hold the whole story.
    """
    rows: dict[_Row, set[etree._Element]] = defaultdict(set)
    places: list[list[_Row]] = []
    for element in elements:
        places.append([])
        for item in islice((element, *element.iterancestors()), _MAX_LEVELS):
            parent = item.getparent()
            if item in story or parent is None or len(text_of(item)) > MAX_LINE:
                break
            row = (parent, item.tag, item.get("class", ""))
            places[-1].append(row)
            rows[row].add(item)
    lists = {row for row, items in rows.items() if len(items) >= _MIN_ROW}
    return [not lists.isdisjoint(around) for around in places]


def text_before(element: etree._Element) -> str:
    """Return the text just before an element, which may be its label."""
    previous = next(element.itersiblings(etree.Element, preceding=True), None)
    if previous is not None:
        return (tidy(previous.tail or "") or text_of(previous))[-40:]
    parent = element.getparent()
    return tidy(parent.text or "")[-40:] if parent is not None else ""


def text_of(element: etree._Element) -> str:
    """Return an element's text; of a long one, more than a line's worth of its beginning."""
    pieces: list[str] = []
    length = 0
    for piece in cast("Iterator[str]", element.itertext()):
        pieces.append(piece)
        length += len(piece.strip())
        if length > MAX_LINE:
            break
    return " ".join(pieces)

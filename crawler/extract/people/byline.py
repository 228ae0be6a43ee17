"""The byline that a page prints, where no markup for machines names the authors."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice, takewhile
from typing import cast

from lxml import etree
from parsel import Selector

from crawler.extract.headline import texts_of
from crawler.extract.people.names_and_roles import BY, is_full_name, is_name, split_names
from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

# Parts of class names and of addresses, in the languages of the web's templates; the former
# without their first letter, for its case.
_AUTHOR_URL = re.compile(
    "author|autor|auteur|redakt|journalist|contributor|columnist|/people/"
    "|/staff|/profile|/by/|/writer|/reporter|/bios/|/person/"
)
_AUTHOR_MARKS = {
    "class": re.compile(
        "uthor|uthName|yline|utor|uteur|edakt|riter|ournalist|eporter|vcard|person-"
    ),
    "rel": re.compile("author"),
    "itemprop": re.compile("author"),
}
_AFTER = etree.XPath("following::text()[normalize-space()][position() <= 60]", smart_strings=False)
_BEFORE = etree.XPath("preceding::text()[normalize-space()][position() <= 12]", smart_strings=False)
_FIRST = etree.XPath("(//body//text()[normalize-space()])[position() <= 300]", smart_strings=False)
# Parts of a page that tell of other stories, of readers or of pictures; and those that often do.
_OTHERS = re.compile(
    r"(?:^|[\s_-])(?:comment|related|recommend|popular|teaser|most[-_]?read|trending|breadcrumb"
    r"|caption|credit|login|reply|cookie|latest|menu|nav|card)"
)
_MARGIN = re.compile(r"(?:^|[\s_-])(?:sidebar|widget|footer|promo|newsletter|banner)")
_OTHERS_TAGS = frozenset(("nav", "figure", "figcaption", "form"))
_UNREAD = frozenset(("h1", "script", "style", "meta", "link"))
_MARGIN_TAGS = frozenset(("footer", "aside"))
_DATE = re.compile(r"\d{1,4}[\d.:/,\s|–-]{7,}(?:Uhr|h)?[\s|,–-]*")
_MAX_MARKED = 40  # marked elements looked at
_MAX_INNER = 200  # elements within one of them looked at
_MAX_BYLINE = 250  # characters of a byline
_MAX_PRINTED = 80  # characters of a text that may be prose though it begins like a byline
_MAX_ONE_WORD = 30  # the same, where a name is one word
_MAX_JOINT = 5  # characters of a word between two names


def read_byline(root: Selector, title: str) -> list[str]:
    """Return the names in the byline nearest to the headline `title`; none if there is no byline.

    The byline follows the headline, or else stands before it; names in other stories' teasers, in
    comments, captions and menus are not looked at.
    """
    marked = list(filter(_is_marked, root.root.iter(etree.Element)))
    headings = [element for element in marked if element.tag == "h1"][:_MAX_MARKED]
    wanted = fold(title)
    same = [h1 for h1 in headings if wanted and wanted in fold(" ".join(texts_of(h1)))]
    heading = next(iter(same or headings), None)
    place = 0 if heading is None else marked.index(heading)
    story = set() if heading is None else {heading, *heading.iterancestors()}
    own, margin = _sort_by_margin(marked[place:], story)
    if names := _first_names(own):
        return names
    if names := _first_printed(_texts_near(root.root, heading)):
        return names
    return _first_names(_sort_by_margin(marked[:place][::-1], story)[0]) or _first_names(margin)


def _is_marked(element: etree._Element) -> bool:
    """Tell whether an element is a main heading, or seems by an attribute to name an author."""
    tag = element.tag
    if tag == "h1":
        return True
    for name, value in cast("Sequence[tuple[str, str]]", element.items()):
        if name in _AUTHOR_MARKS:
            if _AUTHOR_MARKS[name].search(value):
                return True
        elif name == "href" and tag == "a" and _AUTHOR_URL.search(value):
            return True
    return False


def _texts_near(page: etree._Element, heading: etree._Element | None) -> list[str]:
    """Return the texts after and before the headline, or the page's first."""
    if heading is None:
        return cast("list[str]", _FIRST(page))
    return cast("list[str]", _AFTER(heading)) + cast("list[str]", _BEFORE(heading))


def _sort_by_margin(
    elements: list[etree._Element], story: set[etree._Element]
) -> tuple[list[etree._Element], list[etree._Element]]:
    """Tell those in the story's own part of the page from those in its margins."""
    own: list[etree._Element] = []
    margin: list[etree._Element] = []
    for element in [element for element in elements if element.tag not in _UNREAD][:_MAX_MARKED]:
        others = _is_in_prose(element)
        in_margin = False
        for node in (element, *element.iterancestors()):
            if node in story:
                break
            marks = f"{node.get('class', '')} {node.get('id', '')}".lower()
            others = others or node.tag in _OTHERS_TAGS or bool(_OTHERS.search(marks))
            in_margin = in_margin or node.tag in _MARGIN_TAGS or bool(_MARGIN.search(marks))
        if not others:
            (margin if in_margin else own).append(element)
    return own, margin


def _first_names(elements: list[etree._Element]) -> list[str]:
    for at, element in enumerate(elements):
        if names := _names_at(element, elements[at + 1 :]):
            return names
    return []


def _names_at(element: etree._Element, others: list[etree._Element]) -> list[str]:
    """Return the names in a marked element and in those of its kind beside it."""
    inside = islice(element.iterdescendants("*"), _MAX_INNER)
    exact = [inner for inner in inside if _is_exact(inner)] or [element]
    names = dict.fromkeys(name for inner in exact for name in _names_in(inner))
    for other in others if names else ():
        if _signature(other) == _signature(element) and _group_of(other) is _group_of(element):
            names |= dict.fromkeys(_names_in(other))
    return list(names)


def _names_in(element: etree._Element) -> list[str]:
    """Return the names at the beginning of an element, up to whatever else it holds."""
    exact = _is_exact(element)
    names: dict[str, None] = {}
    length = 0
    for piece in map(tidy, texts_of(element)):
        length += len(piece)
        if length > _MAX_BYLINE:
            break
        found = [name for name in split_names(piece) if is_name(name, exact=exact)]
        if names and not found and len(piece) > _MAX_JOINT:
            break
        names |= dict.fromkeys(found)
    # One word alone can be a name; several such are sections or tags.
    return list(names) if exact or len(names) == 1 or any(map(is_full_name, names)) else []


def _first_printed(texts: Iterable[str]) -> list[str]:
    """Return the names in "By Jane Doe", "1.5.2024 by Jane Doe" and "01.05.2024 - Jane Doe"."""
    after_by = False
    for text in (tidy(text.strip()[: 2 * _MAX_BYLINE]) for text in texts):
        date = _DATE.match(text)
        rest = text[date.end() :] if date else text
        by = BY.match(rest)
        if len(text) <= _MAX_BYLINE and (by or after_by or (date and " " in rest)):
            parts = split_names(rest)
            names = list(takewhile(is_name, parts))
            short = len(text) <= (_MAX_PRINTED if any(map(is_full_name, names)) else _MAX_ONE_WORD)
            if (names and short) or (len(names) == len(parts) and any(map(is_full_name, names))):
                return names
        after_by = bool(by and by.end() == len(rest))
    return []


def _is_exact(element: etree._Element) -> bool:
    """Tell whether an element holds a name and nothing else."""
    if element.tag == "a" and _AUTHOR_URL.search(element.get("href", "")):
        return True
    if "author" in element.get("rel", "") or element.get("itemprop") == "name":
        return True
    return "fn" in element.get("class", "").split()


def _is_in_prose(element: etree._Element) -> bool:
    """Tell whether an element is a link to a person within a paragraph."""
    parent = element.getparent()
    if element.tag != "a" or element.get("rel") or element.get("class") or parent is None:
        return False
    length = 0
    for text in texts_of(parent):
        length += len(text)
        if length > _MAX_BYLINE:
            return True
    return False


def _signature(element: etree._Element) -> tuple[str | None, ...]:
    return (str(element.tag), *map(element.get, ("class", "rel", "itemprop")))


def _group_of(element: etree._Element) -> etree._Element | None:
    parent = element.getparent()
    return parent if parent is None or len(parent) > 1 else parent.getparent()

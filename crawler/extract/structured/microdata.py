"""Microdata and RDFa (schema.org) in a page: the values of its article item."""

import re
from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple, cast

from lxml import etree
from parsel import Selector

from crawler.article import Image
from crawler.extract.candidates import Candidates
from crawler.extract.headline import texts_of
from crawler.extract.people.names_and_roles import is_name, split_names
from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

_TYPE = re.compile(r"\w{0,30}Article|\w{0,30}(?:Blog|Forum)Posting|Report")
_MAX_ITEMS = 100  # items of a page, and values of a property
_MAX_VALUE = 2_000  # characters of a value
_Properties = dict[str, list[etree._Element]]


class _Syntax(NamedTuple):
    """The attributes that begin an item, name its type and name a property."""

    scope: str
    type: str
    name: str
    items: etree.XPath


_SYNTAXES = (
    _Syntax(
        *("itemscope", "itemtype", "itemprop"),
        etree.XPath(f"(//*[@itemscope and @itemtype])[position() <= {_MAX_ITEMS}]"),
    ),
    _Syntax(
        *("typeof", "typeof", "property"),
        etree.XPath(f"(//*[@typeof])[position() <= {_MAX_ITEMS}]"),
    ),
)


def read_microdata(root: Selector, headlines: Collection[str] = ()) -> Candidates:
    """Read the page's article item; not those of other stories, beside it or within it.

    Args:
        headlines: what the page prints as headings: its article has one of them for its headline,
            or holds one, unless it is the only article on the page.
    """
    wanted = set(map(fold, headlines)) - {""}
    for syntax in _SYNTAXES:
        items = cast("list[etree._Element]", syntax.items(root.root))
        items = [item for item in items if _is_article(item, syntax)]
        read = [(item, _properties(item, syntax)) for item in items]
        same = [found for item, found in read if _is_wanted(item, found, wanted)]
        if same or len(read) == 1:
            return _candidates(same[0] if same else read[0][1], syntax)
    return Candidates(origin="microdata")


def _candidates(found: _Properties, syntax: _Syntax) -> Candidates:
    def texts(*names: str) -> list[str]:
        values = [_value(element) for name in names for element in found.get(name, ())[:_MAX_ITEMS]]
        return [value for value in values if value]

    people: list[str] = []
    groups: list[str] = []
    for element in found.get("author", ())[:_MAX_ITEMS]:
        if element.get(syntax.scope) is not None:
            names = [_value(name) for name in _properties(element, syntax).get("name", [])[:1]]
        else:  # systems mark the whole byline, with its picture's credit, as the author
            names = [_value(element)]
            names = [name for name in names if any(map(is_name, split_names(name)))]
        is_group = "Organization" in (element.get(syntax.type) or "")
        (groups if is_group else people).extend(filter(None, names))
    images = [element.get("src") or element.get("content") or "" for element in found["image"]]
    return Candidates(
        origin="microdata",
        titles=texts("headline")[:1],
        standfirsts=texts("description", "alternativeHeadline")[:2],
        authors=people,
        groups=groups,
        sections=texts("articleSection")[:1],
        tags=[tag for text in texts("keywords") for tag in re.split("[,;]", text)],
        published=texts("datePublished"),
        modified=texts("dateModified"),
        images=[Image(url) for url in images[:1] if url],
    )


def _properties(item: etree._Element, syntax: _Syntax) -> _Properties:
    """Return the elements that state an item's own properties, by their names."""
    found: _Properties = defaultdict(list)
    walk = etree.iterwalk(item, events=("start",))
    for _, element in walk:
        if element is item or not isinstance(element.tag, str):
            continue
        for name in (element.get(syntax.name) or "").split():
            found[name.rpartition(":")[2]].append(element)
        if element.get(syntax.scope) is not None:
            walk.skip_subtree()
    return found


def _is_article(item: etree._Element, syntax: _Syntax) -> bool:
    types = (item.get(syntax.type) or "").replace(":", "/").split()
    return any(_TYPE.fullmatch(name.rpartition("/")[2]) for name in types)


def _is_wanted(item: etree._Element, found: _Properties, wanted: set[str]) -> bool:
    if any(fold(_value(element)) in wanted for element in found.get("headline", ())[:_MAX_ITEMS]):
        return True
    return bool(wanted) and next(item.iter("h1"), None) is not None


def _value(element: etree._Element) -> str:
    """Return the value of a property (HTML Standard, 5.2.4): an attribute, or else the text."""
    for name in ("content", "datetime"):
        if stated := element.get(name):
            return stated
    pieces: list[str] = []
    for piece in texts_of(element):
        pieces.append(piece)
        if sum(map(len, pieces)) > _MAX_VALUE or len(pieces) > _MAX_ITEMS:
            return ""
    return tidy(" ".join(pieces))

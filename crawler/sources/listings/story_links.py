"""The links of a page that lead to stories, chosen by each link and by what repeats on the page."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import log

from lxml import etree

from crawler.sources.listings.link_scores import NEVER, SERVICE_HOST, link_traits, story_odds
from crawler.sources.listings.links import Link, text_of
from crawler.text.urls import registered_domain

_PLACE_LEVELS = 5  # of elements above a link that tell one kind of entry from another
_MAX_CLIMB = 5  # elements up to an entry's outermost
_MAX_ENTRY_LINKS = 3  # to distinct pages within one entry: its story, author and section
_MAX_ENTRY = 600  # characters of an entry in which its date stands
_MAX_ODDS = 4.0  # log odds that one link can have by itself
_DIGITS = re.compile(r"\d+")
# Every form begins with a digit; where the pattern does, too, `re` skips all else at once.
_DATE = re.compile(
    r"\d(?:(?<!\d\d)(?:\d?(?:\.? [^\W\d_]{3,10}\.?)?,? \d{4}|(?<=2)0\d\d[-/.]\d\d?[-/.]\d\d?"
    r"|\d?[-/.]\d\d?[-/.]20\d\d)(?!\d)|(?<=2)0\d\d年"
    r"| ?(?:h|m|d|hrs?|mins?|hours?|minutes?|days?|weeks?) ago)"
)

# Log odds, fitted together with those of single links. What counts of a group is the mean odds of
# its members; addresses of one shape in number, such as /articles/7, /articles/8, are stories;
# so is an entry that carries its date, and surely a list of such entries with headlines.
_PAGE, _ALONE, _PLACE, _SHAPE, _NUMBER, _DATED, _DATED_LIST = -1.1, 0.9, 0.6, 1.0, 1.1, 1.6, 4.5
# Of such a list: entries, share of them with a date, mean words of their links.
_MIN_ENTRIES, _MIN_DATED, _MIN_WORDS = 4, 0.8, 3


@dataclass(slots=True)
class _Target:
    """All links of the page to one address."""

    url: str
    links: list[Link] = field(default_factory=list)
    text: str = ""
    """The longest text of its links."""
    odds: float = 0.0
    dated: bool = False
    groups: list[Hashable] = field(default_factory=list)
    """The places its links stand in, and last the shape of its address."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Targets whose links stand in one place of the markup, or whose addresses have one shape."""

    odds: float
    size: int
    is_dated_list: bool

    def company(self, target: _Target) -> float:
        """Return the mean odds of the other members, weakened where there are few."""
        return (self.odds - target.odds) / (self.size + 1)


def find_story_links(links: Sequence[Link], url: str) -> list[str]:
    """Return the addresses a page links to that are stories of its own outlet, in its order.

    Each is judged by its address and words, and by the company it keeps: links in the same place
    of the markup, and addresses of the same shape.

    Args:
        links: all of the page's.
        url: the page's address, normalised.
    """
    targets = list(_targets(links, url))
    _find_dates(targets)
    members: dict[Hashable, list[_Target]] = defaultdict(list)
    for target in targets:
        for key in target.groups:
            members[key].append(target)
    groups = {key: _group(found) for key, found in members.items()}
    return [target.url for target in targets if _log_odds(target, groups) > 0]


def _targets(links: Iterable[Link], url: str) -> Iterator[_Target]:
    by_address: dict[str, _Target] = {}
    for link in links:
        if link.element.tag == "a" and link.url != url:
            by_address.setdefault(link.url, _Target(link.url)).links.append(link)
    host = _host(url)
    site = registered_domain(host)
    house = site.partition(".")[0]
    for target in by_address.values():
        there = _host(target.url)
        # The same name under another suffix is the same house; any other site is not.
        if there != host and registered_domain(there).partition(".")[0] != house:
            continue
        target.text = max((link.text for link in target.links), key=len)
        found = set(link_traits(target.url, target.text, site))
        if there == host:
            found.discard(SERVICE_HOST)
        if found.isdisjoint(NEVER):
            target.odds = max(-_MAX_ODDS, min(_MAX_ODDS, story_odds(found)))
            target.groups = [*{_place(link.element) for link in target.links}, _shape(target.url)]
            yield target


def _group(members: list[_Target]) -> _Group:
    size = len(members)
    dated = sum(target.dated for target in members) / size
    words = sum(len(target.text.split()) for target in members) / size
    is_list = size >= _MIN_ENTRIES and dated >= _MIN_DATED and words >= _MIN_WORDS
    return _Group(sum(target.odds for target in members), size, is_list)


def _log_odds(target: _Target, groups: dict[Hashable, _Group]) -> float:
    """Return the log odds that a target is a story."""
    *places, shape = (groups[key] for key in target.groups)
    return (
        _PAGE
        + _ALONE * target.odds
        + _PLACE * max(place.company(target) for place in places)
        + _SHAPE * shape.company(target)
        + _NUMBER * log(shape.size)
        + _DATED * target.dated
        + _DATED_LIST * any(group.is_dated_list for group in (*places, shape))
    )


def _find_dates(targets: list[_Target]) -> None:
    """Note which targets stand in an entry of their own that carries a date."""
    within: dict[etree._Element, set[str]] = defaultdict(set)
    above = {
        link.element: list(islice(link.element.iterancestors(), _MAX_CLIMB))
        for target in targets
        for link in target.links
    }
    for target in targets:
        for link in target.links:
            for element in above[link.element]:
                within[element].add(target.url)
    is_dated: dict[etree._Element, bool] = {}
    for target in targets:
        for link in target.links:
            entry = link.element
            for element in above[link.element]:
                if len(within[element]) > _MAX_ENTRY_LINKS:
                    break
                entry = element
            if entry not in is_dated:
                is_dated[entry] = _is_dated(entry)
            target.dated = target.dated or is_dated[entry]


def _is_dated(entry: etree._Element) -> bool:
    if next(entry.iter("time"), None) is not None:
        return True
    return bool(_DATE.search(text_of(entry)[:_MAX_ENTRY].lower()))


def _place(element: etree._Element) -> Hashable:
    path = [(element.tag, element.get("class"))]
    path += [(up.tag, up.get("class")) for up in islice(element.iterancestors(), _PLACE_LEVELS - 1)]
    return tuple(path)


def _shape(url: str) -> Hashable:
    """Return what addresses of one kind share: all but numbers, names and values."""
    path, _, query = url.partition("?")
    _, _, host, *names = path.removesuffix("/").split("/")
    above = ["*" if name.count("-") > 1 else _DIGITS.sub("#", name) for name in names[:-1]]
    parameters = [part.partition("=")[0] for part in query.split("&")]
    return host, *above, len(names), *parameters


def _host(url: str) -> str:
    return url.split("/", 3)[2]

"""Which address a page may call its canonical one: many templates state one that is no story's."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from crawler.text.fingerprint import UNSPACED
from crawler.text.urls import identity, names_one_page, same_site, words_of

_SCRIPT = re.compile(
    r"\.(?:php\d?|aspx?|jspx?|cfm|cgi|pl|do)$|(?:^|/)(?:index|default)(?:\.html?)?$", re.IGNORECASE
)
_ARCHIVE = re.compile(r"/(?:19|20)\d\d(?:/\d{1,2}){0,2}$")
# What templates print for a value that is missing, and their own marks that were not filled in;
# an address within the path, and what is no page.
_HOLE = re.compile(
    r"^(?:null|nan|none|nil|slug|permalink|canonical|url)?(?:\.\w{1,5})?$"
    r"|undefined|^https?:$|[][{}<>*]|\$\w|%[sd]|\(null\)|^:\w"
    r"|\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|xml|json)$",
    re.IGNORECASE,
)
# Pages about many stories, or about none.
_MARKERS = frozenset(
    "tag tags topic topics author authors category categories search login logout signin sign-in"
    " register subscribe account archive archives page rss feed error errors not-found notfound"
    " 400 401 403 404 410 500 502 503".split()
)
# Parameters that say how a page is shown, and those that say which one.
_VIEW = re.compile(
    r"page|paged|pg|pagenum|start|offset|print|view|mode|output|outputtype|format|amp|share|lang"
    r"|comments?|replytocom|sort|order|autoplay|ver|version|ref|via|from|source|src|theme|mobile",
    re.IGNORECASE,
)
_ID = re.compile(
    r"(?!cat|sec|tag|author|topic|rubri|channel)"
    r"(?:\w{0,20}id|[anp]|no|nr|num|article|story|post|news|item|doc|key|slug|title|name|node|artikel)",
    re.IGNORECASE,
)
# Another part or another dress of the same story.
_TAIL = re.compile(r"/(?:(?:page/?)?\d{1,2}|amp|print|all|full|single|index\.html?)$")
_DAY = re.compile(r"/(?:19|20)\d\d(?:[/-]\d{1,2}){1,2}(?=[/-]|$)")
_BELOW_A_YEAR = re.compile(r"/(?:19|20)\d\d/[^/]+/(?:[^/]+/)*[^/\d]+$")
_WAY = re.compile(r"/|https?:")  # where a reader is sent next
_TOKEN = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"(?:^|-)(\d{5,})(?=-|\.|$)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_CODE = re.compile(r"(?!(?:19|20)\d\d$)\d{4,}|\w{8,}")
_FEW = 3
"""Words that make a name, and characters that make an id: few sections have as many."""


def is_canonical(canonical: str, url: str, title: str = "", stories: str = "") -> bool:
    """Tell whether the address a page calls its canonical one can be that of the story it shows.

    Some templates give every story the address of its section, of the script without the story's
    number, of another story, or one with a hole. Another site, or its home page, is never a
    story's. An address is believed that shares an id or most words with that of the page, or most
    of its words with the headline. One that shares nothing is, too, where it names one page and
    neither its words nor the outlet's pattern speak against it.

    Args:
        canonical: what the page states, normalised.
        url: where it was read, normalised.
        title: the story's headline, where it is known.
        stories: the outlet's pattern of stories, where it is known.
    """
    its, own = _Parts(identity(canonical)), _Parts(identity(url))
    if its.form == own.form:
        return True
    is_home = "/" not in its.path and not its.names_one
    if is_home or not same_site(canonical, url) or _has_hole(its, own):
        return False
    if its.path == own.path:
        return _keeps_the_id(its, own, title)
    if its.story == own.story:
        return True
    if _is_another_number(its, own):
        return False
    listed, listed_page = (bool(stories and re.search(stories, one)) for one in (canonical, url))
    fits = listed or not listed_page
    of_many = not _MARKERS.isdisjoint(set(its.segments) - set(own.segments))
    if own.path.startswith(f"{its.path}/") and not its.query:
        return fits and not of_many and _is_story_above(its, own)
    if _share_an_id(its, own):
        return True
    headline = folded_words(title)
    # The page's own address has its headline, and the other one another.
    is_other = its.share_of(headline) < 0.75 < own.share_of(headline)
    if of_many or (is_other and min(len(its.words), len(own.words)) >= _FEW):
        return False
    # An address of an id alone has no word that could be compared.
    names_one = its.names_one or (not own.words and bool(_BELOW_A_YEAR.search(its.path)))
    return (
        _share_words(its, own, headline)
        or (listed and not listed_page)
        or (fits and names_one and not any(map(its.contradicts, (own.words, headline))))
    )


@dataclass(frozen=True)
class _Parts:
    """What an address says of its page."""

    form: str
    """Its identity (`crawler.text.urls.identity`)."""

    @cached_property
    def path(self) -> str:
        return self.form.partition("?")[0]

    @cached_property
    def query(self) -> dict[str, str]:
        pairs = (part.partition("=") for part in self.form.partition("?")[2].split("&") if part)
        return {name: value for name, _, value in pairs}

    @cached_property
    def segments(self) -> list[str]:
        return unquote(self.path).casefold().split("/")[1:]

    @cached_property
    def story(self) -> str:
        """The path, without a last segment that names a part of the story or another dress."""
        shorter = _TAIL.sub("", self.path)
        return shorter if _is_name(unquote(shorter.rpartition("/")[2])) else self.path

    @cached_property
    def name(self) -> str:
        return unquote(self.story.partition("/")[2].rpartition("/")[2])

    @cached_property
    def words(self) -> frozenset[str]:
        return folded_words(self.name)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The numbers and codes that it has; no dates."""
        path = _DAY.sub("", self.path[self.path.find("/") :])
        values = (value for value in map(unquote, self.query.values()) if not _WAY.match(value))
        tokens = _TOKEN.findall(" ".join((unquote(path), *values)).casefold())
        return frozenset(t for t in tokens if _DIGIT.search(t) and not _YEAR.fullmatch(t))

    @cached_property
    def names_one(self) -> bool:
        """Whether it clearly names one page."""
        return _is_name(self.name) or any(
            value and _ID.fullmatch(name) for name, value in self.query.items()
        )

    def share_of(self, words: frozenset[str]) -> float:
        """Return how much of its words is among others."""
        return len(self.words & words) / (len(self.words) or 1)

    def contradicts(self, words: frozenset[str]) -> bool:
        """Tell whether its words and others are of one script, and hardly any is the same."""
        for ascii_only in (True, False):
            alike = [[w for w in some if w.isascii() is ascii_only] for some in (self.words, words)]
            if all(len(some) >= _FEW for some in alike):
                return 4 * len(self.words & words) < len(self.words)
        return False


def _has_hole(its: _Parts, own: _Parts) -> bool:
    values = {*own.segments, *own.query.values()}
    stated = (*its.segments, *map(unquote, filter(None, its.query.values())))
    return any(_HOLE.search(value) and value not in values for value in stated)


def _keeps_the_id(its: _Parts, own: _Parts, title: str) -> bool:
    """Tell whether an address with another query than the page's has what tells stories apart."""
    lost = {name for name, value in own.query.items() if its.query.get(name) != value}
    if all(map(_VIEW.fullmatch, lost)):
        return bool(its.query or not own.query or not _SCRIPT.search(its.path))
    if any(its.query.get(name) for name in lost):
        return False
    loses_id = any(map(_ID.fullmatch, lost))
    named = _is_name(its.name) or (not loses_id and _is_no_folder(its.path))
    if named and not _SCRIPT.search(its.path):
        return not (loses_id and its.contradicts(folded_words(title)))
    return any(map(_ID.fullmatch, its.query.keys() - lost)) and "id" not in lost


def _is_another_number(its: _Parts, own: _Parts) -> bool:
    """Tell whether two addresses are of one form, and differ in their number or code alone.

    Some sites give one story, by its headline, a long number for each of their editions.
    """
    if _DIGITS.sub("0", its.form) == _DIGITS.sub("0", own.form):
        numbers = its.ids ^ own.ids
        is_edition = len(its.words) > _FEW and numbers and all(map(_CODE.fullmatch, numbers))
        return not is_edition and bool(numbers or its.name != own.name)
    codes = [_NUMBER.findall(one.name) for one in (its, own)]
    if its.words != own.words and all(len(found) == 1 for found in codes):
        return codes[0] != codes[1] and bool(its.words and own.words)
    folders = [one.path.rpartition("/")[0] for one in (its, own)]
    return folders[0] == folders[1] and not (
        its.words or own.words or its.query or own.query or its.ids & own.ids
    )


def _is_story_above(its: _Parts, own: _Parts) -> bool:
    """Tell whether the address of a folder can be that of the story in it."""
    is_section = len(own.words) >= _FEW and not _is_name(its.name)
    return _is_no_folder(its.path) and not is_section


def _is_no_folder(path: str) -> bool:
    return "/" in path and names_one_page(path) and not _ARCHIVE.search(path)


def _share_an_id(its: _Parts, own: _Parts) -> bool:
    if _SCRIPT.search(its.path) and not its.query:
        return False
    is_below = its.path.startswith(f"{own.path}/") and _is_no_folder(own.path)
    shared = any(len(token) >= _FEW for token in its.ids & own.ids)
    return its.name == own.name or is_below or shared


def _share_words(its: _Parts, own: _Parts, headline: frozenset[str]) -> bool:
    shared = len(its.words & own.words)
    if len(its.words) < _FEW and own.words:
        return 2 * shared > max(len(its.words), len(own.words))
    fewer = min(len(its.words), len(own.words))
    enough = min(shared / (fewer or 1), shared - 1) >= 0.5
    told = len(its.words & headline)
    short = bool(its.words) and told == len(its.words)
    return enough or short or (told > 1 and 2 * told >= len(its.words))


def _is_name(segment: str) -> bool:
    """Tell whether a segment has the words of a headline, or a long number or code."""
    codes = (token for token in _TOKEN.findall(segment) if _DIGIT.search(token))
    words = sum(1 / 3 if UNSPACED.search(word) else 1 for word in folded_words(segment))
    return words >= _FEW or any(map(_CODE.fullmatch, codes))


def folded_words(name: str, longest: int = 500) -> frozenset[str]:
    """Return the words of a name without case and accents, but those with a digit.

    Of scripts without spaces they are pairs of letters.
    """
    plain = unicodedata.normalize("NFKD", name[:longest]).casefold()
    found = set[str]()
    for word in words_of("".join(c for c in plain if not unicodedata.combining(c))):
        if UNSPACED.search(word):
            found |= {word[at : at + 2] for at in range(len(word) - 1)}
        elif not _DIGIT.search(word):
            found.add(word)
    return frozenset(found)

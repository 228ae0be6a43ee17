"""The names in what feeds print as authors, where a name should be and much else is."""

import html
import re
from collections.abc import Iterable
from functools import lru_cache

from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

_MAX_AUTHORS = 2_000  # characters
# A tag, the start of one that is cut off, or a comment.
_TAG = re.compile(
    r"""</?[a-z][a-z0-9-]*+(?:\s[^<>="']*+=(?:"[^"]*+(?:"|$)|'[^']*+(?:'|$)|[^<>"'])*+)?\s?/?(?:>|$)"""
    r"|<!--(?:[^-]|-(?!->))*+(?:-->)?",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"</?(?:br|div|li|p)\b", re.IGNORECASE)
_AT = re.compile(r"(\S) ?[\[(] ?at ?[\])] ?(?=\S)", re.IGNORECASE)
_WORD = re.compile(r"[^\s()<>\[\],;\"]+")
_ADDRESS = re.compile(r"@|://|^(?:www\.|mailto:)", re.IGNORECASE)
# What stands in brackets beside a name is a remark; beside an address, or alone, it is a name.
_BRACKETS = re.compile(r"(?P<alone>(?:^|[;,&]|\band)\s?)?\((?P<inside>[^()]*)\)?")
_MARKS = re.compile(r"[()<>\[\]\"]|(?<!\w)'|'(?!\w)")
_JOINT = re.compile(r"\s*(?:and|und|et|y|e|en|og|och|i|ve|και|и|with|&)(?:\s|$)", re.IGNORECASE)


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the authors in the texts of some elements, each once.

    The names in one element are told apart as those of a page are. An address is no name.
    """
    found: dict[str, str] = {}
    for text in texts:
        for name in _names_in(text[:_MAX_AUTHORS]):
            found.setdefault(fold(name), name)
    return tuple(found.values())


@lru_cache(maxsize=1024)
def _names_in(text: str) -> list[str]:
    # Imported late: only workers read.
    from crawler.extract.people.authors import clean_names  # noqa: PLC0415
    from crawler.extract.people.names_and_roles import is_group  # noqa: PLC0415

    found: list[str] = []
    for part in re.split("[;、/]", _without_addresses(text)):
        joint = _JOINT.match(part)
        text = part[joint.end() :] if joint else part
        names = clean_names([text])
        # A desk or an organisation may have a conjunction in its name.
        found += clean_names([text], split=False) if all(map(is_group, names)) else names
    return found


def _without_addresses(text: str) -> str:
    """Return a text with a semicolon for each address, and without markup, brackets and remarks."""
    text = _TAG.sub(_gap, html.unescape(text))
    text = _AT.sub(r"\1@", tidy(text))
    text = _WORD.sub(lambda word: ";" if _ADDRESS.search(word[0]) else word[0], text)
    text = _BRACKETS.sub(_inside, text)
    return _MARKS.sub(" ", text)


def _gap(tag: re.Match[str]) -> str:
    return ";" if _BLOCK.match(tag[0]) else ""


def _inside(brackets: re.Match[str]) -> str:
    return f";{brackets['inside']};" if brackets["alone"] is not None else " "

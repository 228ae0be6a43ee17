"""Judges of candidates: each returns the value to keep, or None (or nothing) to pass it over."""

import re
from collections.abc import Collection, Iterable

from crawler.text.dates import is_date
from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

_SEPARATOR = re.compile(r"\s+[|–—·•»«:~-]\s+|\s*[|»]\s*")
_LONGEST = {"title": 500, "name": 100, "tag": 100}
_MOST_TAGS = 50
_NO_AUTHOR = frozenset(
    "admin administrator author editor guest root superadmin user webadmin webmaster".split()
)
_BY = re.compile(r"(?:written |posted |reported |story )?by[:\s]\s*", re.IGNORECASE)
_AND = re.compile(r"\s*[,;|]\s*(?:and\s)?|\s+(?:and|&)\s+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def title(text: str, site: Collection[str], headings: Collection[str] = ()) -> str | None:
    """Return a headline without the outlet's name at either end; None if nothing else is there.

    Args:
        site: the outlet's names, folded.
        headings: what the page shows as its headline, folded: what goes on after one of these is
            not part of the title, whatever it is.
    """
    text = tidy(text)
    while text:
        if fold(text) in site or len(text) > _LONGEST["title"]:
            return None
        marks = list(_SEPARATOR.finditer(text))
        shown = [mark for mark in marks if fold(text[: mark.start()]) in headings]
        if shown:
            text = text[: shown[-1].start()].rstrip()
        elif marks and fold(text[marks[-1].end() :]) in site:
            text = text[: marks[-1].start()].rstrip()
        elif marks and fold(text[: marks[0].start()]) in site:
            text = text[marks[0].end() :].lstrip()
        else:
            break
    return text or None


def is_shortened(text: str) -> bool:
    """Tell whether a text ends as an excerpt does."""
    return text.rstrip("])").endswith(("...", "…"))


def authors(texts: Iterable[str]) -> list[str]:
    """Return the names among `texts`: no accounts, addresses or dates, none twice."""
    names: dict[str, str] = {}
    for text in texts:
        if is_date(text):
            continue
        for part in _AND.split(_BY.sub("", tidy(text), count=1)):
            name = part.strip(" .-–—")
            bad = "@" in name or "://" in name or "www." in name.lower()
            if name and not bad and len(name) <= _LONGEST["name"]:
                names.setdefault(fold(name), name)
    return [name for folded, name in names.items() if folded and folded not in _NO_AUTHOR]


def standfirst(text: str, headline: str, body: str) -> str | None:
    """Return a summary that is neither the headline, nor an excerpt, nor part of the body."""
    text = tidy(text)
    folded = fold(text)
    if not folded or is_shortened(text) or folded == fold(headline) or folded in fold(body):
        return None
    return text


def section(text: str) -> str | None:
    """Return a section's name."""
    text = tidy(text)
    return text if text and len(text) <= _LONGEST["name"] and "://" not in text else None


def tags(texts: Iterable[str]) -> list[str]:
    """Return the tags, none twice."""
    found: dict[str, str] = {}
    for tag in map(tidy, texts):
        if tag and len(tag) <= _LONGEST["tag"] and len(found) < _MOST_TAGS:
            found.setdefault(fold(tag), tag)
    return list(found.values())


def language(text: str) -> str | None:
    """Return a language tag in the form of BCP 47, e.g. ``en-GB`` for ``en_GB``."""
    text = text.strip()
    return text.replace("_", "-") if _LANGUAGE.fullmatch(text) else None

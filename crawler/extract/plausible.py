"""Checks of candidates: each returns the value to keep, or None (or nothing) to reject it."""

import re
from collections.abc import Iterable

from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

_MAX_LABEL = 100  # characters of a section or tag
_MAX_TAGS = 50
_MAX_STANDFIRST = 1_000  # characters; what is longer is the body
_HASH = re.compile(r"[0-9a-f-]{16,}", re.IGNORECASE)
_NOT_A_PICTURE = re.compile(
    r"(?:^|[\W_])(?:logo|favicon|blank|placeholder|spacer|pixel|ms-icon|apple-touch-icon)(?:[\W_]|\d|$)",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def is_shortened(text: str) -> bool:
    """Tell whether a text ends as an excerpt does."""
    return text.rstrip("])").endswith(("...", "…"))


def standfirst(text: str, headline: str, body: str) -> str | None:
    """Return a summary that is neither the headline, nor an excerpt, nor part of the body.

    Args:
        text: the summary.
        headline: of the story.
        body: of the story, folded.
    """
    text = tidy(text)
    folded = fold(text)
    if not folded or len(text) > _MAX_STANDFIRST or is_shortened(text):
        return None
    if text.isascii() and " " not in text:  # "Home"
        return None
    return None if folded == fold(headline) or folded in body else text


def section(text: str) -> str | None:
    """Return a section's name: the first of several."""
    text = re.split("[,;]", tidy(text), maxsplit=1)[0].strip()
    return text if text and len(text) <= _MAX_LABEL and "://" not in text else None


def tags(texts: Iterable[str]) -> list[str]:
    """Return the tags, none twice."""
    found: dict[str, str] = {}
    for tag in map(tidy, texts):
        fits = len(tag) <= _MAX_LABEL and len(found) < _MAX_TAGS
        if tag and fits and not _HASH.fullmatch(tag):
            found.setdefault(fold(tag), tag)
    return list(found.values())


def is_picture(url: str) -> bool:
    """Tell whether an address is not that of a logo or of an empty picture."""
    return not _NOT_A_PICTURE.search(url.partition("?")[0].rpartition("/")[2])


def language(text: str) -> str | None:
    """Return a language tag in the form of BCP 47, e.g. ``en-GB`` for ``en_gb``."""
    text = text.strip()
    if not _LANGUAGE.fullmatch(text):
        return None
    first, *rest = text.replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])

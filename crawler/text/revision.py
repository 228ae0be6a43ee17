"""Changes between two versions of a story: the fields, the kind of change, the words."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from crawler.text.dates.timestamp import parse_offset
from crawler.text.fingerprint import fold
from crawler.text.recurring_blocks import block_key

Stored = Mapping[str, Any]
RevisionLabel = Literal["headline", "correction", "substantial", "withdrawn", "restored", "reparse"]
"""What ended a version of a story; ``reparse``: it was read by other rules than before, or from its
page and not as a source delivers it, or the other way round."""

CONTENT_ORIGINS = frozenset({"rest", "feed"})
"""Origins of a body that was read from what a source delivered, and not from the story's page."""
_SOURCES = CONTENT_ORIGINS | {"sitemap", "listing"}
"""Origins of what a source says of a story."""
_SHOWN_AGO = frozenset({"relative", "future"})
"""Doubts about a date that is another whenever it is read."""
_WORDS = re.compile(r"\s+|[^\s\w]|\w+")


def changed_fields(old: Stored, new: Stored) -> tuple[str, ...]:
    """Return the fields in which a reader finds that two versions of a story, as stored, differ.

    Typography, and what was learnt to be boilerplate in either of them, is no difference. Between
    a story as delivered by a source and as read from its page only title and body are compared: of
    the rest, one of them often says nothing.
    """
    boilerplate = {gap["block"] for version in (old, new) for gap in version["left_out"]}
    ways: dict[str, Callable[[Any], object]] = {
        "title": _folded,
        "standfirst": _folded,
        "authors": lambda authors: sorted(map(fold, authors or ())),
        "body": lambda body: _without(boilerplate, body),
        "credit": _folded,
        "correction": _folded,
    }
    if is_mixed := _is_mixed(old, new):
        ways = {name: ways[name] for name in ("title", "body")}
    found = [name for name, way in ways.items() if way(old.get(name)) != way(new.get(name))]
    if not is_mixed and is_another_date(old, new):
        found.append("published")
    return tuple(found)


def outlet_edits(changed: tuple[str, ...], old: Stored, new: Stored) -> tuple[str, ...]:
    """Return those of the changed fields that the outlet has changed itself.

    Where the page is the same to the byte, it is by other rules that we read it otherwise. Names
    and dates may come from a source instead, and a page put together from one has none of them.
    Of a body as delivered by a source and as read from its page it cannot be told what was edited.
    """
    if old["page"] != new["page"]:
        return tuple(n for n in changed if n == "title") if _is_mixed(old, new) else changed
    sourced = [name for name in ("authors", "published") if name in changed]
    origins = (old["origins"], new["origins"])
    return tuple(name for name in sourced if all(o.get(name) in _SOURCES for o in origins))


def revision_label(changed: tuple[str, ...], old: Stored, new: Stored) -> RevisionLabel:
    """Return what to call the change from one version to the next.

    A note of a correction may come after another one, or be reworded.
    """
    from crawler.text.credit import read_correction  # noqa: PLC0415 - its patterns take time

    if changed == ("title",):
        return "headline"
    before = {fold(text) for text in old["body"].split("\n\n")}
    added = [text for text in new["body"].split("\n\n") if fold(text) not in before]
    if read_correction(added) or ("correction" in changed and new["correction"]):
        return "correction"
    return "substantial"


class TextPiece(NamedTuple):
    """A stretch of text that two versions share, or that one of them has alone."""

    whose: Literal["both", "old", "new"]
    text: str


def compare_texts(old: str, new: str) -> list[list[TextPiece]]:
    """Compare two texts word by word; return the paragraphs in which they differ."""
    before, after = old.split("\n\n"), new.split("\n\n")
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [
        list(_words("\n\n".join(before[a:b]), "\n\n".join(after[c:d])))
        for tag, a, b, c, d in found
        if tag != "equal"
    ]


def _words(old: str, new: str) -> Iterator[TextPiece]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield TextPiece("both", "".join(before[a:b]))
            continue
        if a < b:
            yield TextPiece("old", "".join(before[a:b]))
        if c < d:
            yield TextPiece("new", "".join(after[c:d]))


def _is_mixed(old: Stored, new: Stored) -> bool:
    """Tell whether one was delivered by a source and the other read from its page."""
    return (old["origins"].get("body") in CONTENT_ORIGINS) != (
        new["origins"].get("body") in CONTENT_ORIGINS
    )


def _folded(text: str | None) -> str:
    return fold(text or "")


def _without(boilerplate: set[str], body: str) -> str:
    return "".join(fold(text) for text in body.split("\n\n") if block_key(text) not in boilerplate)


def is_another_date(old: Stored, new: Stored) -> bool:
    """Tell whether the publication was moved, at the precision that both versions state."""
    if any("update_shown" in version["flags"] for version in (old, new)):
        return False  # the page presents the day of its last change
    before, after = old["published"], new["published"]
    if not before or not after:
        return bool(before or after)
    if _SHOWN_AGO.intersection((*before["flags"], *after["flags"])):
        return False
    precisions = {before["precision"], after["precision"]}
    return _moment(before, precisions) != _moment(after, precisions)


def _moment(stated: Mapping[str, Any], precisions: set[str]) -> datetime:
    at: datetime = stated["at"]
    if "day" in precisions:
        local = at + parse_offset(stated["offset"])
        return local.replace(hour=0, minute=0, second=0, microsecond=0)
    if "minute" in precisions:
        return at.replace(second=0, microsecond=0)
    return at.replace(microsecond=0)

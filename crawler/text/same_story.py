"""Whether two readings are of one story, and whether a later one may replace an earlier one.

Thresholds: of 811 pairs of stories of one outlet on real pages, in many languages, the shorter
shares over 6 % of its triples of words with the other in one of a hundred, and over 20 % in two; a
rewritten report of one event shares about half.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, TypedDict

from crawler.text.canonical import folded_words
from crawler.text.fingerprint import UNSPACED, fold
from crawler.text.urls import identity, path_of

Stored = Mapping[str, Any]
PageKey = tuple[str, datetime, str]
Doubt = Literal["removed", "another_story", "shorter", "older_date"]
"""Why a reading is not believed at once: a note stands in place of the story; it is another story;
most of the text is gone; the date is gone, or a day or more before the one that is known."""

MIN_TITLE = 0.5
"""Share of the words of the shorter headline that are in the other, if it is the same one."""
MIN_TEXT = 0.2
"""Share of the triples of the shorter text that are in the other, if they have text in common."""
MIN_STORY = 25
"""Words of a story before it is judged by how much of it is left."""
MIN_LETTERS = 150
"""Characters of a text that no two stories have in common."""
MIN_LEFT = 0.5
"""Share of a story's words that an edit leaves at least; most edits that shorten keep more."""
MAX_NOTE = 0.25
"""Share of a story's words that a note in place of it has at most."""
READINGS, LASTING = 3, timedelta(days=1)
"""How many doubtful readings, over how long, are believed after all."""

SOURCES = frozenset({"feed", "rest", "sitemap", "listing"})
"""Origins of what a source says of a story (`crawler.lead.LeadOrigin`), and not its page."""

_TOKEN = re.compile(rf"{UNSPACED.pattern}|[^\W_]+")
# A hint only: how much is left of the story decides.
_REMOVED = re.compile(
    r"remove|withdr|retract|delet|no longer|unavailable|not available|taken down|entfernt|gelöscht"
    r"|zurückgezogen|nicht mehr|supprim|retir|plus disponible|elimin|borrad|ya no|removid|apagad"
    r"|indisponível|rimoss|cancell|non è più|verwijder|ingetrokken|usunię|wycofan|удал|снят|отозва"
    r"|видален|kaldırıl|silin|حذف|سحب|הוסר|हटा|刪除|删除|撤|下架|削除|삭제|dihapus|bị gỡ|đã xóa|ลบ",
    re.IGNORECASE,
)


class DoubtfulReading(TypedDict):
    """What the last readings at a story's address were, where they are not believed."""

    reason: str
    since: datetime
    """When the first of them was fetched."""
    last: datetime
    readings: int
    page: str
    """The page of the last one, in ``pages``."""
    title: str
    """Its headline."""


def is_another_story(one: Stored, other: Stored) -> bool:
    """Tell whether two articles, as stored, have neither headline nor text in common."""
    return not (_has_same_title(one, other) or _has_common_text(one, other))


def page_key(url: str, at: datetime | None, fingerprint: str, body: str) -> PageKey | None:
    """Return what is the same of one page at addresses that differ in their host or query alone.

    Where its text is short, the query has to be the same, too. None where it is not dated.
    """
    path = path_of(url) if len(body) >= MIN_LETTERS else identity(url).partition("/")[2]
    return (path, at.replace(microsecond=0), fingerprint) if at else None


def find_doubt(old: Stored, new: Stored, stated: str = "") -> Doubt | None:
    """Return why a later reading at a story's address is not believed to be its new version.

    A page whose text is new while its headline stays, as of a briefing, is the same story's.

    Args:
        stated: the headline by which a source shows the story, else that in its address counts:
            what has it may replace what has another.
    """
    before, after = (len(_words(story["body"])) for story in (old, new))
    common = _has_common_text(old, new)
    same_title = _states_title(new) and _has_same_title(old, new)
    is_story = before >= MIN_STORY
    if is_story and not common and after <= MAX_NOTE * before:
        is_note = same_title or _REMOVED.search(f"{new['title']}\n{new['body']}")
        return "removed" if is_note else "another_story"
    if not (common or same_title):
        shown = {"title": stated or new["lead"].rpartition("/")[2]}
        is_own = _states_title(new) and _has_same_title(shown, new)
        return None if is_own and not _has_same_title(shown, old) else "another_story"
    if is_story and after < MIN_LEFT * before:
        return "shorter"
    return "older_date" if _is_older(old["published"], new["published"]) else None


def count_doubt(old: Stored, new: Stored, reason: Doubt) -> DoubtfulReading:
    """Return what is to be known of a doubtful reading and those before it.

    One that is brought again is not counted again.
    """
    at = new["fetched"]
    before = old.get("doubtful") or {"since": at, "last": at, "readings": 1}
    return {
        "reason": reason,
        "since": before["since"],
        "last": max(at, before["last"]),
        "readings": before["readings"] + (at > before["last"]),
        "page": new["page"],
        "title": new["title"],
    }


def is_believed(doubtful: DoubtfulReading) -> bool:
    """Tell whether doubtful readings have lasted; a note in place of a story never replaces it."""
    lasted = doubtful["last"] - doubtful["since"] >= LASTING
    return lasted and doubtful["readings"] >= READINGS and doubtful["reason"] != "removed"


def _is_older(old: Stored | None, new: Stored | None) -> bool:
    if not old or not new:
        return bool(old)
    older: bool = old["at"] - new["at"] >= timedelta(days=1)
    return older


def _states_title(story: Stored) -> bool:
    """Tell whether the headline is of the page that the text is of."""
    origins = story["origins"]
    return origins.get("title") not in SOURCES or origins["title"] == origins.get("body")


def _has_same_title(one: Stored, other: Stored) -> bool:
    if fold(one["title"]) == fold(other["title"]):
        return True
    words = [folded_words(story["title"]) for story in (one, other)]
    fewer = min(map(len, words))
    return bool(fewer) and len(words[0] & words[1]) >= MIN_TITLE * fewer


def _has_common_text(one: Stored, other: Stored) -> bool:
    triples = [_triples(story["body"]) for story in (one, other)]
    fewer = min(map(len, triples))
    return bool(fewer) and len(triples[0] & triples[1]) >= MIN_TEXT * fewer


@lru_cache(maxsize=64)
def _triples(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words of a text; in scripts without spaces, of three letters."""
    words = _words(text)
    return frozenset(words[start : start + 3] for start in range(max(1, len(words) - 2)))


@lru_cache(maxsize=64)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text.casefold()))

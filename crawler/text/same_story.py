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
from crawler.text.revision import is_another_date
from crawler.text.urls import STORY_NAME, identity, names_one_page, path_of

Stored = Mapping[str, Any]
Doubt = Literal["elsewhere", "removed", "another_story", "shorter", "older_date"]
"""Why a reading is not believed at once: the page is not on the story's host, which is enough not
to believe it; a note stands in place of the story; it is another story; most of the text is gone;
the date is gone, or a day or more before the one that is known."""

MIN_TITLE = 0.5
"""Share of the words of the shorter headline that are in the other, if it is the same one."""
MIN_WORDS = 2
"""Words that two headlines share at least, unless one has fewer: any two may share an “in”."""
MIN_TEXT = 0.2
"""Share of the triples of the shorter text that are in the other, if they have text in common."""
MIN_STORY = 25
"""Words of a story before it is judged by how much of it is left."""
MIN_LETTERS = 150
"""Characters of a text that no two stories have in common."""
MIN_LEFT = 0.5
"""Share of a story's words that an edit leaves at least; most edits that shorten keep more."""
MAX_NOTE, LONGEST_NOTE = 0.25, 40
"""Share of a story's words that a note in place of it has at most, and words of any note."""
MIN_GROWTH = 2
"""How many times the words of a note a dated story has that takes its place."""
READINGS, LASTING = 3, timedelta(days=1)
"""How many readings of one doubtful content, over how long, are believed after all."""

SOURCES = frozenset({"feed", "rest", "sitemap", "listing"})
"""Origins of what a source says of a story (`crawler.lead.LeadOrigin`), and not its page."""

_TOKEN = re.compile(rf"{UNSPACED.pattern}|[^\W_]+")
# A hint only: how much is left of the story decides.
_REMOVED = re.compile(
    r"\b(?:removed|withdr[ae]wn?|retracted|deleted|no longer|taken down|unpublished"
    r"|entfernt|gelöscht|zurückgezogen|nicht mehr|supprimé|retiré|plus disponible|eliminat|rimoss"
    r"|cancellat|ritirat|non è più|eliminad|borrad|retirad|ya no|removid|apagad|excluíd|já não"
    r"|não está mais|verwijderd|ingetrokken|tagits bort|borttagen|raderat|fjernet|slettet|trukket"
    r"|poistettu|poistunut|ei ole enää|usunięt|wycofan|smazán|stažen|odstran|zmazan|odstrán"
    r"|eltávolít|töröl|visszavon|șters|retras|uklonjen|obrisan|povučen|pašalint|ištrint"
    r"|удал|снят|отозва|видален|прибран|премахнат|изтрит|уклоњен|обрисан|διαγράφ|αποσύρθ|αφαιρέθ"
    r"|kaldırıl|silin|dihapus|dipadam|ditarik|imeondolewa|imefutwa|bị gỡ|đã xóa|đã gỡ)"
    r"|حذف|سحب|הוסר|נמחק|हटा|সরিয়ে|মুছে|நீக்க|తొలగించ|刪除|删除|撤|下架|削除|삭제|ถูกลบ|ลบออก",
    re.IGNORECASE,
)
_LABEL_END = re.compile(r": |[|–—]")
_LONGEST_LABEL = 40  # characters


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
    return not (_has_same_title(one, other) or has_common_text(one, other))


def page_key(url: str, body: str) -> str:
    """Return what is the same of one page's addresses that differ in their host or query alone.

    Where its text is short, the query has to be the same, too; where the path names no story, what
    the query has that tells stories apart.
    """
    path, query = path_of(url), url.partition("?")[2]
    if len(body) < MIN_LETTERS:
        return url.partition("://")[2].partition("/")[2]
    if names_one_page(path):
        return path
    named = [part for part in query.split("&") if STORY_NAME.fullmatch(part.partition("=")[0])]
    return f"{path}?{'&'.join(named) or query}"


def is_same_page(one: Stored, other: Stored) -> bool:
    """Tell whether two articles of an outlet are of one page, by its `page_key`.

    They have one text, or one instant of publication: one may be a teaser, or an earlier version.
    """
    keys = [page_key(story["url"], story["body"]) for story in (one, other)]
    dates = [story["published"] and story["published"]["at"] for story in (one, other)]
    at = [date and date.replace(microsecond=0) for date in dates]
    is_alike = one["fingerprint"] == other["fingerprint"] or (at[0] == at[1] and bool(at[0]))
    return is_alike and keys[0] == keys[1] and has_common_text(one, other)


def find_doubt(old: Stored, new: Stored, stated: str = "") -> Doubt | None:
    """Return why a later reading at a story's address is not believed to be its new version.

    A page whose text is new while its headline stays, as of a briefing, is the same story's.

    Args:
        stated: the headline by which a source shows the story, else that in its address counts:
            what has it may replace what has another.
    """
    if _is_elsewhere(old, new):
        return "elsewhere"
    before, after = (len(_words(story["body"])) for story in (old, new))
    common = has_common_text(old, new)
    same_title = _states_title(new) and _has_same_title(old, new)
    is_story = before >= MIN_STORY
    is_same = fold(old["title"]) == fold(new["title"])
    if is_story and not common and after <= min(MAX_NOTE * before, LONGEST_NOTE):
        said = new["body"] if is_same else f"{new['title']}\n{new['body']}"
        if _REMOVED.search(said):
            return "removed"
        if is_same and same_title:  # a wall tells of no end
            return "removed" if after and "paywalled" not in new["flags"] else "shorter"
        return "shorter" if same_title else "another_story"
    is_as_shown = _states_title(new) and fold(new["title"]) == fold(stated)
    if _is_used_again(old, new) or (is_as_shown and not (common or is_same)):
        return None
    has_grown = not is_story and new["published"] and after >= MIN_GROWTH * before
    if not (common or same_title or has_grown):
        return None if is_shown(new, old, stated) else "another_story"
    if is_story and after < MIN_LEFT * before:
        return "shorter"
    is_older = is_another_date(old, new) and _is_older(old["published"], new["published"])
    return "older_date" if is_older else None


def is_shown(new: Stored, old: Stored, stated: str) -> bool:
    """Tell whether a source shows the story of a reading by this headline, and not the old one."""
    shown = {"title": stated or new["lead"].rpartition("/")[2]}
    is_own = _states_title(new) and _has_same_title(shown, new)
    return is_own and not _has_same_title(shown, old)


def count_doubt(old: Stored, new: Stored, reason: Doubt) -> DoubtfulReading:
    """Return what is to be known of a doubtful reading and those of the same before it.

    One that is brought again is not counted again.
    """
    at = new["fetched"]
    before: DoubtfulReading | None = old.get("doubtful")
    if before and at <= before["last"]:
        return before
    since, readings = at, 1
    if before and (before["reason"], fold(before["title"])) == (reason, fold(new["title"])):
        since, readings = before["since"], before["readings"] + 1
    return {
        "reason": reason,
        "since": since,
        "last": at,
        "readings": readings,
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


def _is_elsewhere(old: Stored, new: Stored) -> bool:
    """Tell whether a page was read on another host than its story: that has the better text."""
    hosts = [identity(url).partition("/")[0] for url in (new["lead"], old["url"], old["lead"])]
    return hosts[0] not in hosts[1:]


def _is_used_again(old: Stored, new: Stored) -> bool:
    """Tell whether a page is one that is filled anew on purpose: a live blog, or a briefing."""
    before, after = old["published"], new["published"]
    if not before or not after or after["at"] <= before["at"]:
        return False
    labels = {_label(story["title"]) for story in (old, new)}
    is_briefing = len(labels) == 1 and labels != {""}
    return is_briefing or all("live_blog" in story["flags"] for story in (old, new))


def _label(title: str) -> str:
    """Return what stands before a colon, bar or dash, as of a briefing; empty if nothing does."""
    label, *rest = _LABEL_END.split(title, maxsplit=1)
    return fold(label) if rest and len(label) <= _LONGEST_LABEL else ""


def _has_same_title(one: Stored, other: Stored) -> bool:
    if fold(one["title"]) == fold(other["title"]):
        return True
    words = [folded_words(story["title"]) for story in (one, other)]
    fewer = min(map(len, words))
    shared = len(words[0] & words[1])
    return bool(fewer) and shared >= max(min(fewer, MIN_WORDS), MIN_TITLE * fewer)


def has_common_text(one: Stored, other: Stored) -> bool:
    """Tell whether the shorter text shares a part with the other."""
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

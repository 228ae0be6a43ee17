"""`Observation`: the traits of one story, as it was read, or could not be, in one run."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crawler.article import Article
from crawler.text.fingerprint import fingerprint

FITS = "fits"
"""The value of a date, or of its offset, that may be right."""
READ = "ok"
"""The value of the trait ``read`` of a story that became an article."""
PAGE_FIELDS = ("title", "body")
"""Fields that come from the page alone: what served them is noted of all stories."""
RULE_FIELDS = (*PAGE_FIELDS, "authors", "section", "published", "images")
"""Fields of which this is noted of new stories: what serves them may be the source that shows a
story, and those that show archives state other things than those that show news."""
SOURCE_ORIGINS = frozenset({"feed", "rest", "sitemap", "listing"})
"""Origins of values that a source states."""
REPEATED = ("repeated title", "repeated")
"""Traits that are ``yes`` where another story has the same: its title, or all of it."""
MERGED = "merged"
"""A trait that is ``yes`` where at least `MIN_MERGED` others of the last stories, of other leads,
ended in the same article."""
MIN_MERGED = 3
"""A story may well have two addresses, or three."""
IMPLAUSIBLE = {
    "byline": "suspect_byline",
    "headline": "suspect_title",
    "teaser": "suspect_teaser",
    "encoding": "suspect_encoding",
    "misread authors": "misread_authors",
    "misread title": "misread_title",
    "misread published": "misread_published",
    "impossible date": "impossible_published",
}
"""Traits that are ``yes`` where an article has a flag."""

_SLACK = timedelta(minutes=5)
_DAY = timedelta(days=1)
_BACKLOG = timedelta(days=2)  # what is older was overlooked, and comes as an archive does


@dataclass(slots=True)
class Observation:
    """One story, as it was read in one run."""

    lead: str
    """Its address in the ledger."""
    traits: dict[str, str] = field(default_factory=dict)
    """Values by name: which rule served a field, whether a value is plausible, or (``read``) why
    the story could not be read, ..."""
    sizes: dict[str, float] = field(default_factory=dict)
    """Its measures, in words or paragraphs."""
    sources: list[str] = field(default_factory=list)
    """Those that showed it."""
    ahead: float | None = None
    """Seconds from when it was first seen to when it says it was published; None where it
    states no time, or was not first seen in this run, or this is the outlet's first run."""
    since_poll: float | None = None
    """Seconds from the run before to when it says it was published."""
    prints: tuple[str, ...] = ("", "", "")
    """Fingerprints of its title, of title and body, and of the article's address."""
    is_new: bool = False
    """It was first seen in the run that read it, and that was not the outlet's first."""
    broken: bool = False
    """It is not to be taken for usual."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, which it shares."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> "Observation":
        """Restore what `to_dict` returned."""
        return cls(**{**saved, "prints": tuple(saved["prints"])})


def observe(
    article: Article, zone: ZoneInfo, sources: list[str], last_run: datetime | None, *, is_new: bool
) -> Observation:
    """Note what an article is like.

    Args:
        article: as it is to be stored.
        zone: its outlet's.
        sources: keys of those that have shown it so far.
        last_run: when the run before looked for stories; None where it has not, or long ago.
        is_new: it was first seen in this run, which is not the first.
    """
    published = article.published
    is_news = is_new and not (published and last_run and published.at < last_run - _BACKLOG)
    traits = {"read": READ}
    traits |= {
        f"origin {name}": _origin(article, name)
        for name in (RULE_FIELDS if is_news else PAGE_FIELDS)
    }
    traits |= {name: "yes" if flag in article.flags else "no" for name, flag in IMPLAUSIBLE.items()}
    seen = Observation(article.lead, traits, sources=sources, is_new=is_news)
    seen.sizes = {
        "words": article.word_count,
        "paragraphs": len(article.structure),
        "title words": len(article.title.split()),
    }
    address = fingerprint(article.url, "")[:12]
    seen.prints = (fingerprint(article.title, "")[:12], article.fingerprint[:12], address)
    if published:
        if is_news:
            traits["precision"] = "day" if published.precision == "day" else FITS
        local = published.at.astimezone(zone).utcoffset() or timedelta()
        apart = int((published.utcoffset - local).total_seconds() // 60)
        # Which of the two it is changes with the season, where there is one.
        is_own = published.zone or not apart or not published.utcoffset
        traits["offset"] = FITS if is_own else f"{apart:+} min"
        if is_new and published.precision != "day" and "relative" not in published.flags:
            traits["date"] = _fit(published.at, article.first_seen, last_run)
            seen.ahead = (published.at - article.first_seen).total_seconds()
            if last_run:
                seen.since_poll = (published.at - last_run).total_seconds()
    return seen


def _origin(article: Article, name: str) -> str:
    origin = article.origins.get(name, "none")
    return "source" if origin in SOURCE_ORIGINS else origin


def _fit(published: datetime, seen: datetime, last_run: datetime | None) -> str:
    """Tell where a date lies that should be between the run before and the first sight."""
    if published > seen + _SLACK:
        return "ahead" if published < seen + _DAY else "far ahead"
    if last_run is None or published >= last_run - _DAY:
        return FITS
    return "long ago"

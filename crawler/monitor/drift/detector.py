"""`DriftDetector`: follows an outlet story by story, and finds when it reads otherwise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from crawler.article import Article
from crawler.monitor.drift.deviations import WINDOWS, Deviation, deviations
from crawler.monitor.drift.diagnosis import (
    TEXT,
    Cause,
    cause_of,
    evidence,
    offset_sentence,
    sentence,
)
from crawler.monitor.drift.observation import (
    AGAIN,
    FITS,
    Observation,
    observe,
    plain,
    restored,
    unread,
)
from crawler.monitor.drift.offset_error import MOST, find_offset
from crawler.monitor.drift.profile import Profile
from crawler.monitor.drift.silence import SilenceDetector
from crawler.outlet import Selectors

RECENT, FEW = max(WINDOWS), min(WINDOWS)
PRINTS = 40
"""Titles and bodies of so many stories before are compared with each."""
LONG_AGO = timedelta(days=2)
"""A run that long ago does not tell when a story came out."""

State = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What is wrong with an outlet."""

    cause: Cause
    sentence: str
    evidence: list[str] = field(default_factory=list)
    since: datetime | None = None
    """When it was first found, by the runs' clock."""


class DriftDetector:
    """What is usual for an outlet, its last stories, and what they show.

    Args:
        rules: the outlet's selectors: where they change, what served a field is learnt anew.
        sources: keys of its sources.
        zone: its zone.
        stored: what an earlier watch `stored`.
    """

    def __init__(
        self,
        rules: Selectors,
        sources: Collection[str],
        zone: ZoneInfo,
        stored: Mapping[str, Any] | None = None,
    ) -> None:
        told = stored or {}
        self._rules, self._sources, self._zone = rules, sorted(sources), zone
        self._print = blake2b(repr((rules, self._sources)).encode(), digest_size=8).hexdigest()
        self._profile = Profile(told.get("profile"))
        self._rhythm = SilenceDetector(zone, told.get("rhythm"))
        self._recent = list(map(restored, told.get("recent", ())))
        self._timed = list(map(restored, told.get("timed", ())))
        self._prints: list[list[str]] = list(told.get("prints", ()))
        self._since: datetime | None = told.get("since")
        self.polled: datetime | None = told.get("polled")
        """When the run before looked for stories."""
        self._came: list[datetime] = []
        self._met: dict[str, Observation] = {}
        self._found: list[Deviation] = []
        self._restarted = bool(told) and told.get("rules") != self._print
        if self._restarted:
            self._profile.forget_rules()
            self._recent.clear()
        self._look()

    def stored(self) -> State:
        """All of it as plain values."""
        return {
            "rules": self._print,
            "profile": self._profile.stored(),
            "rhythm": self._rhythm.stored(),
            "recent": list(map(plain, self._recent)),
            "timed": list(map(plain, self._timed)),
            "prints": self._prints,
            "since": self._since,
            "polled": self.polled,
        }

    # -- Stories

    def read(self, article: Article, sources: Sequence[str], *, is_new: bool) -> bool:
        """Note a story that was read; tell whether it is one of a template that is broken.

        Args:
            article: as it is to be stored.
            sources: those that have shown it so far.
            is_new: this run has seen it first.
        """
        polled = self.polled
        if polled and article.first_seen - polled > LONG_AGO:
            polled = None
        knows = is_new and self.polled is not None
        story = observe(article, self._zone, list(sources), polled, is_new=knows)
        others = [prints for lead, *prints in self._prints if lead != story.lead]
        for place, trait in enumerate(AGAIN):
            is_again = any(prints[place] == story.prints[place] for prints in others)
            story.traits[trait] = "yes" if is_again else "no"
        self._prints = [*self._prints, [story.lead, *story.prints]][-PRINTS:]
        if knows:
            told = article.published
            is_told = told is not None and story.traits.get("date") == FITS
            at = told.at if told and is_told else article.first_seen
            self._came.append(min(at, article.first_seen))
        story.traits |= self._profile.size_traits(story)
        self._add(story)
        return self._is_broken(story)

    def failed(self, lead: str, reason: str, sources: Sequence[str]) -> None:
        """Note a story that could not be read."""
        self._add(unread(lead, reason, list(sources)))

    def shown(self, lead: str, sources: Sequence[str]) -> None:
        """Note that by now these sources have shown a story."""
        if lead in self._met:
            self._met[lead].sources = list(sources)

    def _is_broken(self, story: Observation) -> bool:
        """Tell whether its text shows what the last stories together show is broken."""
        told = {(d.trait, d.value) for d in self._found if d.trait in TEXT or _is_short(d)}
        return bool(told) and not told.isdisjoint(story.traits.items())

    def _add(self, story: Observation) -> None:
        self._met[story.lead] = story
        self._recent.append(story)
        if story.ahead is not None:
            self._timed = [*self._timed, story][-MOST:]
        self._look()
        self._learn()

    def _look(self) -> None:
        self._found = deviations(self._profile, self._recent[-RECENT:])
        if self._found:
            told = {(deviation.trait, deviation.value) for deviation in self._found}
            for story in self._recent:
                shows = not told.isdisjoint(story.traits.items())
                story.broken = story.broken or shows

    def _learn(self) -> None:
        """Take for usual what is old enough to be known for good."""
        while len(self._recent) > RECENT:
            story = self._recent.pop(0)
            if not story.broken:
                self._profile.learn(story)

    # -- Runs

    def end(self, now: datetime, told: Mapping[str, str], *, is_whole: bool = True) -> Drift | None:
        """What is wrong with the outlet, if anything; at the end of a run, which this closes.

        Args:
            now: aware.
            told: the sources' outcomes by key.
            is_whole: the run has read all its sources as far as there was anything new.
        """
        for story in self._met.values():
            if story.is_new:
                for key in self._sources:
                    story.traits[f"shown {key}"] = "yes" if key in story.sources else "no"
        if self._met:
            self._look()
        health = self._judge(now, told)
        self._since = (self._since or now) if health else None
        if is_whole:
            self._rhythm.learn(self._came, now)
            self.polled = now
        self._met, self._came = {}, []
        return health

    def _judge(self, now: datetime, told: Mapping[str, str]) -> Drift | None:
        since = self._since or now
        own = now.astimezone(self._zone).utcoffset() or timedelta()
        cause = cause_of(self._found)
        error = find_offset(self._timed, own)
        if cause == "date_format" and not error:  # since only a few stories
            error = find_offset(self._timed[-FEW:], own, FEW)
        if error and cause in (None, "date_format"):
            return Drift(
                cause="wrong_offset",
                sentence=offset_sentence(error, own),
                evidence=evidence(self._found, self._rules),
                since=since,
            )
        if cause:
            gone = {f"shown {key}" for key, outcome in told.items() if outcome in _GONE}
            if cause == "feed_frozen" and gone & {d.trait for d in self._found}:
                cause = "feed_gone"
            return Drift(
                cause=cause,
                sentence=sentence(cause, self._found, self._rules),
                evidence=evidence(self._found, self._rules),
                since=since,
            )
        missing = 0.0 if self._came else self._rhythm.missing(now)
        if not missing:
            return None
        last = self._rhythm.last
        assert last
        return Drift(
            cause="nothing_published",
            sentence=f"Nothing new since {last:%Y-%m-%d %H:%M} UTC: usually {missing:.0f} stories "
            "come in that time.",
            since=since,
        )


_GONE = frozenset({"failed", "empty", "retired"})
"""Outcomes of a source that was not read."""


def _is_short(deviation: Deviation) -> bool:
    return deviation.trait == "size words" and deviation.value == "short"

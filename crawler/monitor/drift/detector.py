"""`DriftDetector`: follows an outlet story by story, and finds when it reads otherwise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from crawler.article import Article
from crawler.monitor.causes_and_reasons import CAUSES, UNREAD_OUTCOMES, Cause
from crawler.monitor.drift.deviations import WINDOWS, Deviation, find_deviations
from crawler.monitor.drift.diagnosis import BROKEN_TEXT_TRAITS, describe, diagnose, offset_sentence
from crawler.monitor.drift.observation import (
    FITS,
    MERGED,
    MIN_MERGED,
    REPEATED,
    Observation,
    observe,
)
from crawler.monitor.drift.offset_error import MAX_STORIES, find_offset_error
from crawler.monitor.drift.profile import Profile
from crawler.monitor.drift.silence import SilenceDetector
from crawler.outlet import Selectors
from crawler.text.urls import path_of

FINGERPRINTS = 40
"""Stories before whose titles and bodies are compared with those of each new one."""
LONG_AGO = timedelta(days=2)
"""The age of a run that is too old to date a story by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The fault of an outlet whose stories do not read as they used to."""

    cause: Cause
    sentence: str
    evidence: list[str] = field(default_factory=list)
    since: datetime | None = None
    """When it was first found, by the runs' clock."""


class DriftDetector:
    """Learns what is usual for one outlet, and finds drift in its last stories.

    Args:
        rules: the outlet's selectors: where they change, what served a field is learnt anew.
        sources: keys of its sources.
        zone: its zone.
        saved: what `to_dict` of an earlier one returned.
    """

    def __init__(
        self,
        rules: Selectors,
        sources: Collection[str],
        zone: ZoneInfo,
        saved: Mapping[str, Any] | None = None,
    ) -> None:
        saved = saved or {}
        self._rules, self._sources, self._zone = rules, sorted(sources), zone
        declared = repr((rules, self._sources)).encode()
        self._declaration_hash = blake2b(declared, digest_size=8).hexdigest()
        self._profile = Profile(saved.get("profile"))
        self._silence = SilenceDetector(zone, saved.get("rhythm"))
        self._recent = list(map(Observation.from_dict, saved.get("recent", ())))
        self._timed = list(map(Observation.from_dict, saved.get("timed", ())))
        self._fingerprints: list[list[str]] = list(saved.get("prints", ()))
        self._since: datetime | None = saved.get("since")
        self._last_run: datetime | None = saved.get("polled")
        self._new_stories: list[datetime] = []
        self._backlog: list[datetime] = []
        """When the stories of a first run were published."""
        self._this_run: dict[str, Observation] = {}
        self._deviations: list[Deviation] = []
        if saved and saved.get("rules") != self._declaration_hash:
            self._profile.forget_rules()
            self._recent.clear()
        self._find_deviations()

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            "rules": self._declaration_hash,
            "profile": self._profile.to_dict(),
            "rhythm": self._silence.to_dict(),
            "recent": [story.to_dict() for story in self._recent],
            "timed": [story.to_dict() for story in self._timed],
            "prints": self._fingerprints,
            "since": self._since,
            "polled": self._last_run,
        }

    # -- Stories

    def add_article(self, article: Article, sources: Sequence[str], *, is_new: bool) -> bool:
        """Note a story that was read; tell whether it is one of a template that is broken.

        Args:
            article: as it is to be stored.
            sources: those that have shown it so far.
            is_new: this run has seen it first.
        """
        before = self._last_run
        is_new = is_new and before is not None
        if before and article.first_seen - before > LONG_AGO:
            before = None
        story = observe(article, self._zone, list(sources), before, is_new=is_new)
        others = self._others(story)
        for place, trait in enumerate(REPEATED):
            is_repeated = any(prints[place] == story.prints[place] for prints in others)
            story.traits[trait] = "yes" if is_repeated else "no"
        address = story.prints[-1]
        merged = {lead for lead, *prints in self._fingerprints if prints[-1] == address}
        story.traits[MERGED] = "yes" if len(merged - {story.lead}) >= MIN_MERGED else "no"
        self._fingerprints.append([story.lead, *story.prints])
        del self._fingerprints[:-FINGERPRINTS]
        if self._last_run is None and article.published:
            self._backlog.append(article.published.at)
        if is_new:
            is_dated = article.published and story.traits.get("date") == FITS
            at = article.published.at if article.published and is_dated else article.first_seen
            self._new_stories.append(min(at, article.first_seen))
        story.traits |= self._profile.size_traits(story)
        self._add(story)
        return self._is_broken(story)

    def _others(self, story: Observation) -> list[list[str]]:
        """Return the fingerprints of other stories: one may have two addresses, or three."""
        path, title = path_of(story.lead), story.prints[0]
        others = {lead: prints for lead, *prints in self._fingerprints if lead != story.lead}
        same = {url for url, own in others.items() if own[0] == title and path_of(url) == path}
        few = len(same) < MIN_MERGED
        return [prints for lead, prints in others.items() if not (few and lead in same)]

    def add_failure(self, lead: str, reason: str, sources: Sequence[str]) -> None:
        """Note a story that could not be read."""
        self._add(Observation(lead, {"read": reason}, sources=list(sources)))

    def set_sources(self, lead: str, sources: Sequence[str]) -> None:
        """Note that by now these sources have shown a story."""
        if lead in self._this_run:
            self._this_run[lead].sources = list(sources)

    def _is_broken(self, story: Observation) -> bool:
        """Tell whether its text shows what the last stories together show is broken."""
        wrong = {
            (d.trait, d.value)
            for d in self._deviations
            if d.trait in BROKEN_TEXT_TRAITS or (d.trait, d.value) == ("size words", "short")
        }
        return not wrong.isdisjoint(story.traits.items())

    def _add(self, story: Observation) -> None:
        self._this_run[story.lead] = story
        self._recent.append(story)
        if story.ahead is not None:
            self._timed = [*self._timed, story][-MAX_STORIES:]
        self._find_deviations()
        # What is old enough to be known for good is learnt as usual.
        while len(self._recent) > max(WINDOWS):
            old = self._recent.pop(0)
            if not old.broken:
                self._profile.learn(old)

    def _find_deviations(self) -> None:
        self._deviations = find_deviations(self._profile, self._recent[-max(WINDOWS) :])
        wrong = {(deviation.trait, deviation.value) for deviation in self._deviations}
        for story in self._recent:
            story.broken = story.broken or not wrong.isdisjoint(story.traits.items())

    # -- Runs

    def end_run(
        self, now: datetime, outcomes: Mapping[str, str], *, is_whole: bool = True
    ) -> Drift | None:
        """Close a run; return what is wrong with the outlet, if anything.

        Args:
            now: aware.
            outcomes: those of the sources, by key.
            is_whole: the run has read all its sources as far as there was anything new.
        """
        for story in self._this_run.values():
            if story.is_new:
                for key in self._sources:
                    story.traits[f"shown {key}"] = "yes" if key in story.sources else "no"
        if self._this_run:
            self._find_deviations()
        drift = self._judge(now, outcomes)
        self._since = drift.since if drift else None
        if is_whole:
            self._silence.learn(self._new_stories, now, self._backlog)
            self._last_run = now
        self._this_run, self._new_stories = {}, []
        return drift

    def _judge(self, now: datetime, outcomes: Mapping[str, str]) -> Drift | None:
        own_offset = now.astimezone(self._zone).utcoffset() or timedelta()
        cause = diagnose(self._deviations)
        evidence = [describe(deviation, self._rules) for deviation in self._deviations]
        error = find_offset_error(self._timed, own_offset)
        if cause == "date_format" and not error:  # since only a few stories
            few = min(WINDOWS)
            error = find_offset_error(self._timed[-few:], own_offset, few)
        if error and cause in (None, "date_format"):
            cause, text = "wrong_offset", offset_sentence(error, own_offset)
        elif cause:
            unread = {f"shown {key}" for key in outcomes if outcomes[key] in UNREAD_OUTCOMES}
            if cause == "feed_frozen" and unread & {d.trait for d in self._deviations}:
                cause = "feed_gone"
            text = f"{CAUSES[cause]}: {'; '.join(evidence[:3])}."
        elif not self._new_stories and (missing := self._silence.missing(now)):
            cause = "nothing_published"
            text = (
                f"Nothing new since {self._silence.last_story:%Y-%m-%d %H:%M} UTC: usually "
                f"{missing:.0f} stories come in that time."
            )
        else:
            return None
        return Drift(cause=cause, sentence=text, evidence=evidence, since=self._since or now)

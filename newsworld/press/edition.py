"""`Edition`: a paper's stories over time, found by address, and the channels that show them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Literal

from newsworld import prose
from newsworld.press.papers import AddressVariant, ChannelKind, Form, Paper
from newsworld.prose import StoryText
from newsworld.story import Category, Story

PACE = timedelta(minutes=5)
"""From one story of a paper to its next, after the start of the world."""
FEED_SIZE = 20
NEWS_AGE = timedelta(hours=48)
_MOVED = 0.1
"""Share of a paper's stories that have a new address, where it moves any."""
_GONE = 0.05
_NAMES = 1_000
"""Places and people of a paper's stories, before they are those of the next paper."""


@dataclass(frozen=True)
class PaperStory(Story):
    """A story of the press."""

    outlet: Paper
    is_old: bool = False
    """It was out when the world began: only such have moved since, or gone."""

    @cached_property
    def copy(self) -> StoryText:
        """Text that the reporter filed."""
        name = (self.outlet.number - 1) * _NAMES + self.number + self.seed * 1009
        return prose.write(self.rng("copy"), name, self.local.strftime("%A"))

    @property
    def category(self) -> Category | None:
        """None: the press has no sections."""
        return None

    @property
    def byline(self) -> bool:
        """True: its page always names the author."""
        return True

    @cached_property
    def author(self) -> str:
        """Whom all its channels and its page name."""
        return self.rng("author").choice(self.outlet.authors)

    @cached_property
    def is_moved(self) -> bool:
        """True: it has another address than it had at first."""
        return self.outlet.moved and self.is_old and self.rng("moved").random() < _MOVED

    @cached_property
    def gone(self) -> Literal[404, 410] | None:
        """The status its page answers where it has been taken away."""
        if not (self.outlet.gone and self.is_old and self.rng("gone").random() < _GONE):
            return None
        return self.rng("gone how").choice((404, 410))

    @cached_property
    def path(self) -> str:
        """Path and query of its page."""
        return self._path(self.slug)

    @property
    def former(self) -> str:
        """Path of its page before it moved."""
        return self._path(f"draft-{self.slug}")

    def _path(self, slug: str) -> str:
        forms: dict[Form, str] = {
            "dated": f"/{self.local:%Y/%m/%d}/{slug}",
            "slug": f"/news/{slug}-{self.id}",
            "html": f"/articles/{self.id}/{slug}.html",
            "number": f"/story/{self.id}",
            "query": f"/?p={self.id}",
        }
        return forms[self.outlet.form]

    def address(self, kind: ChannelKind) -> str:
        """Return the address under which a channel shows it."""
        host, path = self.outlet.host, self.path
        if kind == "sitemap" and self.is_moved:
            path = self.former
        forms: dict[AddressVariant | None, str] = {
            None: f"https://{host}{path}",
            "www": f"https://www.{host}{path}",
            "mobile": f"https://m.{host}{path}",
            "amp": f"https://{host}{path}/amp",
            "slash": f"https://{host}{path}/",
            "http": f"http://{host}{path}",
        }
        return forms[self.outlet.twins.get(kind)]

    @property
    def aliases(self) -> list[str]:
        """Other addresses under which its channels show it."""
        shown = {self.address(kind) for kind in self.outlet.channels}
        return sorted(shown - {self.url})

    def truth(self) -> dict[str, object]:
        """`Story.truth`, and ``gone``: the status of a page that is no more, else None."""
        return {**super().truth(), "gone": self.gone}


class Edition:
    """The stories of one paper.

    Before the start of the world there are `archive` of them, spread over `days`; after it one
    comes every `PACE`.
    """

    def __init__(self, seed: int, paper: Paper, start: datetime, days: int, archive: int) -> None:
        self.paper = paper
        self._seed = seed
        self.start = start
        self._archive = archive
        self._step = timedelta(days=days) / max(1, archive)
        self._moments: list[datetime] = []
        self._stories: list[PaperStory] = []
        self._paths: dict[str, PaperStory] = {}
        self._shown: dict[ChannelKind, list[PaperStory]] = {kind: [] for kind in paper.channels}
        # A channel of the truth: from a twentieth to three tenths of the stories are missing.
        self._dropout = {
            kind: self._rng(f"dropout of {kind}").uniform(0.05, 0.3) for kind in paper.channels
        }

    def stories(self, now: datetime) -> list[PaperStory]:
        """Stories published by now, oldest first."""
        while not self._moments or self._moments[-1] <= now:
            self._publish()
        return self._stories[: bisect_right(self._moments, now)]

    def find(self, path: str, now: datetime) -> PaperStory | None:
        """Return the story published by now that has (or had) this path and query."""
        self.stories(now)
        story = self._paths.get(path)
        return story if story and story.published <= now else None

    def shown(self, kind: ChannelKind, now: datetime) -> list[PaperStory]:
        """Return the stories that a channel shows now, on all its pages, newest first."""
        self.stories(now)
        shown = [story for story in self._newest(kind) if story.published <= now]
        if kind == "feed":
            return shown[:FEED_SIZE]
        if kind == "news":
            return [story for story in shown if story.published > now - NEWS_AGE]
        return shown

    def channels(self, now: datetime) -> dict[str, Sequence[Story]]:
        """Return the stories that each channel shows now, by its path."""
        return {path: self.shown(kind, now) for kind, path in self.paper.channels.items()}

    def _newest(self, kind: ChannelKind) -> Iterator[PaperStory]:
        if kind == "rest" and self.paper.rest != "open":
            return iter(())
        return reversed(self._shown[kind])

    def _publish(self) -> None:
        """Write the next story, whenever it comes out."""
        number = len(self._stories)
        early = self._rng(f"{number}:moment").random() * 0.8
        is_old = number < self._archive
        if is_old:
            at = self.start - (self._archive - number - early) * self._step
        else:
            at = self.start + (number - self._archive + 1 - early) * PACE
        story = PaperStory(self._seed, self.paper, number, at.replace(microsecond=0), is_old)
        self._moments.append(story.published)
        self._stories.append(story)
        self._paths[story.path] = story
        if story.is_moved:
            self._paths[story.former] = story
        for kind, share in self._dropout.items():
            if story.rng(f"left out of {kind}").random() >= share:
                self._shown[kind].append(story)

    def _rng(self, purpose: str) -> Random:
        return Random(f"{self._seed}:{self.paper.name}:{purpose}")

"""`World`: the outlets' stories over time, and the clock that reveals them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from newsworld.press.edition import Edition
from newsworld.press.edits import Edit, page_of
from newsworld.press.papers import papers
from newsworld.prompts import Prompt
from newsworld.story import NATIONAL_TIMES, OUTLETS, TICKER, Category, Outlet, Story

NOW = datetime(2024, 12, 1, 12, tzinfo=UTC)
FEED_SIZE = 20
HEADLINES_SIZE = 30
"""Links on National Times' home page."""
NEWS_AGE = timedelta(hours=48)
"""A Google News sitemap holds articles of the last two days."""


class World:
    """A local web whose every byte follows from its arguments and the clock.

    :param now: aware; where the clock stands at first. It moves only by `advance`.
    :param days: how far back the oldest stories go.
    :param per_day: about how many stories the two large outlets publish a day; the small
        one publishes three a week.
    :param press: how many generated outlets there are besides (`newsworld.press`).
    :param press_stories: how many stories each of those has at first.
    """

    def __init__(
        self,
        seed: int = 7,
        now: datetime = NOW,
        days: int = 28,
        per_day: int = 8,
        *,
        press: int = 0,
        press_stories: int = 500,
    ) -> None:
        if now.tzinfo is None:
            raise ValueError("now must be aware of its zone")
        if days < 1 or per_day < 1:
            raise ValueError("days and per_day must be at least 1")
        if press < 0 or press_stories < 0:
            raise ValueError("press and press_stories must be at least 0")
        self.seed = seed
        self.start = now.astimezone(UTC).replace(microsecond=0)
        self.clock = self.start
        self.days = days
        self.per_day = per_day
        self.prompts: list[Prompt] = []
        """Boilerplate in stories; no part of their truth."""
        self.edits: list[Edit] = []
        """Changes of stories of the press after they are out."""
        self._stories: dict[str, list[Story]] = {outlet.name: [] for outlet in OUTLETS}
        first = (self.start - timedelta(days=days)).date()
        self._next_day: dict[str, date] = {outlet.name: first for outlet in OUTLETS}
        self.press: dict[str, Edition] = {
            paper.host: Edition(seed, paper, self.start, days, press_stories)
            for paper in papers(press)
        }
        """The generated outlets by host."""

    def advance(self, to: datetime) -> None:
        """Move the clock forward to an aware instant; ValueError if it lies in the past."""
        if to.tzinfo is None or to < self.clock:
            raise ValueError(f"the clock only moves forward from {self.clock.isoformat()}")
        self.clock = to.astimezone(UTC).replace(microsecond=0)

    def stories(self, outlet: Outlet) -> list[Story]:
        """Return the outlet's stories published by now, oldest first; `number` is the position."""
        if edition := self.press.get(outlet.host):
            return list(edition.stories(self.clock))
        stories = self._stories[outlet.name]
        while self._next_day[outlet.name] <= self.clock.astimezone(outlet.zone).date():
            day = self._next_day[outlet.name]
            for published in self._schedule(outlet, day):
                stories.append(Story(self.seed, outlet, len(stories), published))
            self._next_day[outlet.name] = day + timedelta(days=1)
        return [story for story in stories if story.published <= self.clock]

    def latest(self, outlet: Outlet, category: Category | None = None) -> list[Story]:
        """Return the stories of a category (or all), newest first."""
        return [
            story
            for story in reversed(self.stories(outlet))
            if category is None or category in story.categories
        ]

    def posts(self, outlet: Outlet) -> list[Story]:
        """Return the stories that its REST API shows, newest first."""
        if edition := self.press.get(outlet.host):
            return list(edition.shown("rest", self.clock))
        return self.latest(outlet)

    def news(self, outlet: Outlet) -> list[Story]:
        """Return the stories of the last 48 hours, newest first."""
        return [s for s in self.latest(outlet) if s.published > self.clock - NEWS_AGE]

    def earlier(self, story: Story, count: int, skip: int = 0) -> list[Story]:
        """Stories for a box on `story`'s page, fixed when it appears: those before it.

        On the oldest pages, where there are none, the first ones of the world stand in.
        """
        known = self._stories[story.outlet.name]
        before = known[max(0, story.number - skip - count) : max(0, story.number - skip)]
        if len(before) < count:
            until = max(self.start, story.published)
            before = [s for s in known[: count + 1] if s != story and s.published <= until][:count]
        return before[::-1]

    def following(self, story: Story) -> Story | None:
        """Return the outlet's next story, once it is out."""
        stories = self.stories(story.outlet)
        return stories[story.number + 1] if story.number + 1 < len(stories) else None

    def channels(self, outlet: Outlet) -> dict[str, Sequence[Story]]:
        """Return the stories that each source of the outlet shows now, by its path and query."""
        if edition := self.press.get(outlet.host):
            return edition.channels(self.clock)
        latest = self.latest(outlet)
        if outlet is TICKER:
            return {"/": latest, "/feed": latest[:FEED_SIZE]}
        if outlet is NATIONAL_TIMES:
            return {
                "/eng/": latest[:HEADLINES_SIZE],
                "/eng/?cat=3": latest,
                "/eng/?feed=rss2": latest[:FEED_SIZE],
                "/eng/?rest_route=/wp/v2/posts": latest,
                "/eng/?sitemap=index": latest,
            }
        channels: dict[str, Sequence[Story]] = {
            "/feed": latest[:FEED_SIZE],
            "/wp-json/wp/v2/posts": latest,
            "/wp-sitemap.xml": latest,
            "/sitemap.xml.gz": latest,
            "/sitemap-news.xml": self.news(outlet),
        }
        for category in outlet.categories:
            listed = self.latest(outlet, category)
            channels[f"/category/{category.slug}"] = listed
            channels[f"/category/{category.slug}/feed"] = listed[:FEED_SIZE]
        return channels

    def truth(self) -> list[dict[str, object]]:
        """`Story.truth` of all published by now, with `channels`: the sources that show it."""
        truths = []
        for outlet in (*OUTLETS, *(edition.paper for edition in self.press.values())):
            shown = {
                channel: {story.number for story in stories}
                for channel, stories in self.channels(outlet).items()
            }
            for story in self.stories(outlet):
                channels = [
                    channel for channel, numbers in shown.items() if story.number in numbers
                ]
                truths.append({**story.truth(), "channels": channels})
        return truths

    def edited(self) -> list[dict[str, object]]:
        """Return the edits made by now, in order, with their stories' `title` and `body` since."""
        stories = {
            story.url: story
            for edition in self.press.values()
            for story in edition.stories(self.clock)
        }
        made = sorted((edit for edit in self.edits if edit.at <= self.clock), key=lambda e: e.at)
        told: list[dict[str, object]] = []
        for edit in made:
            page = page_of(stories[edit.url], made, edit.at)
            told.append(
                {
                    "url": edit.url,
                    "at": edit.at.isoformat(),
                    "kind": edit.kind,
                    "title": page.title,
                    "body": page.body,
                }
            )
        return told

    def _schedule(self, outlet: Outlet, day: date) -> list[datetime]:
        """Return the instants (UTC, in order) at which an outlet publishes on a day of its own."""
        rng = Random(f"{self.seed}:{outlet.name}:{day.isoformat()}")
        midnight = datetime(day.year, day.month, day.day, tzinfo=outlet.zone)
        if outlet is TICKER:
            if day.weekday() not in (0, 2, 4):
                return []
            return [(midnight + timedelta(minutes=rng.randrange(360, 1260))).astimezone(UTC)]
        count = max(1, self.per_day + rng.choice((-2, -1, 0, 0, 1, 2)))
        seconds = sorted(rng.sample(range(6 * 3600, 23 * 3600), count))
        return [(midnight + timedelta(seconds=second)).astimezone(UTC) for second in seconds]

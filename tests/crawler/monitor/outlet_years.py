"""Years of sources as their polls show them: what a run document says of each, poll by poll."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random
from typing import Any

from crawler.monitor.findings import learn_usual, too_few_leads

START = datetime(2025, 1, 6, tzinfo=UTC)
EVERY = timedelta(hours=2)
HOLIDAYS = ("01-01", "04-18", "04-21", "05-01", "08-15", "12-24", "12-25", "12-26", "12-31")
LEAD = "lead"
"""What an entry is that is passed over for no reason."""

Counts = Counter[str]
"""Entries by what they are: `LEAD`, or why they make none."""


@dataclass(frozen=True)
class Stream:
    """Entries of one kind, as they come out."""

    per_day: float
    weekend: float = 1.0
    holiday: float = 1.0
    campaign: float = 1.0
    """How many times as many come in one week of ten."""


@dataclass
class SourceYear:
    """One source of a healthy outlet.

    Args:
        kind: as of its key.
        streams: what it shows of each kind.
        newest: how many of the latest entries it shows.
        hours: how far back it reaches.
        fixed: what it shows always, as the navigation of a page.
        changed_only: it is asked for what changed since the last poll, once it was read in full.
        burst: what a day in a hundred changes beside: pages of tags, or all pages.
    """

    kind: str
    streams: Mapping[str, Stream]
    newest: int = 10**6
    hours: float = 10**6
    fixed: Mapping[str, int] = field(default_factory=dict)
    changed_only: bool = False
    burst: int = 0

    def polls(self, rng: Random, days: int) -> Iterator[dict[str, Any]]:
        """Yield what each poll shows; where nothing came out, the server says so instead (304)."""
        shown: deque[tuple[datetime, str]] = deque(maxlen=min(self.newest, 6_000))
        now = START - timedelta(days=30)
        known: dict[str, Any] = {}
        while now < START + timedelta(days=days):
            now += EVERY
            new = Counter({kind: poisson(rng, self._rate(kind, now)) for kind in self.streams})
            fresh = [kind for kind, count in new.items() for _ in range(count)]
            rng.shuffle(fresh)
            shown.extend((now, kind) for kind in fresh)
            if now < START or (known and not fresh and rng.random() < 0.8):
                continue
            if self.changed_only and known:
                counts = new + Counter(older=len(shown))
                if rng.random() < 0.01:
                    counts["not_a_story"] += self.burst
            else:
                since = now - timedelta(hours=min(self.hours, 10_000))
                counts = Counter(kind for at, kind in shown if at >= since) + Counter(self.fixed)
            yield (known := self.part(counts, floor=now if self.changed_only and known else None))

    def _rate(self, kind: str, now: datetime) -> float:
        stream = self.streams[kind]
        rate = stream.per_day * (EVERY / timedelta(days=1))
        rate *= stream.weekend if now.weekday() >= 5 else 1
        rate *= stream.campaign if now.isocalendar().week % 10 == 3 else 1
        return rate * (stream.holiday if f"{now:%m-%d}" in HOLIDAYS else 1)

    def part(self, counts: Counts, floor: datetime | None = None) -> dict[str, Any]:
        """Return what the run document says of a poll."""
        passed_over = {kind: count for kind, count in counts.items() if kind != LEAD and count}
        return {
            "key": f"{self.kind}:/source",
            "outcome": "read",
            "reason": None,
            "requests": 1,
            "entries": counts.total(),
            "leads": counts[LEAD],
            "passed_over": passed_over,
            "examples": {reason: f"https://outlet.example/{reason}" for reason in passed_over},
            "floor": floor,
        }


class Watch:
    """What is remembered of a source from poll to poll, as `crawler.run.poll.Poll` does."""

    def __init__(self) -> None:
        self.usual: dict[str, float] | None = {}

    def see(self, part: dict[str, Any]) -> str | None:
        """Return the finding on a poll, if it is one."""
        part["usual"] = self.usual
        if not part["floor"] and part["leads"]:  # without any, the source is `empty`
            self.usual = learn_usual(part)
        return too_few_leads(part)


def poisson(rng: Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    bound, count, product = exp(-mean), 0, rng.random()
    while product > bound:
        count += 1
        product *= rng.random()
    return count


def _stories(rng: Random) -> Stream:
    """The small ones close on holidays, and some at weekends; the large ones never do."""
    per_day = 2 ** rng.uniform(1, 6)
    is_small = per_day < 15
    return Stream(
        per_day,
        weekend=rng.choice((0.0, 0.2, 0.5, 1.0)) if is_small else rng.uniform(0.4, 1),
        holiday=rng.choice((0.0, 0.2, 0.5)) if is_small else rng.uniform(0.3, 0.8),
    )


def _beside(stories: Stream, share: float, campaign: float = 1.0) -> Stream:
    """Other entries, as a share of all on usual days; they come on free days, too."""
    return Stream(stories.per_day * share / (1 - share), 0.7, 0.5, campaign)


def feed(rng: Random) -> SourceYear:
    """Stories, a few podcasts, and now and then a week of adverts."""
    stories = _stories(rng)
    streams = {LEAD: stories, "not_a_story": _beside(stories, rng.uniform(0, 0.3))}
    streams["other_host"] = _beside(stories, rng.uniform(0.01, 0.1), campaign=5)
    streams["no_address"] = _beside(stories, rng.uniform(0, 0.05))
    return SourceYear("feed", streams, newest=rng.choice((5, 10, 20, 30, 50, 100)))


def feed_of_a_house(rng: Random) -> SourceYear:
    """One feed of several papers: most entries are another's."""
    stories = _stories(rng)
    streams = {LEAD: stories, "other_host": _beside(stories, rng.uniform(0.5, 0.75))}
    return SourceYear("feed", streams, newest=rng.choice((50, 100)))


def feed_by_sections(rng: Random) -> SourceYear:
    """Each story stands in it once for each of its sections."""
    stories = _stories(rng)
    streams = {LEAD: stories, "repeated": Stream(stories.per_day * rng.uniform(0.3, 2), 0.8, 0.8)}
    return SourceYear("feed", streams, newest=rng.choice((30, 60)))


def news_sitemap(rng: Random) -> SourceYear:
    """The last two days: on holidays next to nothing, or nothing."""
    stories = _stories(rng)
    streams = {LEAD: stories, "not_a_story": _beside(stories, rng.uniform(0, 0.3))}
    return SourceYear("news-sitemap", streams, hours=48, newest=1_000)


def sitemap(rng: Random) -> SourceYear:
    """All pages of a site: nine in ten are none; tags change by the hundred."""
    stories = Stream(2 ** rng.uniform(0, 5), rng.choice((0.0, 0.5, 1.0)), 0.2)
    streams = {LEAD: stories, "not_a_story": _beside(stories, rng.uniform(0.3, 0.95))}
    fixed = {"not_a_story": rng.randrange(3_000), "beyond_newest": 4_000}
    burst = rng.choice((30, 300, 3_000))
    return SourceYear("sitemap", streams, 500, fixed=fixed, changed_only=True, burst=burst)


def sitemap_of_languages(rng: Random) -> SourceYear:
    """Each story in several languages, most of them on hosts of their own."""
    stories = Stream(2 ** rng.uniform(0, 4), 0.5, 0.2)
    streams = {LEAD: stories, "other_host": Stream(stories.per_day * 4, 0.5, 0.5)}
    return SourceYear("sitemap", streams, 500, changed_only=True)


def sitemap_without_dates(rng: Random) -> SourceYear:
    """The same five hundred addresses, whatever changed."""
    stories = Stream(2 ** rng.uniform(0, 4), 0.5, 0.2)
    streams = {LEAD: stories, "not_a_story": _beside(stories, rng.uniform(0.1, 0.9))}
    return SourceYear("sitemap", streams, newest=500)


def front_page(rng: Random) -> SourceYear:
    """Some stories among all the links of a page."""
    stories = _stories(rng)
    fixed = {"not_a_story": rng.randrange(20, 400), "other_host": rng.randrange(5, 30)}
    return SourceYear("listing", {LEAD: stories}, newest=rng.choice((12, 30, 80)), fixed=fixed)


def section_page(rng: Random) -> SourceYear:
    """The stories of one section in two weeks: sometimes one, or none at all."""
    fixed = {"not_a_story": rng.randrange(60, 300)}
    return SourceYear("listing", {LEAD: Stream(rng.uniform(0.1, 2))}, hours=336, fixed=fixed)


def posts(rng: Random) -> SourceYear:
    """The last hundred posts, some of them of a shop or a calendar."""
    stories = _stories(rng)
    streams = {LEAD: stories, "not_a_story": _beside(stories, rng.uniform(0, 0.4))}
    return SourceYear("wordpress", streams, newest=100)


HEALTHY: tuple[Callable[[Random], SourceYear], ...] = (
    feed, feed_of_a_house, feed_by_sections, news_sitemap, sitemap, sitemap_of_languages,
    sitemap_without_dates, front_page, section_page, posts,
)  # fmt: skip

"""Healthy years of outlets: real readings of newsworld's stories, coming as they come in a year."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.health.outlets import TestedOutlet, subjects, world
from crawler.article import Article
from crawler.monitor.drift.detector import Drift, DriftDetector

START = datetime(2025, 1, 6, tzinfo=UTC)
POLLS = timedelta(hours=2)
READ = 60
"""Stories of each outlet that are read; they come again and again, each as another."""
HOLIDAYS = ("01-01", "04-18", "04-21", "05-01", "05-26", "08-25", "11-27", "12-24", "12-25",
            "12-26", "12-31")  # fmt: skip
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Habits:
    """An outlet's pace through the year."""

    per_day: float
    weekend: float
    """Share of the usual number of stories."""
    holiday: float
    first: int
    last: int
    """Hours of its day, by its own clock."""
    summer: float
    """Share of the usual number, in three weeks of August."""

    def rate(self, local: datetime) -> float:
        """Stories an hour."""
        if not self.first <= local.hour < self.last:
            return 0.03 * self.per_day / 24
        rate = self.per_day / (self.last - self.first)
        if local.weekday() >= 5:
            rate *= self.weekend
        if f"{local:%m-%d}" in HOLIDAYS:
            rate *= self.holiday
        if date(local.year, 8, 4) <= local.date() < date(local.year, 8, 25):
            rate *= self.summer
        return rate


def habits(rng: Random) -> Habits:
    """Choose an outlet's habits: the small ones close on holidays, the large ones never do."""
    per_day = 2 ** rng.uniform(1, 5)
    return Habits(
        per_day=per_day,
        weekend=rng.choice((0.0, 0.2, 0.5, 0.8, 1.0)) if per_day < 15 else rng.uniform(0.4, 1),
        holiday=rng.choice((0.0, 0.2, 0.5)) if per_day < 15 else rng.uniform(0.3, 0.8),
        first=rng.randrange(5, 9),
        last=rng.randrange(19, 24),
        summer=rng.uniform(0.5, 1),
    )


def year(subject: TestedOutlet, articles: Sequence[Article], rng: Random) -> Iterator[Drift]:
    """Yield each false alarm of an outlet's healthy year, once."""
    own, zone = habits(rng), subject.outlet.zone
    detector = DriftDetector(subject.rules, subject.sources, zone)
    outcomes = dict.fromkeys(subject.sources, "read")
    now, number, was = START, 0, None
    bunch = 0
    while now < START + 365 * _DAY:
        then, now = now, now + POLLS
        hours = POLLS / timedelta(hours=1)
        for _ in range(_poisson(rng, own.rate(now.astimezone(zone)) * hours)):
            number += 1
            bunch = rng.randrange(2, 4) if rng.random() < 0.02 else bunch - 1
            story = _another(rng, rng.choice(articles), number, then, now, zone, agency=bunch > 0)
            shown = [key for key in subject.sources if rng.random() < 0.9] or subject.sources[:1]
            detector.add_article(story, list(shown), is_new=True)
        if rng.random() < 0.005:  # a page that is not there yet
            number += 1
            detector.add_failure(
                f"https://missing.example/{number}", "http_404", list(subject.sources)
            )
        health = detector.end_run(now, outcomes)
        if health and not was:
            yield health
        was = health


def _another(
    rng: Random,
    article: Article,
    number: int,
    then: datetime,
    now: datetime,
    zone: ZoneInfo,
    *,
    agency: bool,
) -> Article:
    """Make a story like one that was read, out between two instants; or dated back by hours."""
    at = then + rng.random() * (now - then)
    if rng.random() < 0.05:
        at -= timedelta(hours=rng.uniform(1, 40))
    told = article.published
    if told:
        offset = f"{at.astimezone(zone):%z}"
        told = replace(told, at=at, offset=f"{offset[:3]}:{offset[3:]}")
    story = replace(
        article,
        lead=f"{article.lead}#{number}",
        url=f"{article.url}#{number}",
        title=f"{article.title} {number}",
        fingerprint=f"{number:012}".ljust(64, "0"),
        first_seen=now,
        fetched=now,
        published=told,
        word_count=int(article.word_count * rng.uniform(0.8, 1.25)),
        origins=dict(article.origins),
    )
    if agency:
        story.origins.pop("authors", None)
    return story


def _poisson(rng: Random, mean: float) -> int:
    """Draw a number of events (Knuth, The Art of Computer Programming, 3.4.1)."""
    count, product = 0, rng.random()
    while product > 2.718281828459045**-mean:
        count += 1
        product *= rng.random()
    return count


def false_alarms(count: int, seed: int) -> int:
    """Print the alarms of so many healthy years; return the most of any."""
    own = subjects(world(seed + 1_000))
    readings: dict[TestedOutlet, list[Article]] = {}
    alarms: list[int] = []
    causes: Counter[str] = Counter()
    for number in range(count):
        subject = own[number % len(own)]
        if subject not in readings:
            read = (subject.read(story, story.published) for story in subject.stories[:READ])
            readings[subject] = [found for found in read if isinstance(found, Article)]
        found = list(year(subject, readings[subject], Random(f"{seed}:year:{number}")))
        alarms.append(len(found))
        for health in found:
            print(f"  year {number}, {health.since:%d %b}: {health.sentence}", file=sys.stderr)
        causes.update(health.cause for health in found)
    told = ", ".join(f"{cause} {n}" for cause, n in causes.items()) or "none"
    most = max(alarms)
    print(f"{count} healthy years: {sum(alarms)} false alarms ({told}), at most {most} a year.")
    return most

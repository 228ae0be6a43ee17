"""Stories of an outlet that never was, as many as a test wants, and the runs that meet them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crawler.article import Article
from crawler.monitor.drift.detector import Drift, DriftDetector
from crawler.outlet import Selectors
from tests.pipelines.helpers import stamp

RULES = Selectors(title="h1.headline", body=".copy", authors=".by", published="time")
SOURCES = ("feed:/feed", "listing:/")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ORIGINS = dict.fromkeys(("title", "authors", "published", "body"), "selector")


def story(number: int, seen: datetime, **changes: Any) -> Article:
    """A story that came out twenty minutes before it was seen."""
    values: dict[str, Any] = {
        "outlet": "news",
        "url": f"https://news.example/{number}",
        "lead": f"https://news.example/{number}",
        "title": f"Ports reopen after storm {number}",
        "authors": ["Ida Marlowe"],
        "body": "The ports are open again.\n\nShips are sailing.",
        "structure": ["p", "p"],
        "published": stamp(seen - timedelta(minutes=20)),
        "word_count": 300 + number * 37 % 200,
        "fingerprint": f"{number:012x}".ljust(64, "0"),
        "fetched": seen,
        "first_seen": seen,
        "origins": dict(ORIGINS),
    }
    return Article(**(values | changes))


class Outlet:
    """An outlet under watch: one story an hour, one run an hour, each by a watch of its own."""

    def __init__(self, rules: Selectors = RULES, zone: str = "UTC") -> None:
        self.rules, self.zone = rules, ZoneInfo(zone)
        self.state: dict[str, Any] | None = None
        self.now, self.number = START, 0
        self.broken: list[bool] = []
        """Of each story, whether it was taken for one of a broken template."""

    def run(
        self, count: int = 1, sources: Sequence[str] = SOURCES, failing: str = "", **changes: Any
    ) -> Drift | None:
        """A run that meets so many new stories with these values, or fails to read them."""
        self.now += HOUR
        detector = DriftDetector(self.rules, SOURCES, self.zone, self.state)
        for _ in range(count):
            self.number += 1
            if failing:
                detector.add_failure(f"https://news.example/{self.number}", failing, sources)
                continue
            article = story(self.number, self.now, **changes)
            self.broken.append(detector.add_article(article, sources, is_new=True))
        found = detector.end_run(self.now, dict.fromkeys(SOURCES, "read"))
        self.state = detector.to_dict()
        return found

    def runs(self, times: int, count: int = 1, **changes: Any) -> list[Drift | None]:
        """So many runs."""
        return [self.run(count, **changes) for _ in range(times)]

"""Outlets of newsworld under watch: their stories are read, and their runs judged, for real."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.exceptions import DropItem
from scrapy.utils.project import get_project_settings

from crawler.article import Article
from crawler.errors import ParseFailure
from crawler.extract.page import FetchedPage, read_page
from crawler.lead import Lead
from crawler.monitor.drift.detector import DriftDetector
from crawler.monitor.verdict import Verdict, judge
from crawler.outlet import ExtractionConfig, Selectors
from crawler.outlets.loader import OutletLoader
from crawler.run.pipeline import build_pipelines
from newsworld.breakage import Breakage
from newsworld.messages import SiteRequest, SiteResponse
from newsworld.server import site_of
from newsworld.story import ASIANLITE, NATIONAL_TIMES, Outlet, Story
from newsworld.world import World

POLLS = timedelta(hours=1)
RULES = Selectors(
    title="article h1", body=".copy > p", authors=".byline a", published=".byline time"
)
"""Rules that somebody would declare for the press."""
PER_DAY = 10
DAYS = 21
SHOWN = 0.9
"""Share of stories that each source shows."""


def world(seed: int) -> World:
    """Make a world of some twenty outlets with some 200 stories each, over three weeks."""
    now = datetime(2024, 12, 1, 12, tzinfo=UTC)
    return World(seed, now, DAYS, PER_DAY, press=20, press_stories=PER_DAY * DAYS)


SourceEnd = tuple[str, str | None]
"""A source's outcome, and why."""


@dataclass(frozen=True, eq=False)
class TestedOutlet:
    """An outlet of a world, with the rules by which it is read."""

    world: World
    outlet: Outlet
    rules: Selectors
    sources: tuple[str, ...]

    @cached_property
    def stories(self) -> list[Story]:
        """Stories, oldest first."""
        return self.world.stories(self.outlet)

    @cached_property
    def reading(self) -> ExtractionConfig:
        """Configuration that a worker gets."""
        return ExtractionConfig(
            outlet=self.outlet.name,
            title=self.outlet.title,
            home=self.outlet.home,
            languages=("en",),
            timezone=self.outlet.zone.key,
            selectors=self.rules,
        )

    @cached_property
    def pipelines(self) -> list[Any]:
        """The pipelines that need no run."""
        declared = {"name": self.outlet.name, "page": self.rules}
        return build_pipelines(type("Declared", (Spider,), declared), get_project_settings())

    def page(self, story: Story, breakage: Breakage | None = None) -> SiteResponse:
        """Return the story's page."""
        parts = urlsplit(story.url)
        ask = SiteRequest(f"{parts.scheme}://{parts.netloc}", story.path)
        site = site_of(self.world, parts.netloc)
        assert site
        found = site(self.world, ask)
        assert found
        return breakage.story(found, story) if breakage else found

    def read(self, story: Story, seen: datetime, breakage: Breakage | None = None) -> Article | str:
        """Read a story's page; return its article, or why it makes none."""
        answer = self.page(story, breakage)
        if answer.status != 200:
            return f"http_{answer.status}"
        page = FetchedPage(story.url, answer.body, "utf-8", seen)
        lead = Lead(
            url=story.url,
            origin="feed",
            title=story.title,
            published=story.local.isoformat(),
            authors=(story.author,),
        )
        try:
            article = read_page(page, self.reading, lead)
            for pipeline in self.pipelines:
                article = pipeline.process_item(article)
        except (ParseFailure, DropItem) as reason:
            return str(reason)
        article.lead, article.first_seen = story.url, seen
        return article


def subjects(of: World) -> list[TestedOutlet]:
    """Return all outlets of a world; every fourth paper has no other source than its feed."""
    declared = OutletLoader.from_settings(get_project_settings())
    found = []
    for outlet in (ASIANLITE, NATIONAL_TIMES):
        rules: Selectors = declared.load(outlet.name).page  # type: ignore[attr-defined]
        found.append(TestedOutlet(of, outlet, rules, ("feed:/feed", "wordpress:/", "listing:/")))
    for edition in of.press.values():
        count = 1 if edition.paper.number % 4 == 0 else 2
        found.append(
            TestedOutlet(of, edition.paper, RULES, ("feed:/feed", "sitemap:/map.xml")[:count])
        )
    return found


class OutletRuns:
    """The runs of one outlet, hour by hour, each by a watch that knows what the last one saved."""

    def __init__(self, subject: TestedOutlet, state: dict[str, Any] | None = None) -> None:
        self.subject = subject
        self.state = state

    def run(
        self,
        now: datetime,
        stories: Sequence[Story],
        breakage: Breakage | None = None,
        articles: dict[str, Article | str] | None = None,
    ) -> Verdict:
        """Run once, at an instant that finds these stories new; return the verdict."""
        subject = self.subject
        outcomes: dict[str, SourceEnd] = {}
        outcomes |= dict.fromkeys(subject.sources, ("unchanged", None))
        if breakage:
            outcomes.update(_outcomes(breakage, subject.sources))
        open_sources = [key for key, (outcome, _) in outcomes.items() if outcome != "failed"]
        if breakage and breakage.kind == "feed_frozen":
            open_sources = [key for key in open_sources if not key.startswith("feed")]
        detector = DriftDetector(subject.rules, subject.sources, subject.outlet.zone, self.state)
        account: dict[str, Any] = {"stored": 0, "unchanged": {"known": 20}, "rejected": {},
                                   "failed": {}, "pending": 0}  # fmt: skip
        for story in stories:
            shown = [key for key in open_sources if _shows(key, story)]
            if not shown:
                continue
            article = (articles or {}).get(story.url) or subject.read(story, now, breakage)
            if isinstance(article, str):
                detector.add_failure(story.url, article, shown)
                fate = "failed" if article.startswith("http") else "rejected"
                account[fate][article] = account[fate].get(article, 0) + 1
            elif detector.add_article(replace(article, first_seen=now), shown, is_new=True):
                account["rejected"]["broken_template"] = (
                    account["rejected"].get("broken_template", 0) + 1
                )
            else:
                account["stored"] += 1
        told = {key: outcome for key, (outcome, _) in outcomes.items()}
        health = detector.end_run(now, told, is_whole="unchanged" in told.values())
        self.state = detector.to_dict()
        document = {
            "account": account,
            "sources": [
                {"key": key, "outcome": outcome, "reason": reason, "requests": 1}
                for key, (outcome, reason) in outcomes.items()
            ],
            "errors": {},
            "health": {"cause": health.cause, "sentence": health.sentence} if health else None,
        }
        return judge("finished", document)


def _outcomes(breakage: Breakage, sources: Sequence[str]) -> dict[str, SourceEnd]:
    """Return the outcomes of the sources that a breakage affects."""
    rng = Random(f"{breakage.seed}:outcome")
    match breakage.kind:
        case "blocked":
            return dict.fromkeys(sources, ("failed", "http_403"))
        case "site_down":
            reason = rng.choice(("http_503", "timeout", "dns", "http_500"))
            return dict.fromkeys(sources, ("failed", reason))
        case "feed_gone":
            reason = rng.choice(("http_404", "http_410", "not_a_feed"))
            return {key: ("failed", reason) for key in sources if key.startswith("feed")}
    return {}


def _shows(source: str, story: Story) -> bool:
    return story.rng(f"shown by {source}").random() < SHOWN

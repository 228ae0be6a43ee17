"""Newsworld's bad habits: all that an outlet shows is stored as it is, or the run says why not.

`make soak` tries each habit alone, with several seeds, many at a time, and many under kills.
"""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from newsworld.client import Client, running
from newsworld.habits import pages
from newsworld.habits.habit import CHANGES, KINDS
from newsworld.habits.outlets import new_host
from newsworld.press.papers import Paper
from tests.comparator import Comparator, age
from tests.declared.habits import PARTS
from tests.declared.press import PAPERS
from tests.desk import Desk

DECLARED = ("-s", "SPIDER_MODULES=tests.declared", "-s", "REVISITS=True")
STEP = timedelta(minutes=15)
"""By the world's clock, from a round to the next: a few stories come out."""
AGES = (timedelta(minutes=20), timedelta(hours=5), timedelta(hours=30))
"""Between rounds, for Dateline: a little, longer than a lie is believed, and until all is due."""
HALF_A_DAY, MOST_ROUNDS = timedelta(hours=13), 6
"""What is doubted is looked at again so often, after so long, before it is believed."""
SPELLS = {*pages.LESS, *pages.SOME, "maintenance", "maintenance_json"}
"""Habits of which an outlet is cured before the last round."""
UNTOLD = {"story_teaser", "story_older_date", "story_other"}
"""Who has never seen the story itself cannot tell that this is not it."""
PARTIAL = {"sitemap_cut", "feed_cut"}
"""Nobody can know all that the channel would have shown."""
PAST = {"sitemap_lastmod_past"}
"""By the dates that are stated, there are no stories of our time."""
OLD = {"sitemap_large", "feed_large"}
"""Most entries are of stories before our time."""
NAMED = {"story_other": ("dated", "slug", "html"), "story_older_date": ("dated",)}
"""Forms of addresses that tell another story, or its day, from the page that stands there: else
nobody looks again at a page that was like this from the start. Nor do runs with bounds (`OLD`)."""
SEEDS, MIXES, KILLED = 4, 40, 10
"""In the long form; besides, so many mixes are killed `KILLS` times each."""
KILLS = 5
MIXED = ("paper_01", "paper_06", "paper_07", "paper_12", "paper_15")
"""Outlets that have many channels, and none that is closed."""
Cell = tuple[tuple[str, ...], str, int]
"""What is wrong with which outlet, and a seed."""
SHORT: Cell = (
    ("sitemap_pictures", "feed_adverts", "listing_large", "rest_capped_link",
     "canonical_undefined", "cut_length", "etag_odd"),
    "paper_01",
    0,
)  # fmt: skip
"""What each run of the suite tries, killed once."""
Before = Callable[[tuple[str, ...], dict[str, str]], None]
"""Called before each round, with the words and the environment of its crawl."""


def alone(kind: str, seed: int) -> Cell:
    """One habit, of an outlet that has nothing but what it shows in."""
    parts = PARTS.get(CHANGES[kind][0], PARTS["story"])
    return (kind,), parts[seed % len(parts)].name, seed


def mixed(seed: int) -> Cell:
    """A habit of each family, of an outlet with several channels."""
    rng = Random(f"mix {seed}")
    families = [{*KINDS[name]} for name in ("sitemap", "feed", "listing", "rest")]
    families += [{*pages.CANONICALS}, {*pages.EARLY}, {*pages.LESS, *pages.SOME}]
    families += [{*KINDS["any"]} - {"moved"}]
    return tuple(rng.choice(sorted(family)) for family in families), rng.choice(MIXED), seed


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    cells = [(SHORT, 1)]
    if metafunc.config.getoption("soak"):
        cells += [(alone(kind, seed), 0) for kind in CHANGES for seed in range(SEEDS)]
        cells += [(mixed(seed), 0) for seed in range(MIXES)]
        cells += [(mixed(MIXES + seed), KILLS) for seed in range(KILLED)]
    ids = [f"{'+'.join(kinds)}-{seed}-{kills}" for (kinds, _, seed), kills in cells]
    metafunc.parametrize(("cell", "kills"), cells, ids=ids)


@pytest.fixture
def papers() -> Iterator[Client]:
    """The press, an hour behind the clock on the wall."""
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    with running(press=20, press_stories=30, days=14, per_day=1, now=now) as world:
        yield world


def live(desk: Desk, world: Client, cell: Cell, before: Before) -> Comparator:
    """Four rounds: stories come out in the first three, and all is due in the last.

    As long as a page is doubted there are more.

    What comes and goes, or moves, does so when the archive is stored.
    """
    kinds, outlet, seed = cell
    paper, start = PAPERS[outlet[:8]], world.clock()
    begin, end = ((start + rounds * STEP).isoformat() for rounds in (0.5, 2.5))
    world.habits([
        {"host": paper.host, "kind": kind, "seed": seed,
         "since": begin if kind in SPELLS or kind == "moved" else "",
         "until": end if kind in SPELLS else ""}
        for kind in kinds
    ])  # fmt: skip
    told = {
        "is_told": not UNTOLD & {*kinds},
        "is_noticed": not (
            OLD & {*kinds} or any(paper.form not in NAMED[kind] for kind in NAMED if kind in kinds)
        ),
        "is_removed": kinds == ("story_removed",),
    }
    found = Comparator(desk, world, outlet, paper, **told)
    environment = {"DATELINE_GATEWAY": world.url}
    bounds = ("-a", f"since={start - timedelta(days=15):%Y-%m-%d}")

    def is_bounded(at: int) -> bool:
        return (at == 0 and not PAST & {*kinds}) or bool(OLD & {*kinds})

    for at in range(4):
        words = (*DECLARED, *(bounds if is_bounded(at) else ()))
        if at:
            world.set_clock(start + at * STEP)
            age(desk, AGES[at - 1])
        if at == 3 and "moved" in kinds:
            homes = {paper.name: f"https://{new_host(paper.host)}/"}
            environment["CHANGED_HOMES"] = json.dumps(homes)
        before(words, environment)
        found.run(*words, paths=shown(paper, cell) if at == 3 else None, **environment)
    while found.rounds[-1].lost and len(found.rounds) < MOST_ROUNDS:
        age(desk, HALF_A_DAY)
        found.run(*words, paths=shown(paper, cell), **environment)
    return found


def shown(paper: Paper, cell: Cell) -> list[str]:
    """Channels of the outlet that show all that the truth says they do."""
    kinds, outlet, _ = cell
    _, _, parts = outlet.partition("_by_")
    cut = {kind.partition("_")[0] for kind in PARTIAL & {*kinds}}
    return [path for kind, path in paper.channels.items()
            if (not parts or kind in parts) and kind not in cut]  # fmt: skip


class Killer:
    """Kills crawls before they come to their end.

    Args:
        enough: how often, over all rounds.
    """

    def __init__(self, desk: Desk, world: Client, cell: Cell, enough: int) -> None:
        self.kills = 0
        self._desk, self._world, self._enough = desk, world, enough
        _, self._outlet, seed = cell
        self._random = Random(f"kill {seed}")

    def strike(self, words: tuple[str, ...], environment: dict[str, str]) -> None:
        """Begin a round until it was killed twice, wherever it was; earlier if it ended before."""
        longest, kills = 30, min(self.kills + 2, self._enough)
        while self.kills < kills:
            crawl = self._desk.start(
                "scrapy", "crawl", self._outlet, *words, group=False, **environment
            )
            more = len(self._world.log()) + self._random.randint(1, longest)
            while crawl.poll() is None and len(self._world.log()) < more:
                time.sleep(0.01)
            time.sleep(self._random.uniform(0, 0.2))
            if crawl.poll() is None:
                self.kills += 1
            else:
                longest = max(1, longest // 2)
            crawl.kill()
            crawl.communicate()


@pytest.mark.timeout(600)
def test_all_is_stored_as_it_is_or_the_run_says_why_not(
    cell: Cell, kills: int, desk: Desk, papers: Client
) -> None:
    killer = Killer(desk, papers, cell, kills)
    found = live(desk, papers, cell, killer.strike)
    for each in found.rounds:
        assert not each.is_silent, found.rounds
        assert (each.outcome == "healthy") == (each.code == 0), found.rounds
    assert found.rounds[-1].lost == {}, found.rounds
    assert killer.kills == kills

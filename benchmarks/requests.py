"""``python -m benchmarks requests [--json]``: what a new story costs its outlet, in requests.

Dateline and a plain Scrapy spider, which reads its listing each time and remembers nothing, collect
the same papers of newsworld three times: for the first time, with nothing new, and with ten new
stories on each.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.mongod import embedded
from newsworld.client import Client, running
from newsworld.press.edition import PACE
from newsworld.press.papers import LISTING, STORIES, Paper, papers
from settings import environment

STORIES_EACH = 120
NEW = 10
OURS, PEER = "dateline", "plain scrapy"
RUNS = ("first run", "nothing new", f"{NEW} new each")
OUTCOMES = (0, 6)
"""Exit codes of a run that read all there is, which a closed REST API makes a partial one."""

Collect = Callable[[Client, Paper], None]


@dataclass(frozen=True, slots=True)
class RunCost:
    """Cost of one run over all the papers."""

    requests: int
    stories: int
    """Stories it fetched that no run before it had."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks requests", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    options = parser.parse_args(arguments)
    # What the tutorials' spider can read: a listing with a link to the page of older stories.
    read = [paper for paper in papers(20) if paper.pager not in (None, "more", "numbers")]
    with _dateline() as ours:
        counts = {OURS: _measure(read, ours), PEER: _measure(read, _plain)}
    if options.json:
        told = {
            system: {name: asdict(cost) for name, cost in runs.items()}
            for system, runs in counts.items()
        }
        print(json.dumps({"papers": len(read), "stories_each": STORIES_EACH, "runs": told}))
    else:
        _print(counts, len(read))
    return 0


def _measure(read: list[Paper], collect: Collect) -> dict[str, RunCost]:
    """Measure the cost of each run over all the papers."""
    costs = {}
    seen: set[str] = set()
    # What Dateline remembers of sources is by the clock on the wall: the news is to be later.
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    with running(press=20, press_stories=STORIES_EACH, days=20, per_day=1, now=now) as world:
        for name in RUNS:
            if name == RUNS[2]:
                world.set_clock(now + NEW * PACE)
            world.clear_log()
            for paper in read:
                collect(world, paper)
            found = _found(world, read)
            costs[name] = RunCost(len(world.log()), len(found - seen))
            seen |= found
    return costs


def _found(world: Client, read: list[Paper]) -> set[str]:
    """Return the stories whose pages were fetched, by host and path, whatever their form."""
    forms = {paper.host: re.compile(STORIES[paper.form]) for paper in read}
    found = set()
    for request in world.log():
        host = request["host"].removeprefix("www.").removeprefix("m.")
        if request["status"] == 200 and (story := forms[host].match(request["path"])):
            found.add(f"{host}{story.group()}")
    return found


@contextmanager
def _dateline() -> Iterator[Collect]:
    """Collect with Dateline, as its users do, into a database of its own."""
    with tempfile.TemporaryDirectory() as folder, embedded.connect(Path(folder)) as lease:

        def collect(world: Client, paper: Paper) -> None:
            modules = ("-s", "SPIDER_MODULES=tests.declared")
            given = {"DATELINE_DATA": folder, "MONGODB_URI": lease.uri}
            _crawl(world, paper.name, *modules, **given)

        yield collect
    embedded.stop(Path(folder))


def _plain(world: Client, paper: Paper) -> None:
    """Collect with the spider of the tutorials."""
    off = ("EXTENSIONS={}", "ITEM_PIPELINES={}", "SPIDER_MODULES=benchmarks.plain")
    # Scrapy's own default, which Dateline's ledger replaces.
    filtered = "DUPEFILTER_CLASS=scrapy.dupefilters.RFPDupeFilter"
    about = {"home": paper.home, "listing": LISTING, "stories": STORIES[paper.form]}
    words = [word for setting in (*off, filtered) for word in ("-s", setting)]
    words += [word for name, value in about.items() for word in ("-a", f"{name}={value}")]
    _crawl(world, "plain", *words)


def _crawl(world: Client, *words: str, **given: str) -> None:
    given |= {"DATELINE_GATEWAY": world.url, "SCRAPY_SETTINGS_MODULE": "settings.test"}
    env = environment.child(**given)
    command = [sys.executable, "-m", "scrapy", "crawl", *words]
    done = subprocess.run(
        command, cwd=environment.PROJECT, env=env, stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode in OUTCOMES, done.stderr


def _print(costs: dict[str, dict[str, RunCost]], number: int) -> None:
    print(f"{number} papers of {STORIES_EACH} stories each")
    print(f"{'':12} {'':14} {'requests':>9} {'new stories':>12} {'a new story':>12}")
    for name in RUNS:
        for system, runs in costs.items():
            cost = runs[name]
            each = f"{cost.requests / cost.stories:.2f}" if cost.stories else "-"
            print(f"{name:12} {system:14} {cost.requests:>9} {cost.stories:>12} {each:>12}")
        ratio = costs[PEER][name].requests / costs[OURS][name].requests
        print(f"{'':12} {'ratio':14} {ratio:>8.1f}x")

"""Pages a second: the whole pipeline into MongoDB, beside Scrapy that only fetches.

Both fetch the same pages from the same local server with the same settings; figures are without
the start of the process. The machine may be shared: look at the ratio.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from pymongo import MongoClient

from crawler.mongod import embedded
from newsworld.client import running
from settings import environment

OUTLET = "asianlite"
ROUNDS = 3


def main() -> None:
    """Measure `ROUNDS` times in turn and print the medians."""
    bare, whole = [], []
    with tempfile.TemporaryDirectory() as folder, running(days=60) as world:
        data = Path(folder)
        addresses = data / "addresses"
        urls = [story["url"] for story in world.truth() if story["outlet"] == OUTLET]
        addresses.write_text("\n".join(urls))
        with embedded.connect(data) as lease:
            client: MongoClient[dict[str, Any]] = MongoClient(lease.uri)
            for number in range(ROUNDS):
                env = environment.child(
                    DATELINE_GATEWAY=world.url,
                    DATELINE_DATA=folder,
                    MONGODB_URI=lease.uri,
                    MONGODB_DATABASE=f"speed{number}",
                    SCRAPY_SETTINGS_MODULE="settings.test",
                )
                bare.append(len(urls) / _bare_seconds(env, addresses))
                _crawl(env, OUTLET, "-a", "since=2024-01-01")
                run = client[f"speed{number}"]["runs"].find_one() or {}
                assert run["account"]["stored"] == len(urls), run
                whole.append(run["pages"] / (run["ended"] - run["started"]).total_seconds())
            client.close()
        embedded.stop(data)
    print(f"{len(urls)} pages, median of {ROUNDS} rounds")
    print(f"bare Scrapy, fetching only   {median(bare):7.1f} pages/s")
    print(f"Dateline, page to MongoDB    {median(whole):7.1f} pages/s")
    print(f"ratio                        {median(whole) / median(bare):7.2f}")


def _bare_seconds(env: dict[str, str], addresses: Path) -> float:
    """Return the time plain Scrapy takes, from its own stats."""
    off = ("-s", "EXTENSIONS={}", "-s", "ITEM_PIPELINES={}", "-s", "SPIDER_MODULES=benchmarks.bare")
    output = _crawl(env, "bare", *off, "-a", f"addresses={addresses}")
    found = re.search(r"'elapsed_time_seconds': ([\d.]+)", output)
    assert found, output
    return float(found[1])


def _crawl(env: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "scrapy", "crawl", *words]
    done = subprocess.run(
        command, cwd=environment.PROJECT, env=env, stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr

"""``python -m benchmarks sitemaps``: a tree of 2.6 million addresses, in time and memory.

Each system reads the same tree in a fresh process, to the last address. The files are made as they
are asked for; the time that takes does not count.
"""

import argparse
import gzip
import importlib.util
import logging
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from crawler.sources import Sitemap, SourceResponse, read_source_response
from crawler.sources.sitemap import MAX_ENTRIES

SITE = "https://news.example"
FILES = 52
PER_DAY = 250
SECONDS, MEBIBYTES = 60.0, 90.0  # the most that is allowed
OURS, PEER = "dateline", "ultimate-sitemap-parser"

_START = datetime(1990, 1, 1, tzinfo=UTC)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_STATUS = Path("/proc/self/status")


@dataclass(slots=True)
class Tree:
    """A site: robots.txt, an index of two indexes, and their files, those of one gzipped."""

    files: int = FILES
    entries: int = MAX_ENTRIES
    """Addresses in each file."""
    asked: int = 0
    """Number of its files that were requested."""
    seconds: float = 0.0
    """Processor time it took to make them."""

    def get(self, url: str) -> bytes:
        """Return the answer at `url`."""
        start = time.process_time()
        body = self._body(url.removeprefix(f"{SITE}/"))
        self.seconds += time.process_time() - start
        self.asked += 1
        return body

    def _body(self, path: str) -> bytes:
        name = path.partition(".")[0]
        if name == "robots":
            return f"Sitemap: {SITE}/index.xml".encode()
        if name == "index":
            return _index([("even.xml", self.day(-1)), ("odd.xml", self.day(-1))])
        if name in ("even", "odd"):
            numbers = range(name == "odd", self.files, 2)
            files = ((f"{number}.xml{'.gz' * (number % 2)}", number) for number in numbers)
            return _index((file, self.day(number)) for file, number in files)
        packed = BytesIO()
        file = gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) if "gz" in path else packed
        for piece in self._pieces(int(name)):
            file.write(piece)
        if file is not packed:
            file.close()
        return packed.getvalue()

    def _pieces(self, number: int) -> Iterator[bytes]:
        yield f'<urlset xmlns="{_NAMESPACE}">'.encode()
        for story in range(number * self.entries, (number + 1) * self.entries):
            day = _START + timedelta(days=story // PER_DAY)
            yield (
                f"<url><loc>{SITE}/{day:%Y/%m/%d}/council-votes-on-new-harbour-plan-{story}</loc>"
                f"<lastmod>{day:%Y-%m-%d}T08:{story % 60:02}:00+00:00</lastmod></url>\n"
            ).encode()
        yield b"</urlset>"

    def day(self, number: int) -> datetime:
        """Return the day a file last changed; -1 is the last one."""
        last = (number % self.files + 1) * self.entries - 1
        return _START + timedelta(days=last // PER_DAY)


def _index(files: Iterable[tuple[str, datetime]]) -> bytes:
    entries = (
        f"<sitemap><loc>{SITE}/{name}</loc><lastmod>{changed:%Y-%m-%d}</lastmod></sitemap>"
        for name, changed in files
    )
    return f'<sitemapindex xmlns="{_NAMESPACE}">{"".join(entries)}</sitemapindex>'.encode()


@dataclass(frozen=True, slots=True)
class TreeCost:
    """Addresses found in a tree, time and memory."""

    found: int
    """Addresses."""
    asked: int
    """Files."""
    seconds: float
    """Processor time of the reading."""
    mebibytes: float
    """The most memory held, above what was held before."""


def measure(system: str, tree: Tree, since: datetime | None) -> TreeCost:
    """Read a tree in a fresh process; what was loaded before the reading costs nothing."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(_measured, system, tree, since).result()


def _measured(system: str, tree: Tree, since: datetime | None) -> TreeCost:
    reader = READERS[system]
    reader(Tree(files=2, entries=10), since)
    before, start = _peak(), time.process_time()
    found = reader(tree, since)
    seconds = time.process_time() - start - tree.seconds
    return TreeCost(found, tree.asked, seconds, (_peak() - before) / 2**20)


def _peak() -> int:
    """Return the most memory this process has held, in bytes.

    What Linux calls a process's greatest resident set is never less than that of the one which
    started it (getrusage(2)), but for its own status.
    """
    if _STATUS.exists():
        status = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        return int(status["VmHWM"].removesuffix("kB")) * 1024
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _dateline(tree: Tree, since: datetime | None) -> int:
    found, waiting = 0, [f"{SITE}/robots.txt"]
    while waiting:
        url = waiting.pop()
        response = SourceResponse(url=url, body=tree.get(url))
        sheet = read_source_response(Sitemap("/robots.txt"), response, since, "UTC")
        found += len(sheet.leads)
        waiting += sheet.children
    return found


def _peer(tree: Tree, _: datetime | None) -> int:
    from usp.tree import sitemap_tree_for_homepage  # noqa: PLC0415 - only in its own process
    from usp.web_client.abstract_client import (  # noqa: PLC0415
        LocalWebClient,
        LocalWebClientSuccessResponse,
    )

    logging.getLogger("usp").setLevel(logging.CRITICAL)

    class Answered(LocalWebClientSuccessResponse):  # type: ignore[misc, unused-ignore]
        def raw_data(self) -> bytes:
            return tree.get(self.url())

    class Client(LocalWebClient):  # type: ignore[misc, unused-ignore]
        def get(self, url: str) -> Answered:
            return Answered(url, "")

    found = sitemap_tree_for_homepage(f"{SITE}/", web_client=Client(), use_known_paths=False)
    return sum(1 for _ in found.all_pages())


READERS: dict[str, Callable[[Tree, datetime | None], int]] = {OURS: _dateline, PEER: _peer}


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sitemaps", description=__doc__)
    parser.add_argument("--files", type=int, default=FILES, help="how many files of 50,000")
    files = parser.parse_args(arguments).files
    print(f"{'':<26}{'addresses':>10}{'files':>7}{'CPU s':>8}{'MiB':>8}")
    whole = _row(OURS, files, _START)
    if importlib.util.find_spec("usp"):
        peer = _row(PEER, files, None)
        for name, ours, its in (
            ("time", whole.seconds, peer.seconds),
            ("memory", whole.mebibytes, peer.mebibytes),
        ):
            print(f"ratio of {name:<40}{ours / its:8.2f}")
    _row(f"{OURS}, of the last week", files, Tree(files).day(-1) - timedelta(days=7))
    passed = whole.seconds <= SECONDS and whole.mebibytes <= MEBIBYTES
    print(f"{'at most':<43}{SECONDS:8.1f}{MEBIBYTES:8.1f}  {'pass' if passed else 'short'}")
    return 0


def _row(name: str, files: int, since: datetime | None) -> TreeCost:
    found = measure(name.partition(",")[0], Tree(files), since)
    print(f"{name:<26}{found.found:>10}{found.asked:>7}{found.seconds:8.1f}{found.mebibytes:8.1f}")
    return found


if __name__ == "__main__":
    sys.exit(main())

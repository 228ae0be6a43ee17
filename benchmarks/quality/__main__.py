"""``python -m benchmarks quality [FOLDER]``: the extractor's quality and cost on saved pages."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from benchmarks.quality import systems, table
from benchmarks.quality.calibrate import calibrate
from benchmarks.quality.measure import CorpusResult, run
from benchmarks.quality.scorer import Scorer
from crawler.errors import ConfigurationError
from crawler.reparse.corpus import corpora
from settings.environment import PROJECT

CORPORA = PROJECT.parent / "shared" / "corpora"
"""Real pages: they belong to their publishers and are no part of the project."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print; 2 where there is nothing to measure in a folder that was named."""
    options = _options(arguments)
    if options.folder is None and not CORPORA.is_dir():
        print("Not measured: give a folder of saved pages with gold (docs/quality.md says which).")
        return 0
    folder = options.folder or CORPORA
    try:
        found = corpora(folder)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    unknown = set(options.corpus) - {place.name for place in found}
    if unknown:
        print(f"{folder} has no corpus {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    peers = [] if options.no_peers else systems.installed()
    if not options.no_peers and (missing := [name for name in systems.PEERS if name not in peers]):
        remedy = "pip install 'dateline[bench]', without constraints"
        print(f"Not installed, so not compared: {', '.join(missing)} ({remedy}).", file=sys.stderr)
    scorer = Scorer(folder)
    if scorer.path is None:
        print("No score.py lies beside the corpora: only our own measures follow.", file=sys.stderr)
    wanted = [place for place in found if not options.corpus or place.name in options.corpus]
    if options.calibrate:
        print("\n".join(calibrate(wanted, scorer)))
        return 0
    results = asyncio.run(_measure(wanted, [systems.OURS, *peers], scorer, options))
    if options.json:
        print(json.dumps([_plain(result) for result in results], indent=1))
    elif results:
        print("\n".join(table.acceptance(results)))
    return 0


async def _measure(
    places: list[Path], names: list[str], scorer: Scorer, options: argparse.Namespace
) -> list[CorpusResult]:
    """Measure corpus by corpus, and print each as soon as it is done."""
    results: list[CorpusResult] = []
    for place in places:
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            if sys.stderr.isatty():
                print(f"\r{place.name}: {done} pages ", end="", file=sys.stderr)  # noqa: B023

        measured = await run(place, names, scorer, tick)
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
        results += measured
        if measured and not options.json:
            lines = table.corpus_table(measured)
            lines += table.worst(measured[0], options.worst) if options.worst else []
            print("\n".join(lines), flush=True)
    return results


def _plain(result: CorpusResult) -> dict[str, object]:
    return {
        "corpus": result.corpus,
        "system": result.system,
        "pages": len(result.pages),
        "scores": result.scores,
        "measures": result.measures(),
        "failures": result.failures,
    }


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="a corpus, or a folder of corpora")
    parser.add_argument("--corpus", action="append", default=[], help="only this; may be repeated")
    parser.add_argument("--worst", type=int, default=0, help="show so many pages of each corpus")
    parser.add_argument("--json", action="store_true", help="print figures for programs")
    parser.add_argument(
        "--calibrate", action="store_true", help="show how often fields are right, by their origin"
    )
    parser.add_argument("--no-peers", action="store_true", help="measure Dateline alone")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

"""``python -m benchmarks links [FOLDER]``: which stories sources show, on saved answers with gold.

Story links of section pages (`listing`), of links alone (`storysniffer`), next pages
(`pagination`) and entries of feeds (`feeds`), none with a rule for its outlet.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

from benchmarks.quality.scorer import MetricScores, Scorer
from crawler.errors import UnreadableSource
from crawler.sources import (
    Feed,
    Listing,
    Source,
    SourceListing,
    SourceResponse,
    read_source_response,
)
from crawler.sources.listings.link_scores import link_traits, story_odds
from crawler.text.urls import address, registered_domain
from settings.environment import PROJECT

CORPORA = PROJECT.parent / "shared" / "corpora"
"""Real pages: they belong to their publishers and are no part of the project."""

Gold = dict[str, Any]
LinkPrediction = dict[str, Any]
LinkReader = Callable[[Gold, bytes], LinkPrediction]

BARS: tuple[tuple[str, str, float, float], ...] = (
    # corpus, metric, best of today's systems in 2026, to reach
    ("listing", "links_f1", 0.893, 0.94),
    ("storysniffer", "story_f1", 0.938, 0.938),
    ("pagination", "next_exact", 0.772, 0.88),
    ("feeds", "feed_complete", 1.0, 1.0),
    ("feeds", "feed_link", 1.0, 1.0),
    ("feeds", "feed_date", 0.5, 0.97),
)
_CPU = 15.0  # ms a page of links, mean
_READINGS = 5
_SHOWN = 200  # characters of what is wrong


@dataclass(slots=True)
class LinkResult:
    """Results on one corpus."""

    gold: dict[str, Gold] = field(default_factory=dict)
    predictions: dict[str, LinkPrediction] = field(default_factory=dict)
    scored: dict[str, Any] = field(default_factory=dict)
    scores: MetricScores = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)
    """Processor time of each answer."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print; 2 where there is nothing to measure in a folder that was named."""
    options = _options(arguments)
    folder = options.folder or CORPORA
    found = [name for name in READERS if (folder / name).is_dir()]
    if not found:
        said = f"{folder} has no corpus of links." if options.folder else "Not measured: give a"
        if options.folder:
            print(said, file=sys.stderr)
            return 2
        print(f"{said} folder of saved links with gold (docs/quality.md says which).")
        return 0
    scorer = Scorer(folder)
    if scorer.path is None:
        print("No score.py lies beside the corpora: nothing is scored.", file=sys.stderr)
    wanted = [name for name in found if not options.corpus or name in options.corpus]
    results = {name: measure(folder / name, scorer) for name in wanted}
    for name, result in results.items():
        print("\n".join(_table(name, result, wrong=options.wrong)))
    print("\n".join(_acceptance(results)))
    if options.predictions:
        with options.predictions.open("w", encoding="utf-8") as lines:
            for name, result in results.items():
                for page, prediction in result.predictions.items():
                    lines.write(json.dumps({"corpus": name, "id": page, **prediction}) + "\n")
    return 0


def measure(corpus: Path, scorer: Scorer) -> LinkResult:
    """Read every answer of a corpus, and score what came of it."""
    reader = READERS[corpus.name]
    result = LinkResult()
    saved = list(_saved(corpus))
    reader(*saved[0])  # loads all that is loaded late
    for gold, body in saved:
        prediction, milliseconds = _timed(reader, gold, body)
        result.milliseconds.append(milliseconds)
        name = str(gold["id"])
        result.gold[name], result.predictions[name] = gold, prediction
        result.scored[name] = scorer.page(corpus.name, gold, prediction)
    result.scores = scorer.corpus(corpus.name, result.scored)
    return result


def _timed(reader: LinkReader, gold: Gold, body: bytes) -> tuple[LinkPrediction, float]:
    """Return the prediction and its processor time.

    That is the least of some readings, as a busy machine adds to it.
    """
    taken = []
    for _ in range(_READINGS):
        start = time.process_time()
        prediction = reader(gold, body)
        taken.append(1000 * (time.process_time() - start))
    return prediction, min(taken)


def _saved(corpus: Path) -> Iterator[tuple[Gold, bytes]]:
    name = next(name for name in ("gold.jsonl", "links.jsonl") if (corpus / name).is_file())
    with (corpus / name).open(encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            gold = json.loads(line)
            files = (corpus / "pages" / f"{gold['id']}.{kind}.gz" for kind in ("html", "xml"))
            file = next(filter(Path.is_file, files), None)
            yield gold, gzip.decompress(file.read_bytes()) if file else b""


# -- What is predicted, by corpus


def _read_source(source: Source, gold: Gold, body: bytes) -> SourceListing:
    response = SourceResponse(url=gold["url"], body=body, encoding=gold.get("encoding"))
    try:
        return read_source_response(source, response, None, "UTC")
    except UnreadableSource:
        return SourceListing()


def _listing(gold: Gold, body: bytes) -> LinkPrediction:
    return {"links": [lead.url for lead in _read_source(Listing(), gold, body).leads]}


def _pagination(gold: Gold, body: bytes) -> LinkPrediction:
    older = _read_source(Listing(), gold, body).older
    return {"next": [older] if older else []}


def _feeds(gold: Gold, body: bytes) -> LinkPrediction:
    leads = _read_source(Feed(), gold, body).leads
    return {
        "entries": [
            {"link": lead.url, "title": lead.title, "published": lead.at and lead.at.isoformat()}
            for lead in leads
        ]
    }


def _link(gold: Gold, _: bytes) -> LinkPrediction:
    """Make a link of a home page; some are relative to a site that is not stated."""
    site = gold.get("site")
    target = gold.get("url") or "#"
    url = None if target.startswith("#") else address(target, f"https://{site or 'site.invalid'}/")
    text = " ".join((gold.get("text") or "").split())
    home = registered_domain(site) if site else None
    return {"is_story": bool(url) and story_odds(link_traits(url or "", text, home)) > 0}


READERS: dict[str, LinkReader] = {
    "listing": _listing,
    "storysniffer": _link,
    "pagination": _pagination,
    "feeds": _feeds,
}


# -- What is printed


def _table(name: str, result: LinkResult, *, wrong: bool) -> list[str]:
    lines = [f"{name} ({len(result.gold)})"]
    lines += [f"  {metric:<24}{value:8.3f}" for metric, value in result.scores.items()]
    lines += [
        f"  {'CPU ms a page, median':<24}{median(result.milliseconds):8.1f}",
        f"  {'CPU ms a page, mean':<24}{fmean(result.milliseconds):8.1f}",
        "",
    ]
    return lines + (list(_wrong(result)) if wrong else [])


def _wrong(result: LinkResult) -> Iterator[str]:
    for name, scored in result.scored.items():
        gold, said = result.gold[name], result.predictions[name]
        if "links" in scored and scored["links"][2] < 1:
            stories = {link["url"] for link in gold["links"] if link["label"] == "article"}
            others = {link["url"] for link in gold["links"] if link["label"] == "other"}
            found = set(said["links"])
            yield f"  {name}: lost {sorted(stories - found)}"[:_SHOWN]
            yield f"  {name}: wrongly {sorted(others & found)}"[:_SHOWN]
        elif "next" in scored and not scored["next"][0]:
            yield f"  {name}: {said['next']} instead of {gold['next']}"[:_SHOWN]
        elif "story" in scored and scored["story"][0] != scored["story"][1]:
            instead = f"{gold['url']} {gold['text']!r}"
            yield f"  {name}: {'wrongly' if said['is_story'] else 'lost'} {instead}"[:_SHOWN]


def _acceptance(results: dict[str, LinkResult]) -> list[str]:
    lines = [f"{'corpus':<16}{'metric':<22}{'best':>8}{'to reach':>10}{'ours':>8}"]
    for corpus, metric, best, bar in BARS:
        value = results[corpus].scores.get(metric) if corpus in results else None
        if value is not None:
            passed = "pass" if value >= bar else "short"
            lines.append(f"{corpus:<16}{metric:<22}{best:8.3f}{bar:10.3f}{value:8.3f}  {passed}")
    if "listing" in results:
        cost = fmean(results["listing"].milliseconds)
        passed = "pass" if cost <= _CPU else "short"
        lines.append(
            f"{'listing':<16}{'CPU ms a page, mean':<22}{'':8}{_CPU:10.1f}{cost:8.1f}  {passed}"
        )
    return lines


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks links", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="the folder of the corpora")
    parser.add_argument("--corpus", action="append", default=[], help="only this; may be repeated")
    parser.add_argument("--wrong", action="store_true", help="show what was lost or wrongly found")
    parser.add_argument("--predictions", type=Path, help="write them here, for another scorer")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

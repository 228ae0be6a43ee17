"""Runs of every page of a corpus through every system, each in a worker of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.quality.scorer import MetricScores, Scorer
from benchmarks.quality.sentences import SentenceComparison, compare
from benchmarks.quality.systems import Prediction, TimedPrediction, measure
from crawler.errors import ParseFailure, ParserPoolLost
from crawler.reparse.corpus import CorpusPage, saved_pages
from crawler.run.parser_pool import ParserPool
from settings.base import PARSE_MEGABYTES, PARSE_SECONDS

_PATIENCE = 6 * PARSE_SECONDS
"""Seconds by the clock until a page counts as failed: the machine may be busy, and the first page
waits for imports. How long a page really takes is told by its CPU time."""
_GOLD = ("text", "title", "authors", "date", "with", "first_words")
"""Keys of which a corpus of stories has at least one."""


@dataclass
class JudgedPage:
    """One page as one system read it, beside its gold."""

    gold: dict[str, Any]
    prediction: Prediction
    scored: dict[str, Any]
    """Scores by the corpora's scorer."""

    @cached_property
    def sentences(self) -> SentenceComparison | None:
        """Sentences lost and leaked, where the gold has the text, or snippets of it."""
        text = self.prediction.get("text") or ""
        if self.gold.get("text"):
            return compare(self.gold["text"], text)
        if not self.gold.get("with"):
            return None
        flat = " ".join(text.split())
        wanted, unwanted = self.gold["with"], self.gold["without"]
        return SentenceComparison(
            lost=[snippet for snippet in wanted if " ".join(snippet.split()) not in flat],
            leaked=[snippet for snippet in unwanted if " ".join(snippet.split()) in flat],
            gold=len(wanted),
            text=len(unwanted),
        )


@dataclass
class CorpusResult:
    """Results of one system on one corpus."""

    corpus: str
    system: str
    pages: dict[str, JudgedPage] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    """Failures by page: time or memory (as `crawler.run.parser_pool` names it), or an exception."""
    seconds: list[float] = field(default_factory=list)
    """CPU time of each page that did not fail."""
    peak: float = 0.0
    """Memory in MB."""
    scores: MetricScores = field(default_factory=dict)
    """The metrics of the corpora's scorer."""

    def measures(self) -> MetricScores:
        """Our own measures, beside those of the scorer."""
        compared = [page.sentences for page in self.pages.values() if page.sentences]
        found: MetricScores = {}
        if gold := sum(one.gold for one in compared):
            found["sentences lost"] = sum(len(one.lost) for one in compared) / gold
        if text := sum(one.text for one in compared):
            found["sentences leaked"] = sum(len(one.leaked) for one in compared) / text
        if self.seconds:
            found |= {
                "CPU ms, median": 1000 * median(self.seconds),
                "CPU ms, mean": 1000 * mean(self.seconds),
                "CPU ms, slowest": 1000 * max(self.seconds),
            }
        return found | {"memory MB, peak": self.peak, "pages failed": float(len(self.failures))}


async def run(
    corpus: Path, systems: list[str], scorer: Scorer, tick: Callable[[], None]
) -> list[CorpusResult]:
    """Measure `systems` on a corpus, in their order; nothing where it is none of stories.

    The systems take turns page by page, so that what else the machine does slows them alike.

    Args:
        corpus: its folder.
        systems: their names.
        scorer: judges each page.
        tick: called after each page.
    """
    pages = [saved for saved in saved_pages(corpus) if any(map(saved.gold.get, _GOLD))]
    if not pages:
        return []
    results = [CorpusResult(corpus.name, system) for system in systems]
    workers = [ParserPool(count=1, seconds=_PATIENCE, megabytes=PARSE_MEGABYTES) for _ in systems]
    try:
        for saved in pages:
            for result, worker in zip(results, workers, strict=True):
                prediction = await _read(result, saved, worker)
                scored = scorer.page(corpus.name, saved.gold, prediction)
                result.pages[saved.id] = JudgedPage(saved.gold, prediction, scored)
            tick()
    finally:
        for worker in workers:
            worker.close()
    for result in results:
        scored_pages = {name: page.scored for name, page in result.pages.items()}
        result.scores = scorer.corpus(corpus.name, scored_pages)
    return results


async def _read(result: CorpusResult, saved: CorpusPage, worker: ParserPool) -> Prediction:
    """Read a page, book its price; where the system fails, book that and predict nothing."""
    try:
        measured: TimedPrediction = await worker.run(measure, result.system, saved.page())
    except ParseFailure as failure:
        result.failures[saved.id] = failure.reason
    except ParserPoolLost:
        raise
    except Exception as error:  # noqa: BLE001 - a peer may fail in any way; it is counted
        result.failures[saved.id] = f"{type(error).__name__}: {error}".splitlines()[0]
    else:
        result.seconds.append(measured.seconds)
        result.peak = max(result.peak, measured.peak)
        return measured.prediction
    return {}

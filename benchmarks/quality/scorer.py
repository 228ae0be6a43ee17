"""The corpora's own scorer, which lies beside them and is loaded from there."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

MetricScores = dict[str, float]


class Scorer:
    """`score.py` of a folder of corpora; without it no metric of its is printed.

    Args:
        folder: a corpus, or the folder that holds the corpora.
    """

    def __init__(self, folder: Path) -> None:
        places = (folder / "score.py", folder.resolve().parent / "score.py")
        self.path = next(filter(Path.is_file, places), None)
        self._module = _load(self.path) if self.path else None

    def page(self, corpus: str, gold: dict[str, Any], prediction: dict[str, Any]) -> dict[str, Any]:
        """Return the scores of one page, for `corpus`."""
        if self._module is None:
            return {}
        scored: dict[str, Any] = self._module.page_scores(corpus, gold, prediction)
        return scored

    def corpus(self, corpus: str, pages: dict[str, dict[str, Any]]) -> MetricScores:
        """Return every metric of the corpus by name; `pages` has the scores of pages by id."""
        if self._module is None:
            return {}
        scored: MetricScores = self._module.corpus_scores(corpus, pages)
        return scored


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpora_score", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_metric(corpus: str, scores: MetricScores) -> str | None:
    """Return the first word of the metric that the corpus's authors use for the text, or date."""
    own = {"fundus-eval": "lsum", "aed": "n4k", "aeb": "aeb"}.get(corpus)
    order = [own] if own else ["snip", "wcxb", "hd", "body"]
    return next((name for name in order if f"{name}_f1" in scores), None)


def goodness(scored: dict[str, Any]) -> float:
    """Rate one page, 0 to 1, to find the worst: its text, or else its fields."""
    if "body" in scored:
        precision, recall, _ = scored["body"]
        both = precision + recall
        return float(2 * precision * recall / both) if both else 0.0
    if "snip" in scored:
        found, leaked, lost, kept_out = scored["snip"]
        return float((found + kept_out) / (found + leaked + lost + kept_out))
    fields = [
        float(scored[name]) for name in ("title", "authors", "day", "instant") if name in scored
    ]
    return sum(fields) / len(fields) if fields else 1.0

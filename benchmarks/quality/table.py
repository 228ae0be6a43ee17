"""Printed tables: one for each corpus, the bars to reach, the worst pages."""

from collections import Counter
from collections.abc import Iterable

from benchmarks.quality.measure import CorpusResult, JudgedPage
from benchmarks.quality.scorer import goodness, text_metric
from benchmarks.quality.systems import OURS

BARS: tuple[tuple[str, str, float, float], ...] = (
    # corpus, metric, best of eleven systems in 2026, to reach
    ("aeb", "aeb_f1", 0.967, 0.975),
    ("fundus-eval", "lsum_f1", 0.968, 0.975),
    ("fundus-tests", "body_f1", 0.944, 0.962),
    ("trafilatura", "snip_f1", 0.920, 0.938),
    ("aed", "n4k_f1", 0.928, 0.942),
    ("wcxb-article", "wcxb_f1", 0.956, 0.960),
    ("cleanportaleval", "body_f1", 0.925, 0.945),
    ("cwced", "body_f1", 0.775, 0.850),
    ("np4k-tests", "body_f1", 0.961, 0.970),
    ("fundus-tests", "title", 0.767, 0.92),
    ("trafilatura", "title", 0.709, 0.85),
    ("aed", "title", 0.863, 0.92),
    ("wcxb-article", "title", 0.671, 0.85),
    ("mercury", "title", 0.837, 0.92),
    ("fundus-tests", "authors", 0.756, 0.88),
    ("trafilatura", "authors", 0.561, 0.70),
    ("aed", "authors", 0.709, 0.82),
    ("wcxb-article", "authors", 0.650, 0.75),
    ("mercury", "authors", 0.519, 0.70),
    ("fundus-tests", "day", 0.984, 0.990),
    ("trafilatura", "day", 0.857, 0.90),
    ("aed", "day", 0.858, 0.88),
    ("wcxb-article", "day", 0.876, 0.90),
    ("mercury", "day", 0.872, 0.92),
    ("htmldate", "hd_f1", 0.945, 0.962),
    ("htmldate", "hd_accuracy", 0.896, 0.92),
    ("fundus-tests", "instant", 0.890, 0.97),
    ("mercury", "instant", 0.453, 0.60),
)
_CPU, _MEMORY, _SLOWEST = 0.5, 200.0, 5.0  # of trafilatura's time; MB; seconds
_FIELDS = ("title", "authors", "day", "instant", "aware")
_SHOWN = 200  # characters of a sentence


def corpus_table(results: list[CorpusResult]) -> list[str]:
    """Return the table of one corpus: a line for each metric, a column for each system."""
    first = results[0]
    metric = text_metric(first.corpus, first.scores)
    names = [f"{metric}_{part}" for part in ("precision", "recall", "f1", "accuracy")]
    names = [name for name in (*names, *_FIELDS) if name in first.scores]
    width = max(12, *(len(result.system) + 2 for result in results))
    heading = f"{first.corpus} ({len(first.pages)} pages)"
    lines = [f"{heading:<28}" + "".join(f"{result.system:>{width}}" for result in results)]
    rows = [(name, [result.scores[name] for result in results]) for name in names]
    own = [result.measures() for result in results]
    ours = dict.fromkeys(name for measures in own for name in measures)
    rows += [(name, [measures.get(name, float("nan")) for measures in own]) for name in ours]
    for name, values in rows:
        lines.append(f"  {name:<26}" + "".join(f"{_figure(name, v):>{width}}" for v in values))
    for result in results:
        reasons = Counter(result.failures.values()).most_common(3)
        lines += [f"  {result.system} failed: {reason} ({count})" for reason, count in reasons]
    return [*lines, ""]


def acceptance(results: Iterable[CorpusResult]) -> list[str]:
    """Return the bars and whether we pass them: quality on the corpora that were run, and cost."""
    found = {(result.corpus, result.system): result for result in results}
    ours = [result for (_, system), result in found.items() if system == OURS]
    lines = [f"{'corpus':<16}{'metric':<22}{'best':>8}{'to reach':>10}{'ours':>8}"]
    for corpus, metric, best, bar in BARS:
        result = found.get((corpus, OURS))
        if result and metric in result.scores:
            value = result.scores[metric]
            row = f"{corpus:<16}{metric:<22}{best:8.3f}{bar:10.3f}{value:8.3f}"
            lines.append(f"{row}  {_verdict(value >= bar)}")
    read = sum(len(result.seconds) for result in ours)
    peers = [found.get((result.corpus, "trafilatura")) for result in ours]
    theirs = [result for result in peers if result]
    if len(theirs) == len(ours) and read:
        # Totals would compare other pages where one of the two failed; means hardly differ.
        ratio = _mean(ours) / _mean(theirs)
        lines.append(_cost("CPU, of trafilatura's", _CPU, ratio, "{:.2f}"))
    lines.append(_cost("memory MB, peak", _MEMORY, max(r.peak for r in ours), "{:.0f}"))
    slowest = max((max(r.seconds) for r in ours if r.seconds), default=0.0)
    lines.append(_cost("CPU s, slowest page", _SLOWEST, slowest, "{:.2f}"))
    failed = sum(len(result.failures) for result in ours)
    return [*lines, _cost("pages failed", 0, failed, "{:.0f}")]


def worst(result: CorpusResult, count: int) -> list[str]:
    """Return the pages of a corpus on which a system did worst: what was lost and what leaked."""
    pages = sorted(result.pages.items(), key=lambda item: goodness(item[1].scored))
    lines = [f"{result.corpus}: the worst pages of {result.system}"]
    for name, page in pages[:count]:
        lines.append(f"{goodness(page.scored):.3f}  {name}  {page.gold.get('url') or ''}")
        if failure := result.failures.get(name):
            lines.append(f"       failed: {failure}")
        for key in ("title", "authors", "date"):
            if page.scored.get("day" if key == "date" else key) == 0:
                told, read = page.gold[key], page.prediction.get(key)
                lines.append(f"       {key}: {read!r} instead of {told!r}"[: 2 * _SHOWN])
        lines += [f"       {line}" for line in _differences(page)]
    return [*lines, ""]


def _differences(page: JudgedPage) -> list[str]:
    """Return the first of the lost and of the leaked sentences, cut short together."""
    compared = page.sentences
    if compared is None:
        return []
    lines = []
    for what, found in (("lost  ", compared.lost), ("leaked", compared.leaked)):
        if found:
            text = " | ".join(found)
            cut = text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")
            lines.append(f"{what} {len(found):>3}: {cut}")
    return lines


def _mean(results: list[CorpusResult]) -> float:
    seconds = [second for result in results for second in result.seconds]
    return sum(seconds) / len(seconds) if seconds else float("nan")


def _figure(name: str, value: float) -> str:
    if name.startswith("sentences"):
        return f"{value:.1%}"
    if name.startswith("CPU"):
        return f"{value:.1f}"
    return f"{value:.0f}" if name[:5] in ("memor", "pages") else f"{value:.3f}"


def _cost(name: str, bar: float, value: float, form: str) -> str:
    told = f"{'at most ' + form.format(bar):>18}{form.format(value):>8}"
    return f"{'all of these':<16}{name:<22}{told}  {_verdict(value <= bar)}"


def _verdict(passed: bool) -> str:
    return "pass" if passed else "short"

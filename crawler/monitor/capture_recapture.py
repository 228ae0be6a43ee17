"""Capture and recapture: the estimated share of an outlet's stories that any source showed."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import log, prod, sqrt

MIN_STORIES = 30
"""Stories that an estimate needs, however well their sources agree."""
MAX_ERROR = 0.01
"""Standard error up to which there is an estimate: within two points, nineteen times of twenty."""
MAX_DEPENDENCE = 2.0
"""Standard errors of the log odds ratio beyond which two channels do not lose independently."""

CHANNELS = {
    "feed": "feeds",
    "wordpress": "feeds",
    "sitemap": "sitemaps",
    "news-sitemap": "sitemaps",
    "listing": "listings",
}
"""Kinds of sources by what they lose stories together with: a feed and the REST API come from one
program and its cache, and so do an outlet's sitemaps; the listings of sections share none."""
ASSUMPTION = (
    "assumes that two of its channels (feeds and REST; sitemaps; listings) lose stories"
    " independently: what is hidden from all of them is not counted"
)
"""A clause that goes with the estimate wherever it is shown."""

ListCounts = Mapping[frozenset[str], int]
"""Stories by the lists that show them, and no other list."""


@dataclass(frozen=True, slots=True)
class CompletenessEstimate:
    """An estimate of what was missed."""

    sighted: int
    """Stories that any source showed."""
    published: float
    """Stories there were in all, as estimated."""
    share: float
    """`sighted` of `published`, 0 to 1."""
    error: float
    """The standard error of `share`."""


def channels(sources: Collection[str]) -> frozenset[str]:
    """Return the channels that sources belong to, by their keys (``feed:/feed``)."""
    kinds = (key.partition(":")[0] for key in sources)
    return frozenset(CHANNELS.get(kind, kind) for kind in kinds)


def estimate(stories: Iterable[tuple[Collection[str], int]]) -> CompletenessEstimate | None:
    """Estimate what was missed from which sources showed which stories.

    Of two channels that lose stories independently, the share of the one's stories that the other
    shows, too, is the share it shows of all (Chapman 1951). Of three, the number in all is that
    by which each one's losses explain how many all have lost (Darroch 1958, "The multiple-recapture
    census"); but where two of them agree (or disagree) too often on what the third shows, these are
    taken as one.

    Args:
        stories: keys of sources, and how many stories they showed and no other source did.

    Returns:
        None where only one channel showed anything, or too few stories were shown.
    """
    shown: Counter[frozenset[str]] = Counter()
    for sources, count in stories:
        shown[channels(sources)] += count
    names = sorted(frozenset[str]().union(*shown)) if shown else []
    sighted = shown.total()
    if sighted < MIN_STORIES or len(names) < 2:
        return None
    if pair := _dependent(shown, names):
        joined = "+".join(pair)
        merged: Counter[frozenset[str]] = Counter()
        for lists, count in shown.items():
            merged[lists - set(pair) | ({joined} if lists & set(pair) else set())] += count
        shown, names = merged, sorted(frozenset[str]().union(*merged))
    published, variance = _chapman(shown, names) if len(names) == 2 else _darroch(shown, names)
    error = sighted / published**2 * sqrt(variance)
    if error > MAX_ERROR:
        return None
    return CompletenessEstimate(sighted, published, sighted / published, error)


def _of(shown: ListCounts, *names: str) -> int:
    """Count the stories that all of these lists show."""
    return sum(count for lists, count in shown.items() if lists.issuperset(names))


def _dependent(shown: ListCounts, names: list[str]) -> tuple[str, str] | None:
    """Return the two lists that depend most on each other, if any do.

    Of what a third list shows, it is known what both of them have missed.
    """
    found: list[tuple[float, tuple[str, str]]] = []
    for one, other in combinations(names, 2):
        cells = [0.5] * 4  # Haldane's correction
        for lists, count in shown.items():
            if lists - {one, other}:
                cells[2 * (one in lists) + (other in lists)] += count
        ratio = log(cells[0] * cells[3] / (cells[1] * cells[2]))
        found.append((abs(ratio) / sqrt(sum(1 / cell for cell in cells)), (one, other)))
    strength, pair = max(found)
    return pair if len(names) > 2 and strength > MAX_DEPENDENCE else None


def _chapman(shown: ListCounts, names: list[str]) -> tuple[float, float]:
    """Estimate how many stories there are, and its variance, from two lists (Seber 1970)."""
    one, other, both = _of(shown, names[0]), _of(shown, names[1]), _of(shown, *names)
    product = (one + 1) * (other + 1)
    variance = product * (one - both) * (other - both) / ((both + 1) ** 2 * (both + 2))
    return product / (both + 1) - 1, variance


def _darroch(shown: ListCounts, names: list[str]) -> tuple[float, float]:
    """Estimate the same from more lists: N with 1 - sighted / N = product of (1 - list / N)."""
    sighted = sum(shown.values())
    sizes = [_of(shown, name) for name in names]
    low, high = float(sighted), float(sighted) * 1_000
    if sighted in sizes:
        return low, 0.0
    while high - low > 0.001:
        middle = (low + high) / 2
        lost = prod(1 - size / middle for size in sizes)
        low, high = (low, middle) if 1 - sighted / middle > lost else (middle, high)
    left = [1 - size / low for size in sizes]
    variance = low / (1 / prod(left) + len(sizes) - 1 - sum(1 / share for share in left))
    return low, variance

"""Deviations: traits of the last stories that are unusual, by more than chance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma

from crawler.monitor.drift.observation import (
    FITS,
    IMPLAUSIBLE,
    MERGED,
    READ,
    REPEATED,
    RULE_FIELDS,
    Observation,
)
from crawler.monitor.drift.profile import USUAL_SIZE, Profile

WINDOWS = (5, 10, 20)
"""Numbers of last stories that are looked at together."""
MAX_CHANCE = 1e-6
"""Probability by chance up to which a deviation counts. An outlet has some thousand stories a year,
each with a score of traits, and should not raise a false alarm within years."""
OPTIONAL = frozenset({"origin authors", "origin section", "origin images"})
"""Traits of what stories may well lack, and do in bunches, as an agency's copy does: for these a
hundredth of `MAX_CHANCE` counts."""
MIN_CHANGE = 0.4
"""Least difference of shares that is worth an alarm."""
MAX_HISTORY = 30
"""Stories that count as history at most, for they come in bunches that are alike."""
FINE_VALUES = frozenset({READ, FITS, USUAL_SIZE})
"""Values that are never a fault, of any trait."""
FINE_TRAITS = frozenset(
    {(name, "no") for name in (*IMPLAUSIBLE, *REPEATED, MERGED)}
    | {(f"origin {name}", "selector") for name in RULE_FIELDS}
)
"""Traits with a value that is not a fault."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A trait that the last stories have and earlier ones had not."""

    trait: str
    value: str
    count: int
    """Stories that have it."""
    of: int
    """Stories that were looked at."""
    usual: float
    """Share of usual stories that have it."""


def find_deviations(profile: Profile, recent: Sequence[Observation]) -> list[Deviation]:
    """Return how the last of the stories (oldest first) deviate, the surest first.

    Each value of each trait deviates in a window where as many are improbable by chance, if their
    share is what it was (beta-binomial: the share itself is known only so well).
    """
    found: dict[tuple[str, str], tuple[float, Deviation]] = {}
    shown = [list(story.traits.items()) for story in recent]
    for window in WINDOWS:
        last = shown[-window:]
        if len(last) < window:
            break
        counts = Counter(trait for traits in last for trait in traits)
        totals = Counter(name for traits in last for name, _ in traits)
        now = Counter(trait for traits in last[-WINDOWS[0] :] for trait in traits)
        for (name, value), count in counts.items():
            of = totals[name]
            # What was so before the last few is over; what few stories state proves little.
            if of < WINDOWS[0] or now[name, value] * 5 < 3 * WINDOWS[0]:
                continue
            usual = None if _is_fine(name, value) else profile.usual(name, value)
            if usual is None or count / of - usual.share < MIN_CHANGE:
                continue
            chance = tail(count, of, usual.share, min(MAX_HISTORY, usual.of))
            least = MAX_CHANCE / 100 if name in OPTIONAL else MAX_CHANCE
            if chance < found.get((name, value), (least, None))[0]:
                found[name, value] = (chance, Deviation(name, value, count, of, usual.share))
    sure = [deviation for _, deviation in sorted(found.values(), key=lambda pair: pair[0])]
    return sure + _repeated(profile, recent[-WINDOWS[0] :], {deviation.trait for deviation in sure})


def _repeated(profile: Profile, last: Sequence[Observation], known: set[str]) -> list[Deviation]:
    """Return what is the same in most of the last stories, where anything is wrong with them.

    A page that comes again is odd in many ways; that it comes again takes one story more to tell.
    """
    counts = {trait: sum(s.traits.get(trait) == "yes" for s in last) for trait in REPEATED}
    return [
        Deviation(trait, "yes", count, len(last), usual.share)
        for trait, count in counts.items()
        if known and trait not in known and count * 5 >= 3 * len(last)
        if (usual := profile.usual(trait, "yes")) and count / len(last) - usual.share >= MIN_CHANGE
    ]


def _is_fine(trait: str, value: str) -> bool:
    return (
        value in FINE_VALUES
        or (trait, value) in FINE_TRAITS
        or (trait[:6] == "shown " and value == "yes")
    )


def tail(count: int, of: int, share: float, known: float) -> float:
    """Return the probability of at least `count` of `of`, where it was `share` of `known` before.

    Beta-binomial, from Jeffreys' prior: Gelman et al., Bayesian Data Analysis (3rd ed.), 2.4.
    """
    a, b = share * known + 0.5, (1 - share) * known + 0.5
    return min(1.0, sum(exp(_log_mass(k, of, a, b)) for k in range(count, of + 1)))


def _log_mass(k: int, n: int, a: float, b: float) -> float:
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return choose + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)

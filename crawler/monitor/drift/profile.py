"""`Profile`: what is usual for an outlet, learnt from stories that nothing was wrong with."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from crawler.monitor.drift.observation import IMPLAUSIBLE, MERGED, REPEATED, Observation

MIN_STORIES = 30
"""Stories before which nothing is called usual."""
MEMORY = 400
"""Stories after which one counts for a third."""
SIZES = 200
"""Values that are kept of each size."""
USUAL_SIZE = "usual"
"""The name of a size that is neither short nor long."""
EDGE = 0.02
"""Share of usual stories beyond which one is called short or long, at either end."""


@dataclass(frozen=True, slots=True)
class UsualShare:
    """How often a trait had a value."""

    share: float
    of: float
    """Stories, the older the less."""


class Profile:
    """Counts of traits and a sample of sizes, both forgetting slowly."""

    def __init__(self, saved: dict[str, Any] | None = None) -> None:
        saved = saved or {}
        self._counts: dict[str, dict[str, float]] = {}
        for trait, value, weight in saved.get("counts", ()):
            self._counts.setdefault(trait, {})[value] = weight
        self._sizes = {
            name: deque(values, SIZES) for name, values in saved.get("sizes", {}).items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "counts": [
                [trait, value, weight]
                for trait, counts in self._counts.items()
                for value, weight in counts.items()
            ],
            "sizes": {name: list(values) for name, values in self._sizes.items()},
        }

    def learn(self, story: Observation) -> None:
        """Count a story as usual."""
        for trait, value in story.traits.items():
            if not trait.startswith("size "):
                counts = self._counts.setdefault(trait, {})
                for other in counts:
                    counts[other] *= 1 - 1 / MEMORY
                counts[value] = counts.get(value, 0.0) + 1
        for name, size in story.sizes.items():
            self._sizes.setdefault(name, deque(maxlen=SIZES)).append(size)

    def forget_rules(self) -> None:
        """Forget what depends on the outlet's declaration, which has changed."""
        keep = ("read", "encoding", "byline", "headline", "teaser", "impossible date")
        self._counts = {name: self._counts[name] for name in keep if name in self._counts}
        self._sizes.clear()

    def size_traits(self, story: Observation) -> dict[str, str]:
        """Compare its sizes with what is usual: each is ``short``, ``usual`` or ``long``."""
        found = {}
        for name, size in story.sizes.items():
            if edges := self._edges(name):
                low, high = edges
                found[f"size {name}"] = (
                    "short" if size < low else "long" if size > high else USUAL_SIZE
                )
        return found

    def _edges(self, name: str) -> tuple[float, float] | None:
        known = sorted(self._sizes.get(name, ()))
        if len(known) < MIN_STORIES:
            return None
        beyond = int(EDGE * len(known))
        return known[beyond] * 0.8, known[-1 - beyond] * 1.25

    def usual(self, trait: str, value: str) -> UsualShare | None:
        """Return how often a trait had a value; None where too little is known.

        Implausible values, and pages that are not stories, are unusual everywhere.
        """
        if trait.startswith("size "):
            return UsualShare(EDGE if value != USUAL_SIZE else 1 - 2 * EDGE, SIZES)
        counts = self._counts.get(trait, {})
        known, so = sum(counts.values()), counts.get(value, 0.0)
        if known >= MIN_STORIES:
            return UsualShare(so / known, known)
        return (
            UsualShare(so / MIN_STORIES, MIN_STORIES)
            if trait in (*IMPLAUSIBLE, *REPEATED, MERGED, "read")
            else None
        )

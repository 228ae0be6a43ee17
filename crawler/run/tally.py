"""`Tally`: one outcome for every address that a run had in hand."""

from collections import Counter
from typing import Any

PENDING = "pending"

Outcome = tuple[str, str | None]
"""An outcome and its reason."""


KNOWN: Outcome = ("unchanged", "known")
"""Of an address that a source shows and that was settled before."""
AS_BEFORE: Outcome = ("unchanged", "as_before")
"""Of an address that was tried again, and that its site still says the same of."""
STORED: Outcome = ("stored", None)
"""Of an address that this run has made an article, or a new version of one."""


class Tally:
    """Keeps one outcome for each address, so that the sums are right by construction.

    sighted = stored + unchanged + rejected (by reason) + failed (by reason) + pending
    """

    def __init__(self) -> None:
        self._fates: dict[str, Outcome] = {}
        self._counts: Counter[Outcome] = Counter()

    def __contains__(self, address: str) -> bool:
        return address in self._fates

    def settle(self, address: str, fate: str, reason: str | None = None) -> None:
        """Give an address its outcome: ``stored``, ``unchanged``, ``rejected`` or ``failed``, or
        take it in hand as ``pending``.

        What was stored stays so: brought to the store once more, it is found unchanged there.
        """
        if self._fates.get(address) == STORED:
            return
        if address in self._fates:
            self._counts[self._fates[address]] -= 1
        self._fates[address] = (fate, reason)
        self._counts[fate, reason] += 1

    @property
    def pending(self) -> int:
        """How many addresses have no outcome yet."""
        return self._counts[PENDING, None]

    def is_pending(self, address: str) -> bool:
        """Tell whether this run still has to do something about the address."""
        return self._fates.get(address) == (PENDING, None)

    def is_done(self, address: str) -> bool:
        """Tell whether this run has fetched it, or has it in hand; not only found it known."""
        return self._fates.get(address, KNOWN) != KNOWN

    def totals(self) -> dict[str, Any]:
        """Return the counts as the run document has them (``account``)."""
        reasons: dict[str, dict[str, int]] = {"unchanged": {}, "rejected": {}, "failed": {}}
        for (fate, reason), count in sorted(self._counts.items(), key=str):
            if fate in reasons and count:
                reasons[fate][reason or "unknown"] = count
        return {
            "sighted": len(self._fates),
            "stored": self._counts[STORED],
            **reasons,
            PENDING: self.pending,
        }

"""Findings: what a run lost though nothing failed, by its run document alone."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from crawler.monitor.causes_and_reasons import PASSED_OVER, UNREADABLE_ENTRIES, Cause

MIN_LOST = 9
"""Entries that usually would be leads, and are none, before that is a finding."""
MAX_KEPT, MAX_KEPT_AT_FIRST = 0.1, 0.06
"""Share of such entries below which few are leads; and before it is known what is usual."""
MIN_UNREADABLE, MIN_RISE = 5, 0.25
"""More than usual have no readable address, and their share of all, before that is a finding."""
MIN_ENTRIES = 5
"""Entries of a poll from which is learnt what is usual."""
RECOVERY = 0.01
"""What one poll counts for where less is passed over than usual; more is usual at once."""
RARE = 0.05
"""Share of entries up to which a reason is no habit of a source."""
LENIENT: Mapping[str, frozenset[str]] = {
    "listing": frozenset(PASSED_OVER),
    "sitemap": frozenset(PASSED_OVER) - UNREADABLE_ENTRIES,
}
"""Reasons for which a source may pass over most entries, by its kind: pages have other links, and
sitemaps other pages. Its first poll shows how many."""
MIN_MERGED = 10
"""Leads that end in one article before that is a finding, if most of a run's do."""

Source = Mapping[str, Any]
"""What a run document states of a source."""


class RunFinding(NamedTuple):
    """Something that a run lost."""

    cause: Cause
    sentence: str


def find_findings(document: Mapping[str, Any]) -> Iterator[RunFinding]:
    """Yield the findings of a run, the surest first."""
    for source in document["sources"]:
        if sentence := too_few_leads(source):
            yield RunFinding("few_leads", sentence)
        if source.get("passed_over", {}).get("cut_off"):
            sentence = (
                f"{source['key']} ends in the middle of an entry: {PASSED_OVER['cut_off'][1]}."
            )
            yield RunFinding("source_cut", sentence)
    if merged := document.get("merged"):
        account = document["account"]
        good = account["stored"] + account["unchanged"].get("same", 0)
        if merged["most"] >= max(MIN_MERGED, good / 2):
            yield RunFinding(
                "merged_stories",
                f"{merged['most']} leads ended in one article, {merged['worst']}: see whether its "
                "site sends all of them there, or calls it their canonical address.",
            )
    if example := document.get("doubtful"):
        count = document["account"]["unchanged"]["doubtful"]
        yield RunFinding(
            "doubtful_readings",
            f"{count} stored stories now read as less than they did, such as {example} (`dateline "
            "show` tells how): the articles stay, unless three readings over a day say the same.",
        )


def too_few_leads(source: Source) -> str | None:
    """Describe a source of which far more entries made no lead than is usual, if it is one.

    Entries that are older, or beyond what was asked for, do not count. The others are compared with
    what is usual for this source (`learn_usual`), or at first for its kind.
    """
    counts, usual = _unexpected(source), source.get("usual", {})
    if not counts or usual is None:
        return None
    total = source["leads"] + counts.total()
    lenient = LENIENT.get(_kind(source), frozenset())
    excess = {
        reason: count - total * usual.get(reason, reason in lenient)
        for reason, count in counts.items()
    }
    lost = sum(count for count in excess.values() if count > 0)
    kept = MAX_KEPT if usual else MAX_KEPT_AT_FIRST
    is_few = lost >= MIN_LOST and source["leads"] < kept * (source["leads"] + lost)
    unreadable = sum(excess.get(reason, 0) for reason in UNREADABLE_ENTRIES)
    if not is_few and unreadable < max(MIN_UNREADABLE, MIN_RISE * total):
        return None
    reason = max(excess, key=lambda name: excess[name])
    words, remedy = PASSED_OVER[reason]
    example = source["examples"].get(reason)
    such = f"{words}, such as {example}" if example else words
    return (
        f"Of {total} entries of {source['key']} (leads: {source['leads']}), {counts[reason]} {such}"
        f" ({reason}): {remedy}, or accept it as usual (`dateline relearn`)."
    )


def learn_usual(source: Source) -> dict[str, float] | None:
    """Return the usual share of each reason to pass over entries, after a poll of a whole source.

    A poll that is a finding teaches nothing.
    """
    usual: dict[str, float] | None = source["usual"]
    counts = _unexpected(source)
    total = source["leads"] + counts.total()
    if total < MIN_ENTRIES or too_few_leads(source):
        return usual
    now = {reason: counts[reason] / total for reason in PASSED_OVER}
    before = now | (usual or {})
    return {
        reason: round(max(share, before[reason] + RECOVERY * (share - before[reason])), 4)
        for reason, share in now.items()
    }


def _unexpected(source: Source) -> Counter[str]:
    """Count the entries that were passed over for a reason that is not expected.

    A sitemap of which only what changed was wanted may show any pages, but none that it never has.
    """
    counts: Mapping[str, int] = source.get("passed_over", {})
    reasons = frozenset(PASSED_OVER)
    if _kind(source) == "sitemap" and source.get("floor"):
        usual = source.get("usual") or {}
        rare = {reason for reason, share in usual.items() if share < RARE}
        reasons = UNREADABLE_ENTRIES | (rare - {"not_a_story"})
    return Counter({reason: counts[reason] for reason in reasons & counts.keys()})


def _kind(source: Source) -> str:
    return str(source["key"]).partition(":")[0]

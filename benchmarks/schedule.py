"""Adaptive against fixed intervals on replayed traces of publication, at equal requests.

Every outlet is followed for twelve weeks from nothing known; the last eight count. The adaptive
schedule decides as `dateline collect --due` does, every five minutes; the fixed interval is what
makes as many requests in the same time, and is met to the second.
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from benchmarks.traces import START, Trace, traces
from crawler.schedule.adaptive import AdaptiveSchedule, PollResult
from crawler.schedule.planning import AdaptiveBounds

BOUNDS = AdaptiveBounds(timedelta(minutes=5), timedelta(hours=6))
TICK = timedelta(minutes=5)
LEARNING, COUNTED = timedelta(weeks=4), timedelta(weeks=8)
SEEDS = range(101, 104)
"""Those of one to three are for whoever changes `crawler.schedule.adaptive`."""


@dataclass(frozen=True, slots=True)
class PollTotals:
    """Totals of a series of polls."""

    polls: int
    delays: list[float]
    """Minutes from publication to the poll that showed it, of each story that was shown."""
    missed: int
    """Stories that fell out of the feed between two polls."""


def main(options: Sequence[str]) -> int:
    """Replay and print; ``--json`` for programs, ``--seed N`` for others than are reported."""
    seeds = [int(options[options.index("--seed") + 1])] if "--seed" in options else [*SEEDS]
    rows: list[dict[str, float | str]] = []
    whole: tuple[list[PollTotals], list[PollTotals]] = ([], [])
    for seed in seeds:
        made = traces(seed, (LEARNING + COUNTED).days)
        adaptive = [adapt(trace) for trace in made]
        for trace, ours in zip(made, adaptive, strict=True):
            fixed = at_intervals(trace, COUNTED / ours.polls)
            rows.append(_row(f"{trace.name} {seed}", ours, fixed))
        whole[0].extend(adaptive)
        share = sum(outcome.polls for outcome in adaptive) / len(made)
        whole[1].extend(at_intervals(trace, COUNTED / share) for trace in made)
    rows.append(_row("all together", _sum(whole[0]), _sum(whole[1])))
    if "--json" in options:
        print(json.dumps(rows))
        return 0
    print("minutes from publication to the poll that shows it; at the same number of polls")
    print("outlet, seed     stories polls/day  p50 fixed  adaptive   p95 fixed  adaptive  ratio  "
          "missed fixed  adaptive")  # fmt: skip
    for row in rows:
        print(
            f"{row['outlet']:<16} {row['stories']:>7} {row['polls']:>9.1f} "
            f"{row['p50_fixed']:>10.1f} {row['p50']:>9.1f} {row['p95_fixed']:>11.1f} "
            f"{row['p95']:>9.1f} {row['ratio']:>6.2f} {row['missed_fixed']:>13} {row['missed']:>9}"
        )
    return 0


def adapt(trace: Trace) -> PollTotals:
    """PollResult as an adaptive schedule would."""
    now, end = START, START + LEARNING + COUNTED
    polls: list[datetime] = []
    poll = PollResult(window=trace.window, latest=None)
    rhythm, learnt = AdaptiveSchedule([], trace.zone, now), now
    seen = 0
    while now < end:
        polls.append(now)
        known = bisect_right(trace.published, now)
        new, seen = known - seen, known
        slack = poll.slack / 2 if new >= trace.window else min(1, poll.slack * 1.2)
        latest = trace.published[known - 1] if known else None
        poll = PollResult(window=trace.window, new=new, latest=latest, slack=slack)
        if now - learnt > timedelta(hours=12):
            first = bisect_right(trace.published, now - timedelta(days=28))
            rhythm, learnt = AdaptiveSchedule(trace.published[first:known], trace.zone, now), now
        due = rhythm.next_poll(now, BOUNDS, poll)
        now = START - ((START - due) // TICK) * TICK  # the first tick that is no earlier
    return judge(trace, polls)


def at_intervals(trace: Trace, interval: timedelta) -> PollTotals:
    """PollResult at fixed intervals."""
    count = (LEARNING + COUNTED) // interval
    return judge(trace, [START + number * interval for number in range(count + 1)])


def judge(trace: Trace, polls: list[datetime]) -> PollTotals:
    """Return the results of polls after the weeks of learning."""
    since = START + LEARNING
    delays: list[float] = []
    missed = seen = 0
    for at in polls:
        known = bisect_right(trace.published, at)
        kept = max(seen, known - trace.window)
        if at >= since:
            missed += kept - seen
            shown = [p for p in trace.published[kept:known] if p >= since]
            delays += [(at - published) / timedelta(minutes=1) for published in shown]
        seen = known
    return PollTotals(sum(at >= since for at in polls), delays, missed)


def _sum(outcomes: Sequence[PollTotals]) -> PollTotals:
    return PollTotals(
        sum(outcome.polls for outcome in outcomes),
        [delay for outcome in outcomes for delay in outcome.delays],
        sum(outcome.missed for outcome in outcomes),
    )


def _row(name: str, ours: PollTotals, fixed: PollTotals) -> dict[str, float | str]:
    p95, p95_fixed = (quantiles(outcome.delays, n=20)[-1] for outcome in (ours, fixed))
    return {
        "outlet": name,
        "stories": len(ours.delays),
        "polls": ours.polls / COUNTED.days,
        "p50_fixed": median(fixed.delays),
        "p50": median(ours.delays),
        "p95_fixed": p95_fixed,
        "p95": p95,
        "ratio": p95 / p95_fixed,
        "missed_fixed": fixed.missed,
        "missed": ours.missed,
    }

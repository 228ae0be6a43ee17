"""``python -m benchmarks.health``: broken runs and healthy years, and what is said of them."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from statistics import median
from typing import Any

from benchmarks.health.outlets import POLLS, OutletRuns, TestedOutlet, subjects, world
from benchmarks.health.years import false_alarms
from newsworld.breakage import HEALTHY, KINDS, Breakage
from newsworld.story import Story

SEED = 6_300
"""Seed of the worlds that are measured; thresholds were chosen on others."""
HISTORY = 170
"""Stories of an outlet before it breaks."""
WITHIN = 20
"""Stories within which a breakage is to be found."""
FOUND, RIGHT, ALARMS = 0.95, 0.9, 1
"""Least shares of breakages found, and named right; most false alarms in any outlet's year."""
NOTHING = "-"
"""Outcome of a healthy run."""
EXPECTED = {
    "renamed_classes": {"selector_dead"},
    "swapped_fields": {"fields_swapped"},
    "teaser_bodies": {"teaser"},
    "date_format": {"date_format"},
    "local_as_utc": {"wrong_offset"},
    "encoding": {"encoding"},
    "captcha": {"captcha_page"},
    "consent_wall": {"consent_page"},
    "soft_404": {"soft_404"},
    "block_page": {"blocked"},
    "login_wall": {"blocked"},
    "feed_gone": {"feed_gone"},
    "feed_frozen": {"feed_frozen", "nothing_published"},
    "blocked": {"blocked"},
    "site_down": {"site_down"},
}
"""Causes that are right; a feed that is an outlet's only source looks like no news."""


def breakages(
    count: int, seed: int, outlets: int | None = None
) -> Iterator[tuple[TestedOutlet, Breakage]]:
    """Make so many breakages, of all kinds in turn, on outlets that they can break."""
    kinds = [kind for kind in KINDS if kind not in HEALTHY]
    for number in range(count):
        if number % 150 == 0:
            found = subjects(world(seed + number // 150))[:outlets]
        rng = Random(f"{seed}:{number}")
        kind = kinds[number % len(kinds)]
        fit = [subject for subject in found if _can(subject, kind)]
        subject = rng.choice(fit)
        yield subject, Breakage(subject.outlet.host, kind, seed=rng.randrange(10**6))


def _can(subject: TestedOutlet, kind: str) -> bool:
    name = subject.outlet.name
    if kind == "swapped_fields":
        return name != "national_times"  # it names no author, and its section nowhere
    if kind == "local_as_utc":  # Asian Lite states no offset, and at home it is UTC
        away = datetime(2024, 11, 20, tzinfo=UTC).astimezone(subject.outlet.zone).utcoffset()
        return bool(away) and name != "asianlite"
    return True


def follow(
    line: OutletRuns, stories: list[Story], breakage: Breakage | None = None
) -> Iterator[tuple[str, int]]:
    """Run by run, the cause that is named (or ``-``), and how many of the stories are out."""
    first, last = stories[0].published, stories[-1].published
    if line.state is None:
        line.run(first - POLLS, [])
    now, out = first.replace(minute=7, second=0), 0
    while now <= last + 2 * POLLS:
        new = []
        while out < len(stories) and stories[out].published <= now:
            new.append(stories[out])
            out += 1
        verdict = line.run(now, new, breakage)
        yield verdict.cause or NOTHING, out
        now += POLLS


def measure(count: int, seed: int, outlets: int | None = None) -> tuple[float, float]:
    """Print the confusion table; return the shares that were found, and named right.

    Args:
        count: of broken runs.
        seed: of the first world; each makes 150 of them.
        outlets: break only the first so many of each world's.
    """
    histories: dict[TestedOutlet, dict[str, Any] | None] = {}
    before: Counter[str] = Counter()
    table: Counter[tuple[str, str]] = Counter()
    needed: list[int] = []
    for subject, breakage in breakages(count, seed, outlets):
        if subject not in histories:
            line = OutletRuns(subject)
            before.update(told for told, _ in follow(line, subject.stories[:HISTORY]))
            histories[subject] = line.state
        said = NOTHING
        after = subject.stories[HISTORY : HISTORY + WITHIN]
        for told, out in follow(OutletRuns(subject, histories[subject]), after, breakage):
            if told != NOTHING:
                said = told
                needed.append(out)
                break
        table[breakage.kind, said] += 1
        if said not in EXPECTED[breakage.kind]:
            print(f"  {subject.outlet.name} {breakage}: {said}", file=sys.stderr)
    print("breakage           what was said")
    for kind in EXPECTED:
        said = ", ".join(f"{said} {n}" for (of, said), n in table.most_common() if of == kind)
        print(f"{kind:18} {said}")
    found = sum(n for (_, said), n in table.items() if said != NOTHING) / count
    right = sum(n for (kind, said), n in table.items() if said in EXPECTED[kind]) / count
    print(
        f"{count} broken runs: {found:.1%} found within {WITHIN} stories, {right:.1%} named right."
    )
    print(f"Stories until then: {median(needed)} (median), {max(needed)} (most).")
    print(
        f"Runs before: {before.total()}, of which not healthy: {before.total() - before[NOTHING]}."
    )
    return found, right


def main(options: list[str]) -> int:
    """Measure breakages and healthy years; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks health")
    parser.add_argument("--runs", type=int, default=300, help="broken runs")
    parser.add_argument("--years", type=int, default=100, help="healthy years")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(options)
    found, right = measure(given.runs, given.seed) if given.runs else (1.0, 1.0)
    most = false_alarms(given.years, given.seed) if given.years else 0
    return int(found < FOUND or right < RIGHT or most > ALARMS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

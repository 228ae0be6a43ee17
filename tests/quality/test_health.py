"""The short form of ``make bench PART=health``: each kind of breakage once, and two years."""

import pytest

from benchmarks.health.__main__ import ALARMS, EXPECTED, FOUND, RIGHT, measure
from benchmarks.health.years import false_alarms

SEED = 9_300


@pytest.mark.timeout(300)
def test_breakages_are_found_and_named() -> None:
    found, right = measure(len(EXPECTED), SEED, outlets=3)
    assert found >= FOUND
    assert right >= RIGHT


def test_healthy_years_are_quiet() -> None:
    assert false_alarms(2, SEED) <= ALARMS

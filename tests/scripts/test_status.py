"""How figures are shown: short enough for a table, and not misleading."""

from datetime import timedelta

import pytest

from scripts.status import bars, fresh, share, span


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], ""),
        ([0, 0], "  "),
        ([1, 8, 4, 0], "▁█▄ "),
        ([1, 1_000], "▁█"),  # little is not nothing
        ([5, 5], "██"),
    ],
)
def test_bars(counts: list[int], shown: str) -> None:
    assert bars(counts) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "0s"), (0.4, "0s"), (119, "119s"), (120, "2m"), (7_199, "119m"), (7_200, "2h"),
     (172_799, "47h"), (172_800, "2d")],
)  # fmt: skip
def test_spans(seconds: float, shown: str) -> None:
    assert span(timedelta(seconds=seconds)) == shown


def test_what_is_not_known_is_no_figure() -> None:
    assert (fresh(None), share(None)) == ("-", "-")
    assert fresh({"stories": 3, "p50": 95.2, "p95": 900.0}) == "95s/15m"
    assert share({"share": 0.9876}) == "98.8%"

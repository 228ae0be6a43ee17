"""Retry-After in both its forms, and from servers whose clock is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.fetch.retry_after import retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def http(seconds: float, of: datetime = NOW) -> str:
    return (of + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")


OLD = datetime(2024, 11, 30, 8, 0, 0, tzinfo=UTC)
CASES: list[tuple[str, str, str, float | None]] = [
    ("seconds", "120", "", 120),
    ("zero", "0", "", 0),
    ("spaces", " 7 ", "", 7),
    ("enormous", "9" * 400, "", 999999999999),
    ("negative", "-1", "", None),
    ("fraction", "1.5", "", None),
    ("words", "soon", "", None),
    ("empty", "", "", None),
    ("other_digits", "\u0663", "", None),
    ("date", http(90), "", 90),
    ("date_beside_date", http(90), http(0), 90),
    ("date_past", http(-90), http(0), 0),
    ("date_on_a_fast_clock", http(90 + 600), http(600), 90),
    ("date_on_a_slow_clock", http(90 - 600), http(-600), 90),
    ("date_on_a_clock_of_another_year", http(90, OLD), http(0, OLD), 90),
    ("date_of_now_from_a_clock_of_another_year", http(90), http(0, OLD), 90),
    ("date_in_two_days", http(2 * 86400), http(0), 2 * 86400),
    ("no_such_date", "Sun, 99 Foo 2026 12:00:00 GMT", http(0), None),
    ("asctime", "Sun Mar  1 12:01:30 2026", "", 90),
    ("rfc_850", "Sunday, 01-Mar-26 12:01:30 GMT", "", 90),
    ("date_header_is_none", http(90), "today", 90),
]


@pytest.mark.parametrize(("value", "date", "seconds"), [c[1:] for c in CASES],
                         ids=[c[0] for c in CASES])  # fmt: skip
def test_retry_after(value: str, date: str, seconds: float | None) -> None:
    assert retry_after(value, date, NOW) == seconds

"""Dates of change as sitemaps print them."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.sources.lastmod import read_lastmod


def day(month: int, day: int, hours: int) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hours)


LATEST = datetime(2026, 12, 1, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = (datetime(2026, 11, 19, 10, tzinfo=UTC), datetime(2026, 11, 21, 12, tzinfo=UTC))
"""20 November, from where it begins first to where it ends last."""
ANYWHERE = (NINE - timedelta(hours=14), NINE + timedelta(hours=12))
"""9 o'clock in a zone that is not known."""


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-20T09:00:00+00:00", "2026-11-20T09:00Z", "2026-11-20T14:00:00.000+0500"),
        *("Fri, 20 Nov 2026 09:00:00 GMT", "20 Nov 2026 04:00:00 -0500", "20/11/2026 09:00 UTC"),
        *("1795165200", "1795165200000", "1795165200000000", "1795165200.25"),
        *("2026-11-2009:00:00+00:00", "2026/11/20 09:00:00Z", "2026-11-20T09:00:00 GMT"),
        *("Fri Nov 20 09:00:00 UTC 2026", "2026-11-20T09:00:00+00:00Z", "20261120T090000Z"),
    ],
)
def test_an_instant(text: str) -> None:
    assert read_lastmod(text, LATEST) == (NINE, NINE)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2026-11-20", DAY),
        ("20261120", DAY),
        ("20.11.2026", DAY),
        ("11/20/2026", DAY),
        ("November 20, 2026", DAY),
        ("2026-11-20T09:00:00+99:99", DAY),
        ("2026-11-20T25:61:00Z", DAY),
        ("2026-11-20T09:00:00", ANYWHERE),
        ("2026-11-20 09:00", ANYWHERE),
        ("20/11/2026 09:00", ANYWHERE),
        ("2026/11/20 09:00:00 AM", ANYWHERE),
        ("2026-11", (day(10, 31, 10), day(12, 1, 12))),
        ("2026", (day(1, 1, -14), day(12, 31, 36))),
        # 8 November or 11 August.
        ("08.11.2026", (day(8, 10, 10), day(11, 9, 12))),
        # 12 September, for 9 December is to come.
        ("09/12/2026", (day(9, 11, 10), day(9, 13, 12))),
    ],
)  # fmt: skip
def test_a_time_that_may_be_several_instants(text: str, span: tuple[datetime, datetime]) -> None:
    assert read_lastmod(text, LATEST) == span


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2 hours ago", "weekly", "0000-00-00", "2026-13-40", "-1", "9" * 400),
        *("0001-01-01T00:00:00Z", "1970-01-01", "0", "2031-01-01", "9999-12-31T23:59:59Z"),
    ],
)
def test_no_date(text: str) -> None:
    assert read_lastmod(text, LATEST) is None

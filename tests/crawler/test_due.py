"""When an outlet is due, and how long it may take until it is again."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from crawler.due import fires, longest_wait

AT = datetime(2024, 11, 30, 8, 15, tzinfo=UTC)


def test_fires_are_by_the_outlets_clock() -> None:
    found = islice(fires("0 6 * * *", "Asia/Karachi", AT), 2)
    assert list(found) == [datetime(2024, 12, day, 1, tzinfo=UTC) for day in (1, 2)]
    assert list(fires("adaptive 10m-6h", "UTC", AT)) == []


@pytest.mark.parametrize(
    ("schedule", "wait"),
    [
        ("*/30 * * * *", timedelta(minutes=30)),
        ("0 6,7,22 * * *", timedelta(hours=15)),
        ("adaptive 10m-6h", timedelta(hours=6)),
        ("whenever", None),
    ],
)
def test_the_longest_wait(schedule: str, wait: timedelta | None) -> None:
    assert longest_wait(schedule, "UTC", AT) == wait

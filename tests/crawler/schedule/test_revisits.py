"""When a story is looked at again, by its age."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.schedule.revisits import DEFAULT_REVISIT_AGES, next_revisit, read_age

BORN = datetime(2026, 3, 1, 12, tzinfo=UTC)
AGES = [timedelta(minutes=15), timedelta(hours=4), timedelta(days=7)]


@pytest.mark.parametrize(
    ("text", "age"),
    [("15m", timedelta(minutes=15)), ("4h", timedelta(hours=4)), ("7d", timedelta(days=7))],
)
def test_ages(text: str, age: timedelta) -> None:
    assert read_age(text) == age


@pytest.mark.parametrize("text", ["", "0m", "15", "m", "1w", "1.5h", "-1h", "99999d"])
def test_no_ages(text: str) -> None:
    with pytest.raises(ValueError, match="write one like"):
        read_age(text)


@pytest.mark.parametrize("published", [None, BORN, BORN - timedelta(hours=20)])
def test_a_fresh_story_is_looked_at_from_its_first_sight_on(published: datetime | None) -> None:
    now, visits = BORN + timedelta(seconds=5), []
    while due := next_revisit(AGES, published, BORN, now):
        now = due + timedelta(minutes=10)  # the next run
        visits.append(due - BORN)
    assert visits == AGES


def test_at_most_six_times() -> None:
    assert len(DEFAULT_REVISIT_AGES) <= 6
    assert (read_age(DEFAULT_REVISIT_AGES[0]), read_age(DEFAULT_REVISIT_AGES[-1])) == (
        AGES[0],
        AGES[-1],
    )
    assert sorted(map(read_age, DEFAULT_REVISIT_AGES)) == list(map(read_age, DEFAULT_REVISIT_AGES))


def test_visits_that_were_missed_are_one() -> None:
    assert next_revisit(AGES, None, BORN, BORN + timedelta(days=1)) == BORN + AGES[-1]


def test_an_old_story_is_let_alone() -> None:
    published = BORN - timedelta(days=3)
    assert next_revisit(AGES, published, BORN, BORN) == published + AGES[-1]
    assert next_revisit(AGES, BORN - timedelta(days=30), BORN, BORN) is None


def test_an_outlet_may_want_none() -> None:
    assert next_revisit([], None, BORN, BORN) is None

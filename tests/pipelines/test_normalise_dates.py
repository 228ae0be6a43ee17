"""Dates that cannot be are flagged or taken away."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.text.dates.timestamp import Timestamp
from pipelines.normalise_dates import EARLIEST, TOLERANCE, NormaliseDates
from tests.pipelines.helpers import FETCHED, article, counts, pipeline, stamp

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("at", [FETCHED, FETCHED - timedelta(days=3650), EARLIEST])
def test_a_date_of_the_past_is_kept_as_it_is(at: datetime) -> None:
    made, date = pipeline(NormaliseDates), stamp(at, precision="day", flags=("ambiguous",))
    assert made.process_item(article(published=date, modified=date)).published is date
    assert counts(made) == {}


@pytest.mark.parametrize("name", ["published", "modified"])
@pytest.mark.parametrize("ahead", [SECOND, timedelta(hours=14), TOLERANCE])
def test_a_date_a_little_ahead_is_flagged(name: str, ahead: timedelta) -> None:
    made = pipeline(NormaliseDates)
    done = made.process_item(article(**{name: stamp(FETCHED + ahead, flags=("ambiguous",))}))
    date: Timestamp = getattr(done, name)
    assert date.at == FETCHED + ahead
    assert date.flags == ("ambiguous", "future")
    assert counts(made) == {f"dates/future_{name}": 1}
    assert done.flags == []


@pytest.mark.parametrize(
    "at", [EARLIEST - SECOND, FETCHED + TOLERANCE + SECOND, datetime(9999, 1, 1, tzinfo=UTC)]
)
@pytest.mark.parametrize("name", ["published", "modified"])
def test_an_impossible_date_is_taken_away(name: str, at: datetime) -> None:
    made = pipeline(NormaliseDates)
    done = made.process_item(article(**{name: stamp(at)}, origins={name: "meta", "title": "meta"}))
    assert getattr(done, name) is None
    assert done.origins == {"title": "meta"}
    missing = ["no_date"] if name == "published" else []
    assert done.flags == [f"impossible_{name}", *missing]
    assert counts(made) == {f"dates/{flag}": 1 for flag in done.flags}


def test_an_undated_article_is_kept_and_flagged() -> None:
    made = pipeline(NormaliseDates)
    done = made.process_item(article(published=None))
    assert (done.published, done.flags) == (None, ["no_date"])
    assert counts(made) == {"dates/no_date": 1}

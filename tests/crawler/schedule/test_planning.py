"""When an outlet is due: fires, missed runs, quiet hours, clocks that jump."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule.planning import (
    SchedulePlan,
    ScheduleRule,
    ScheduleState,
    plan,
    read_adaptive_bounds,
    read_quiet,
)

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = (
    "Europe/London", "America/New_York", "Asia/Karachi", "Australia/Lord_Howe", "America/Santiago",
)  # fmt: skip


def rule(schedule: str = "0 * * * *", **declared: Any) -> ScheduleRule:
    return ScheduleRule(outlet="meridian", schedule=schedule, **declared)


def state(handled: datetime, one: ScheduleRule) -> ScheduleState:
    following = handled + HOUR if one.bounds else next(one.fires(handled))
    return ScheduleState(schedule=one.schedule, handled=handled, next=following)


def after(done: SchedulePlan) -> ScheduleState:
    return ScheduleState(schedule=done.rule.schedule, handled=done.handled, next=done.next)


def replay(
    one: ScheduleRule, ticks: Iterable[datetime], known: ScheduleState | None
) -> list[SchedulePlan]:
    """What is done when somebody looks at these times."""
    done = []
    for now in ticks:
        if found := plan(one, known, now):
            done.append(found)
            known = after(found)
    return done


def every(step: timedelta, start: datetime, end: datetime) -> Iterable[datetime]:
    return (start + n * step for n in range((end - start) // step + 1))


def local(fires: Iterable[datetime], zone: str) -> list[str]:
    return [f"{fire.astimezone(ZoneInfo(zone)):%d %H:%M%z}" for fire in fires]


@pytest.mark.parametrize(
    ("schedule", "zone", "day", "expected"),
    [
        # A skipped time is made up right after, a repeated one is met once.
        ("30 1 * * *", "Europe/London", (3, 29), ["29 02:00+0100", "30 01:30+0100"]),
        ("30 1 * * *", "Europe/London", (10, 25), ["25 01:30+0100", "26 01:30+0000"]),
        ("30 2 * * *", "America/New_York", (3, 8), ["08 03:00-0400", "09 02:30-0400"]),
        ("15 0 * * *", "America/Santiago", (9, 6), ["06 01:00-0300", "07 00:15-0300"]),
        ("15 2 * * *", "Australia/Lord_Howe", (10, 4), ["04 02:30+1100", "05 02:15+1100"]),
        ("45 1 * * *", "Australia/Lord_Howe", (4, 5), ["05 01:45+1100", "06 01:45+1030"]),
        # What runs every hour just goes on.
        ("5 * * * *", "Europe/London", (3, 29), ["29 00:05+0000", "29 02:05+0100"]),
    ],
)
def test_local_times_that_are_skipped_or_repeated(
    schedule: str, zone: str, day: tuple[int, int], expected: list[str]
) -> None:
    start = datetime(2026, *day, tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)
    fires = rule(schedule, timezone=zone).fires(start.astimezone(UTC))
    assert local((next(fires) for _ in expected), zone) == expected


CHANGES = [(3, 8), (3, 29), (4, 5), (9, 6), (10, 4), (10, 25), (11, 1)]
"""Days of 2026 on which clocks change in one of the zones."""


@pytest.mark.parametrize("zone", ZONES)
def test_every_half_hour_there_is_one_whatever_the_clocks_do(
    zone: str, request: pytest.FixtureRequest
) -> None:
    """In a soak, of a whole year; else, of the days around each change."""
    year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    days = [datetime(2026, *change, tzinfo=UTC) for change in CHANGES]
    spans = [year] if request.config.getoption("soak") else [(d - DAY, d + 2 * DAY) for d in days]
    for start, end in spans:
        fires = rule("*/30 * * * *", timezone=zone).fires(start)
        found = list(takewhile(end.__gt__, fires))
        assert found == [start + n * 30 * MINUTE for n in range(1, (end - start) // (30 * MINUTE))]


@given(
    zone=st.sampled_from(ZONES),
    schedule=st.sampled_from(
        ["30 1 * * *", "0,30 2 * * *", "15 0 * * 0", "0 */2 * * *", "10 * * * *", "45 1,2 * * *"]
    ),
    change=st.sampled_from(CHANGES),
    minutes=st.integers(-1500, 2900),
)
def test_fires_are_the_same_from_wherever_one_starts(
    zone: str, schedule: str, change: tuple[int, int], minutes: int
) -> None:
    one = rule(schedule, timezone=zone)
    day = datetime(2026, *change, tzinfo=UTC)
    moment = day + minutes * MINUTE
    end = day + 12 * DAY
    known = takewhile(lambda fire: fire < end, one.fires(day - 9 * DAY))
    expected = [fire for fire in known if fire > moment]
    assert list(takewhile(lambda fire: fire < end, one.fires(moment))) == expected


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("never", "five fields"),
        ("* * * * * *", "five fields"),
        ("61 * * * *", "Bad minute"),
        ("0 0 30 2 *", "Bad day-of-month"),
        ("adaptive", "adaptive 10m-6h"),
        ("adaptive 10m-6w", "15m, 4h or 7d"),
        ("adaptive 6h-10m", "not shorter"),
    ],
)
def test_no_schedules(schedule: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_adaptive_bounds(schedule)


@pytest.mark.parametrize("text", ["23:00", "23:00-24:00", "9:00-10:00", "06:00-06:00"])
def test_no_quiet_hours(text: str) -> None:
    with pytest.raises(ValueError, match="write them like"):
        read_quiet(text)


def test_an_outlet_that_was_never_collected_is_due_at_once() -> None:
    found = plan(rule(), None, NOON + 90 * timedelta(seconds=1))
    assert found
    assert (found.fire, found.handled, found.next) == (NOON + MINUTE, NOON + MINUTE, NOON + HOUR)


def test_what_is_done_is_not_done_again() -> None:
    done = plan(rule(), state(NOON - HOUR, rule()), NOON + MINUTE)
    assert done
    assert (done.fire, done.skipped, done.since) == (NOON, {}, None)
    assert plan(rule(), after(done), NOON + 2 * MINUTE) is None


@pytest.mark.parametrize(
    ("missed", "runs", "skipped", "since"),
    [
        ("skip", [None, NOON + 10 * HOUR], {"late": 9}, False),
        ("once", [NOON + 9 * HOUR, NOON + 10 * HOUR], {"merged": 8}, False),
        ("backfill", [NOON + 9 * HOUR, NOON + 10 * HOUR], {"merged": 8}, True),
    ],
)
@pytest.mark.parametrize("jump", [9 * HOUR + 20 * MINUTE])
def test_nine_hours_are_missed(
    missed: str, runs: list[datetime | None], skipped: dict[str, int], since: bool, jump: timedelta
) -> None:
    """After downtime, or after the clock jumped: the two look alike."""
    one = rule(missed=missed)
    ticks = every(5 * MINUTE, NOON + jump, NOON + jump + HOUR)
    done = replay(one, ticks, state(NOON, one))
    assert [found.fire for found in done] == runs
    assert [found.skipped for found in done] == [skipped, {}]
    assert [found.since for found in done] == [NOON if since else None, None]


def test_skip_runs_what_is_just_in_time() -> None:
    one = rule(missed="skip")
    done = plan(one, state(NOON, one), NOON + 3 * HOUR + 8 * MINUTE)
    assert done
    assert (done.fire, done.skipped) == (NOON + 3 * HOUR, {"late": 2})


def test_a_clock_that_is_set_back_shows_nothing_twice() -> None:
    one = rule()
    before = replay(one, every(5 * MINUTE, NOON, NOON + 10 * HOUR), state(NOON, one))
    again = every(5 * MINUTE, NOON + HOUR, NOON + 12 * HOUR)
    later = replay(one, again, after(before[-1]))
    assert [found.fire for found in later] == [NOON + 11 * HOUR, NOON + 12 * HOUR]


def test_a_clock_that_was_far_ahead_does_not_stop_an_outlet_for_years() -> None:
    one = rule()
    done = plan(one, state(NOON + 400 * DAY, one), NOON)
    assert done
    assert (done.fire, done.skipped) == (NOON, {"clock": 0})


def test_quiet_hours() -> None:
    one = rule(quiet="23:00-06:00", timezone="Asia/Karachi")
    start = datetime(2026, 6, 10, 17, 0, tzinfo=UTC)  # ten at night there
    done = replay(one, every(5 * MINUTE, start + MINUTE, start + 12 * HOUR), state(start, one))
    fires = [found.fire for found in done if found.fire]
    assert local(fires, "Asia/Karachi")[0] == "11 06:00+0500"
    assert done[0].skipped == {"quiet": 7}
    assert sum(sum(found.skipped.values()) for found in done) + len(fires) == 11


def test_what_was_missed_waits_for_the_end_of_quiet_hours() -> None:
    one = rule("30 22 * * *", quiet="23:00-06:00", missed="backfill")
    before = datetime(2026, 6, 10, 21, tzinfo=UTC)
    done = replay(one, every(5 * MINUTE, before + 3 * HOUR, before + 10 * HOUR), state(before, one))
    assert [(found.fire, found.since) for found in done] == [(before + 1.5 * HOUR, before)]
    assert plan(one, None, before + 3 * HOUR) is None


def test_every_minute_is_met_every_five() -> None:
    one = rule("* * * * *")
    done = replay(one, every(5 * MINUTE, NOON + 5 * MINUTE, NOON + HOUR), state(NOON, one))
    assert len(done) == 12
    assert {tuple(found.skipped.items()) for found in done} == {(("merged", 4),)}


def test_a_schedule_that_was_changed_holds_at_once() -> None:
    known = state(NOON, rule("0 0 1 1 *"))
    done = plan(rule("*/10 * * * *"), known, NOON + 11 * MINUTE)
    assert done
    assert done.fire == NOON + 10 * MINUTE


def test_adaptive_is_due_when_its_last_run_said() -> None:
    one = rule("adaptive 10m-6h", missed="backfill")
    known = state(NOON, one)
    assert plan(one, known, NOON + 59 * MINUTE) is None
    done = plan(one, known, NOON + 61 * MINUTE)
    assert done
    assert (done.fire, done.next, done.since) == (NOON + HOUR, NOON + 7 * HOUR + MINUTE, None)
    late = plan(one, known, NOON + 9 * HOUR)
    assert late
    assert late.since == NOON


def test_outlets_of_one_fire_begin_one_after_the_other() -> None:
    spread = timedelta(seconds=30)
    done = plan(rule(), state(NOON - HOUR, rule()), NOON)
    assert done
    names = [f"outlet{number}" for number in range(30)]
    plans = [replace(done, rule=replace(done.rule, outlet=name)) for name in names]
    starts = [found.begin(spread) for found in plans]
    assert starts == [found.begin(spread) for found in plans]
    assert min(starts) >= NOON
    assert max(starts) < NOON + spread
    assert len({start.second for start in starts}) > 15


@pytest.mark.parametrize(
    ("schedule", "quiet", "due", "until"),
    [
        ("*/30 * * * *", "", "12:00", "13:10"),
        ("*/10 8-20 * * *", "", "12:00", "12:30"),  # a night tells nothing of a day
        ("*/10 8-20 * * *", "", "20:50", "08:20"),
        ("0 6,7,22 * * *", "", "07:00", "06:10"),
        ("*/30 * * * *", "23:00-06:00", "23:00", "06:40"),
        ("*/30 * * * *", "23:00-06:00", "22:00", "06:10"),
        ("0 3 * * *", "02:00-04:00", "03:00", ""),
        ("adaptive 10m-6h", "", "04:00", "16:15"),
        ("adaptive 10m-2h", "23:00-06:00", "22:00", "09:15"),
    ],
)
def test_an_outlet_is_overdue_when_it_was_missed_twice(
    schedule: str, quiet: str, due: str, until: str
) -> None:
    """By what would have run: quiet hours, and how long a night is, do not count."""
    one = rule(schedule, quiet=quiet)
    was_due = datetime.combine(NOON, time.fromisoformat(due), UTC)
    looks = [was_due + number * 5 * MINUTE for number in range(500)]
    late = [look for look in looks if one.is_overdue(was_due, look + timedelta(seconds=1))]
    assert (f"{late[0]:%H:%M}" if late else "") == until
    assert late == looks[len(looks) - len(late) :]

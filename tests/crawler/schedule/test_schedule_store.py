"""What was done of schedules: claimed once, accounted for, in few round trips."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from typing import Any

import pytest
from pymongo import monitoring

from crawler.schedule.planning import SchedulePlan, ScheduleRule, plan
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.database import Database
from tests.crawler.store_fixture import Store, in_eight_processes

AT = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEWS = ScheduleRule(outlet="news", schedule="0 * * * *")


def planned(now: datetime, state: Any = None, rule: ScheduleRule = NEWS) -> SchedulePlan:
    found = plan(rule, state, now)
    assert found
    return found


async def claim_news(database: Database) -> bool:
    """As one of eight at the same moment."""
    schedules = ScheduleStore(database)
    states = await schedules.states()
    found = plan(NEWS, states.get("news"), AT + 5 * HOUR)
    return bool(found and await schedules.claim([found]))


@pytest.mark.parametrize("known", [False, True])
def test_of_eight_at_one_moment_one_gets_the_fire(store: Store, known: bool) -> None:
    async def first(database: Database) -> None:
        if known:
            await ScheduleStore(database).claim([planned(AT)])

    store.run(first)
    told = in_eight_processes(store, "schedule.test_schedule_store", "claim_news")
    assert sorted(told) == ["False"] * 7 + ["True"]
    stored = store.plain.schedules.find_one({"_id": "news"})
    assert stored
    assert (stored["met"], stored["handled"]) == (1 + known, AT + 5 * HOUR)


def test_what_was_skipped_is_told(store: Store) -> None:
    rule = ScheduleRule(outlet="news", schedule="0 * * * *", missed="skip")

    async def work(database: Database) -> None:
        schedules = ScheduleStore(database)
        await schedules.claim([planned(AT, rule=rule)])
        state = (await schedules.states())["news"]
        await schedules.claim([planned(AT + 5 * HOUR + 30 * MINUTE, state, rule)])

    store.run(work)
    stored = store.plain.schedules.find_one({"_id": "news"})
    assert stored
    assert (stored["met"], stored["skipped"], stored["fire"]) == (1, {"late": 5}, AT)
    assert stored["spans"] == [{"since": AT, "until": AT + 5 * HOUR, "fires": {"late": 5}}]


def test_an_adaptive_run_says_when_the_next_is(store: Store) -> None:
    rule = ScheduleRule(outlet="news", schedule="adaptive 10m-6h")

    async def work(database: Database) -> None:
        schedules = ScheduleStore(database)
        done = planned(AT, rule=rule)
        await schedules.claim([done])
        await schedules.reschedule(done, {"next": AT + 20 * MINUTE, "window": 12})
        state = (await schedules.states())["news"]
        assert state.next == AT + 20 * MINUTE
        later = planned(AT + 21 * MINUTE, state, rule)
        await schedules.claim([later])
        await schedules.reschedule(done, {"next": AT})  # it has been overtaken
        assert (await schedules.states())["news"].next == later.next

    store.run(work)


def test_when_stories_came_out(store: Store) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    hours = [now - n * 7 * HOUR for n in range(1, 10)]
    midnights = [datetime.combine(at.date(), time(), UTC) for at in hours]

    async def work(database: Database) -> tuple[list[datetime], list[datetime]]:
        store.plain.command("collMod", "articles", validationLevel="off")
        for outlet, printed in (("timed", hours), ("dated", midnights)):
            store.plain.articles.insert_many(
                {
                    "_id": f"{outlet}{n}",
                    "outlet": outlet,
                    "published": {"at": at},
                    "first_seen": hours[n],
                }
                for n, at in enumerate(printed)
            )
        schedules = ScheduleStore(database)
        return await schedules.publication_times("timed", "UTC"), await schedules.publication_times(
            "dated", "UTC"
        )

    timed, dated = store.run(work)
    assert timed == dated == sorted(hours)


def test_a_scheduler_tells_that_it_lives(store: Store) -> None:
    store.run(lambda database: ScheduleStore(database).beat("run", AT))
    store.run(lambda database: ScheduleStore(database).beat("run", AT + MINUTE))
    (told,) = store.plain.schedulers.find()
    assert (told["at"], told["command"]) == (AT + MINUTE, "run")
    assert {"pid", "version"} <= told.keys()


def test_it_goes_on_to_tell_so_while_it_is_at_work(store: Store) -> None:
    async def work(database: Database) -> None:
        began = datetime.now(UTC)
        async with ScheduleStore(database).heartbeat("collect --due", every=0.05):
            at = began
            while at < began + timedelta(milliseconds=100):
                await asyncio.sleep(0.02)
                told = await database["schedulers"].find_one()
                assert told
                at = told["at"]

    store.run(lambda database: asyncio.wait_for(work(database), 20))


# -- A year, or some days of it, with all that can happen to a machine

ZONES = (
    "Europe/London", "America/New_York", "Asia/Karachi", "Australia/Lord_Howe", "America/Santiago",
)  # fmt: skip
SCHEDULES = (
    "*/30 * * * *", "30 1 * * *", "15 */3 * * *", "0 6,12,18 * * 1-5", "0,30 2 * * *", "50 23 1 * *"
)  # fmt: skip
MISSED = ("skip", "once", "backfill")
RULES = [
    ScheduleRule(
        outlet=f"outlet{n}",
        schedule=SCHEDULES[n % 6],
        timezone=ZONES[n % 5],
        missed=MISSED[n % 3],  # type: ignore[arg-type]
        quiet="23:00-05:30" if n % 4 == 0 else "",
    )
    for n in range(30)
]


class Trips(monitoring.CommandListener):
    """Counts what is sent to the server."""

    def __init__(self) -> None:
        self.names: Counter[str] = Counter()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.names[event.command_name] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


def clock(start: datetime, days: int, step: int) -> Iterator[datetime]:
    """What the clock shows every so many minutes.

    The machine is down now and then, and the clock is nine hours ahead for a while and set back.
    """
    for minute in range(0, days * 24 * 60, step):
        now = start + minute * MINUTE + timedelta(seconds=minute % 50)
        number, hour = minute // 1440, minute // 60 % 24
        if number % 11 == 4 and 3 <= hour < 15:  # down
            continue
        if number % 37 == 6 and 8 <= hour < 10:  # nine hours ahead, for two hours
            yield now + 9 * HOUR
        elif number % 90 == 50:  # down for a whole day
            continue
        else:
            yield now


@pytest.mark.timeout(7200)
def test_every_fire_is_met_or_accounted_for(store: Store, request: pytest.FixtureRequest) -> None:
    soak = request.config.getoption("soak")
    # The shorter one sees the clocks change in London, Santiago and on Lord Howe Island.
    start, days, step = (AT, 365, 5) if soak else (datetime(2026, 3, 28, tzinfo=UTC), 9, 10)
    met: dict[str, list[datetime]] = {rule.outlet: [] for rule in RULES}
    accounted: dict[str, Counter[str]] = {rule.outlet: Counter() for rule in RULES}
    first: dict[str, datetime] = {}
    lost_race = ticks = 0
    trips = Trips()
    monitoring.register(trips)

    async def work(database: Database) -> None:
        nonlocal lost_race, ticks
        one, other = ScheduleStore(database), ScheduleStore(database)
        trips.names.clear()
        for now in clock(start, days, step):
            ticks += 1
            states = await one.states()
            plans = [found for rule in RULES if (found := plan(rule, states.get(rule.outlet), now))]
            if not plans:
                continue
            ours = await one.claim(plans)
            assert ours == {found.rule.outlet for found in plans}
            if ticks % 10 == 0:
                assert not await other.claim(plans)  # at the same moment, a little later
                lost_race += len(plans)
            for found in plans:
                name = found.rule.outlet
                first.setdefault(name, found.handled)
                accounted[name].update(found.skipped)
                if found.fire:
                    met[name].append(found.fire)

    try:
        store.run(work)
    finally:
        monitoring._LISTENERS.command_listeners.remove(trips)
    assert ticks > 0.8 * days * 24 * 60 / step
    assert lost_race > 0
    # One look at each tick, whatever the number of outlets, and two more where there is work.
    assert ticks <= trips.names["find"] <= ticks + 10
    assert trips.names["update"] == trips.names["distinct"] <= ticks
    for rule in RULES:
        check(store, rule, first[rule.outlet], met[rule.outlet], accounted[rule.outlet])
    assert sum(map(len, met.values())) > 100 * days


def check(
    store: Store, rule: ScheduleRule, first: datetime, runs: list[datetime], skipped: Counter[str]
) -> None:
    """Every fire since the first is one that was run for once, or one that was skipped."""
    told = store.plain.schedules.find_one({"_id": rule.outlet})
    assert told
    declared = list(takewhile(told["handled"].__ge__, rule.fires(first)))
    assert len(set(runs)) == len(runs)
    assert set(runs[1:]) <= set(declared)
    assert len(runs[1:]) + skipped.total() == len(declared)
    assert told["met"] == len(runs)
    assert Counter(told.get("skipped", {})) == skipped
    assert not any(map(rule.is_quiet, runs))
    assert skipped.keys() <= {"quiet", "late", "merged"}
    assert "late" not in skipped or rule.missed == "skip"

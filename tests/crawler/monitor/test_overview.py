"""All outlets at once: what is told of each, and that more of them cost no more round trips."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.lead import Lead
from crawler.monitor.overview import full_overview, overview
from crawler.schedule.planning import ScheduleRule
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.leases import Leases
from crawler.store.ledger import Ledger
from crawler.store.process_identity import this_process
from crawler.store.runs import Runs
from tests.crawler.store_fixture import Store, article, stamp, versions

NOW = datetime.now(UTC)
HALF_HOURLY = ScheduleRule(outlet="news", schedule="*/30 * * * *")


def run(outlet: str, ago: timedelta, **changes: Any) -> dict[str, Any]:
    started = NOW - ago
    document = {
        "_id": f"{outlet} {ago}",
        "outlet": outlet,
        "started": started,
        "ended": started + timedelta(minutes=1),
        "outcome": "healthy",
        "process": this_process(),
    }
    return document | changes


async def rows(database: Database, outlets: dict[str, ScheduleRule]) -> dict[str, dict[str, Any]]:
    return {row["outlet"]: row for row in await overview(database, outlets, NOW)}


def test_what_is_told_of_each(store: Store) -> None:
    estimate = {"share": 0.9}

    async def work(database: Database) -> dict[str, dict[str, Any]]:
        for outlet in ("news", "other"):
            lead = Lead(url=f"https://{outlet}.example/1", origin="feed")
            await Ledger(database, outlet).sight(UNFENCED, [lead], "feed:/feed")
        published = stamp(datetime.now(UTC))
        await Articles(database).save(
            UNFENCED,
            versions([article(1, published=published), article(2), article(3, outlet="other")]),
        )
        yesterday = {"$set": {"stored": NOW - timedelta(days=1, minutes=1)}}
        await database["articles"].update_one(UNFENCED, {"_id": article(2).url}, yesterday)
        runs = Runs(database)
        for made in (
            run("news", timedelta(hours=3), completeness=estimate),
            run("news", timedelta(hours=1), outcome="running", ended=None),
            run("other", timedelta(hours=3)),
            run("other", timedelta(hours=1), completeness=None),
        ):
            await runs.open(UNFENCED, made)
        lease = await Leases(database).take("news", f"news {timedelta(hours=1)}", 60)
        try:
            return await rows(database, dict.fromkeys(("news", "other", "third"), HALF_HOURLY))
        finally:
            await lease.release()

    found = store.run(work)
    assert list(found) == ["news", "other", "third"]
    news, other, third = found.values()
    assert news["run"]["outcome"] == "running"
    assert news["ended_run"]["_id"] == f"news {timedelta(hours=3)}"
    assert other["ended_run"] == other["run"]
    assert (news["today"], news["articles"], news["leads"]) == (1, 2, {"pending": 1})
    assert news["freshness"]["stories"] == 1
    assert news["completeness"] == estimate
    assert other["completeness"] is None
    assert news["pages"]["count"] == 2
    assert (third["run"], third["ended_run"]) == (None, None)
    assert (third["articles"], third["leads"]) == (0, {})


@pytest.mark.parametrize(("ago", "overdue"), [(20, False), (55, False), (125, True)])
def test_an_outlet_is_overdue_when_it_was_missed_twice(
    ago: int, overdue: bool, store: Store
) -> None:
    async def work(database: Database) -> dict[str, dict[str, Any]]:
        await Runs(database).open(UNFENCED, run("news", timedelta(minutes=ago)))
        return await rows(database, {"news": HALF_HOURLY})

    found = store.run(work)["news"]
    assert found["overdue"] == overdue
    assert found["next_due"] - found["run"]["started"] <= timedelta(minutes=30)


def test_an_outlet_is_missed_whose_file_is_gone(store: Store) -> None:
    declared = {"schedule": "0 * * * *", "timezone": "Europe/London"}
    ages = {"news": 1, "lost": 29, "given_up": 31, "broken": 1}

    async def work(database: Database) -> list[dict[str, Any]]:
        for name in (*ages, "never"):
            store.plain.outlets.insert_one({"_id": name, **declared})
        for name, days in ages.items():
            await Runs(database).open(UNFENCED, run(name, timedelta(days=days)))
        unreadable = ["spiders/broken.py cannot be read (line 1): no."]
        return await full_overview(database, {"news": HALF_HOURLY}, NOW, unreadable)

    told = {row["outlet"]: row["undeclared"] for row in store.run(work)}
    assert told == {"news": False, "lost": True}


def test_a_noted_schedule_tells_more_than_the_last_run(store: Store) -> None:
    due = (NOW - timedelta(hours=13)).replace(microsecond=0)
    store.plain.schedules.insert_one(
        {"_id": "news", "schedule": "adaptive 10m-6h", "handled": NOW, "next": due}
    )
    outlets = {"news": ScheduleRule(outlet="news", schedule="adaptive 10m-6h")}
    found = store.run(lambda database: rows(database, outlets))["news"]
    assert (found["next_due"], found["overdue"]) == (due, True)


def test_more_outlets_cost_no_more_round_trips(store: Store) -> None:
    def calls(count: int) -> int:
        outlets = {f"outlet_{number}": HALF_HOURLY for number in range(count)}

        async def work(database: Database) -> None:
            for name in outlets:
                await Runs(database).open(UNFENCED, run(name, timedelta(hours=1)))
            store.plain.command("profile", 2)
            await overview(database, outlets, NOW)

        store.run(work)
        store.plain.command("profile", 0)
        told = store.plain["system.profile"].count_documents({"op": {"$in": ["query", "command"]}})
        store.plain.drop_collection("system.profile")
        store.plain.drop_collection("runs")
        return told

    few, many = calls(2), calls(40)
    assert few == many <= 12

"""What there is to see of all outlets at once: a fixed number of round trips, however many."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crawler.monitor.freshness import WINDOW, freshness
from crawler.schedule.planning import ScheduleRule
from crawler.store.database import Database, Document
from crawler.store.pages import Pages
from crawler.store.runs import Runs

LATELY = timedelta(days=2)
"""So old may a run be that tells of completeness, where the last one does not."""


async def overview(
    database: Database, outlets: Mapping[str, ScheduleRule], now: datetime
) -> list[dict[str, Any]]:
    """What is known of each outlet, in the order given.

    Returns:
        ``outlet``; ``run``, its last run's document, or None, and ``ended_run``, the same of those
        that have ended; ``next_due`` and ``overdue``, whether it was missed twice; how many
        ``articles`` there are, ``today`` (in its zone) and in all; ``leads`` by state; ``pages`` as
        of `Pages.sizes`; ``freshness`` of the last days and ``completeness``, or None.
    """
    names = list(outlets)
    runs = Runs(database)
    await runs.close_killed()
    last = await runs.last(names)
    ended = await _ended(runs, last)
    complete = await _completeness(database, names, last, now)
    fresh = await freshness(database, now - WINDOW, names)
    counts = await _articles(database, outlets, now)
    leads = await _leads(database, names)
    pages = await Pages(database).sizes(names)
    due = await _due(database, names)
    rows = []
    for name, rule in outlets.items():
        run = last.get(name)
        row = {
            "outlet": name,
            "run": run,
            "ended_run": ended.get(name),
            "today": 0,
            "articles": 0,
            **counts.get(name, {}),
            "leads": leads[name],
            "pages": pages[name],
            "freshness": fresh.get(name),
            "completeness": complete.get(name),
        }
        rows.append(row | _when(rule, run, due.get(name), now))
    return rows


def _when(
    rule: ScheduleRule, run: Document | None, due: datetime | None, now: datetime
) -> dict[str, Any]:
    """When an outlet is due, by what is noted of its schedule (`due`), or else by its last run."""
    if run and not due:
        due = run["started"] if rule.bounds else next(rule.fires(run["started"]))
    return {"next_due": due, "overdue": due is not None and rule.is_overdue(due, now)}


async def _ended(runs: Runs, last: Mapping[str, Document]) -> dict[str, Document]:
    """The last run of each outlet that has ended: how it is, while the next one goes on."""
    going = [name for name, run in last.items() if run["outcome"] == "running"]
    query = {"outlet": {"$in": going}, "outcome": {"$ne": "running"}}
    ended = {name: run for name, run in last.items() if name not in going}
    return ended | (await runs.last(going, query) if going else {})


async def _completeness(
    database: Database, names: Sequence[str], last: Mapping[str, Document], now: datetime
) -> dict[str, Document]:
    """The newest estimates: a run that goes on, or was killed, has none."""
    told = {name: run["completeness"] for name, run in last.items() if "completeness" in run}
    untold = [name for name in names if name not in told]
    query = {
        "outlet": {"$in": untold},
        "started": {"$gte": now - LATELY},
        "completeness": {"$exists": True},
    }
    if untold:
        told |= {
            name: run["completeness"]
            for name, run in (await Runs(database).last(untold, query)).items()
        }
    return {name: known for name, known in told.items() if known}


async def _articles(
    database: Database, outlets: Mapping[str, ScheduleRule], now: datetime
) -> dict[str, Document]:
    """How many articles there are, and how many of them are of today; by an index alone."""
    zones = defaultdict(list)
    for name, rule in outlets.items():
        zones[rule.timezone].append(name)
    midnights = [
        {
            "case": {"$in": ["$outlet", names]},
            "then": now.astimezone(ZoneInfo(zone)).replace(
                hour=0, minute=0, second=0, microsecond=0
            ),
        }
        for zone, names in zones.items()
    ]
    is_new = {"$gte": ["$stored", {"$switch": {"branches": midnights, "default": now}}]}
    stages: list[Document] = [
        {"$match": {"outlet": {"$in": list(outlets)}}},
        {
            "$group": {
                "_id": "$outlet",
                "articles": {"$sum": 1},
                "today": {"$sum": {"$cond": [is_new, 1, 0]}},
            }
        },
    ]
    if not outlets:
        return {}
    with database.calls():
        cursor = await database["articles"].aggregate(stages, hint="outlet_1_stored_1_delay_1")
        return {row.pop("_id"): row async for row in cursor}


async def _leads(database: Database, names: Sequence[str]) -> dict[str, dict[str, int]]:
    stages: list[Document] = [
        {"$match": {"outlet": {"$in": list(names)}}},
        {"$group": {"_id": {"outlet": "$outlet", "state": "$state"}, "count": {"$sum": 1}}},
    ]
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    with database.calls():
        cursor = await database["leads"].aggregate(stages)
        async for row in cursor:
            found[row["_id"]["outlet"]][row["_id"]["state"]] = row["count"]
    return {outlet: dict(counts.most_common()) for outlet, counts in found.items()}


async def _due(database: Database, names: Sequence[str]) -> dict[str, datetime]:
    """When outlets are due, where that is noted."""
    query = {"_id": {"$in": list(names)}, "next": {"$ne": None}}
    with database.calls():
        found = database["schedules"].find(query, ["next"])
        return {stored["_id"]: stored["next"] async for stored in found}

"""The overview of all outlets at once, in a fixed number of round trips, however many there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crawler.monitor.freshness import WINDOW, freshness
from crawler.schedule.planning import ScheduleRule
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.pages import Pages
from crawler.store.runs import Runs

MAX_AGE = timedelta(days=2)
"""How old a run may be whose completeness is shown, where the last one has none."""


UNDECLARED_FOR = timedelta(days=30)
"""How long after its last run an outlet is missed whose file is gone: then that is meant."""


async def full_overview(
    database: Database,
    declared: Mapping[str, ScheduleRule],
    now: datetime,
    unreadable: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """Return `overview` with the outlets that were collected lately, and have no file any more.

    They are ``undeclared``; not so those whose file is there, but cannot be read (`unreadable`: a
    sentence for each).
    """
    query: Document = {"_id": {"$nin": list(declared)}, "schedule": {"$type": "string"}}
    others = [one async for one in database["outlets"].find(query, ["schedule", "timezone"])]
    last = await Runs(database).last([other["_id"] for other in others]) if others else {}
    missed = {
        name: ScheduleRule(outlet=name, schedule=other["schedule"], timezone=other["timezone"])
        for other in others
        if (name := other["_id"]) in last
        and now - last[name]["started"] < UNDECLARED_FOR
        and not any(f"/{name}.py " in sentence for sentence in unreadable)
    }
    rows = await overview(database, {**declared, **missed}, now)
    return [row | {"undeclared": row["outlet"] in missed} for row in rows]


async def overview(
    database: Database, outlets: Mapping[str, ScheduleRule], now: datetime
) -> list[dict[str, Any]]:
    """Return what is known of each outlet, in the order given.

    Returns:
        ``outlet``; ``run``, its last run's document, or None, and ``ended_run``, the same of those
        that have ended; ``next_due`` and ``overdue``, whether it was missed twice; how many
        ``articles`` there are, ``today`` (in its zone) and in all; ``leads`` by state; ``pages`` as
        of `Pages.sizes`; ``freshness`` of the last days and ``completeness``, or None.
    """
    names = list(outlets)
    runs = Runs(database)
    await runs.close_killed(UNFENCED)
    last = await runs.last(names)
    ended = await _ended(runs, last)
    complete = await _completeness(runs, names, last, now)
    fresh = await freshness(database, now - WINDOW, names)
    counts = await _articles(database, outlets, now)
    leads = await _leads(database, names)
    pages = await Pages(database).sizes(names)
    states = await ScheduleStore(database).states()
    rows = []
    for name, rule in outlets.items():
        run = last.get(name)
        due = states[name].next if name in states else None
        if run and not due:  # no schedule was ever followed
            due = run["started"] if rule.bounds else next(rule.fires(run["started"]))
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
            "next_due": due,
            "overdue": due is not None and rule.is_overdue(due, now),
        }
        rows.append(row)
    return rows


async def _ended(runs: Runs, last: Mapping[str, Document]) -> dict[str, Document]:
    """Return the last ended run of each outlet, also while the next one goes on."""
    going = [name for name, run in last.items() if run["outcome"] == "running"]
    query = {"outlet": {"$in": going}, "outcome": {"$ne": "running"}}
    ended = {name: run for name, run in last.items() if name not in going}
    return ended | (await runs.last(going, query) if going else {})


async def _completeness(
    runs: Runs, names: Sequence[str], last: Mapping[str, Document], now: datetime
) -> dict[str, Document]:
    """Return the newest estimates: a run that goes on, or was killed, has none."""
    known = {name: run for name, run in last.items() if "completeness" in run}
    if unknown := [name for name in names if name not in known]:
        query = {
            "outlet": {"$in": unknown},
            "started": {"$gte": now - MAX_AGE},
            "completeness": {"$exists": True},
        }
        known |= await runs.last(unknown, query)
    return {name: run["completeness"] for name, run in known.items() if run["completeness"]}


async def _articles(
    database: Database, outlets: Mapping[str, ScheduleRule], now: datetime
) -> dict[str, Document]:
    """Count the articles, and those of today, by an index alone."""
    if not outlets:
        return {}
    zones = defaultdict(list)
    for name, rule in outlets.items():
        zones[rule.timezone].append(name)
    midnights = [
        {"case": {"$in": ["$outlet", names]}, "then": _midnight(now, ZoneInfo(zone))}
        for zone, names in zones.items()
    ]
    is_new = {"$gte": ["$stored", {"$switch": {"branches": midnights, "default": now}}]}
    counts = {"articles": {"$sum": 1}, "today": {"$sum": {"$cond": [is_new, 1, 0]}}}
    stages: list[Document] = [
        {"$match": {"outlet": {"$in": list(outlets)}}},
        {"$group": {"_id": "$outlet", **counts}},
    ]
    cursor = database["articles"].aggregate(stages, hint="outlet_1_stored_1_delay_1")
    return {row.pop("_id"): row async for row in cursor}


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


async def _leads(database: Database, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count the leads of each outlet by their state, the most frequent first."""
    stages: list[Document] = [
        {"$match": {"outlet": {"$in": list(names)}}},
        {"$group": {"_id": {"outlet": "$outlet", "state": "$state"}, "count": {"$sum": 1}}},
    ]
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    cursor = database["leads"].aggregate(stages)
    async for row in cursor:
        found[row["_id"]["outlet"]][row["_id"]["state"]] = row["count"]
    return {outlet: dict(counts.most_common()) for outlet, counts in found.items()}

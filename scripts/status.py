"""``dateline status``: every outlet in one table; or one in full."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.filesize import decimal

from crawler.monitor.alerts import UNDECLARED
from crawler.monitor.completeness import recall, stories_by_sources
from crawler.monitor.overview import overview
from crawler.schedule.planning import ScheduleRule
from crawler.store.articles import Articles
from crawler.store.runs import Outlets, Runs
from scripts.options import AnyOutlet, AsJson
from scripts.output import console, notes, print_json, print_table, say
from scripts.project import (
    check_known,
    declared_outlets,
    load_overview,
    open_database,
    outlet_names,
    schedule_rule,
)

RECENT_ARTICLES = 200
"""Articles of an outlet whose fields are counted."""
HISTORY = 30
"""Days, and runs, of an outlet's history."""
BARS = "▁▂▃▄▅▆▇█"
MARKS = {"healthy": "·", "degraded": "!", "running": ">"}
"""The sign of a run's outcome, below its bar; any other is ``x``."""


def status(
    name: AnyOutlet = "",
    days: Annotated[int, typer.Option(min=1, help="Days of one outlet's sources to show.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Show every outlet: its last run, what is new, how fresh and how complete it is.

    Of one outlet, show its history, the share of all its stories that each of its sources showed,
    and where the fields of its last articles came from.
    """
    now = datetime.now(UTC)
    if name:
        check_known(name)
        row = asyncio.run(_load_one(name, days, now))
        print_json(row) if as_json else _show(row, now)
        return
    rows = [_flat(row) for row in load_overview(declared_outlets())]
    if as_json:
        print_json(rows)
        return
    figures = ("today", "articles", "failed", "p50/p95", "complete", "due")
    print_table((_cells(row, now) for row in rows), ("outlet", "last run", "verdict"), figures)
    console.print(_total(rows), markup=False)
    for row in rows:
        if remark := _remark(row):
            console.print(f"{row['outlet']}: {remark}", markup=False)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of `overview` with the outcome of its last run in place of its document."""
    run = row["run"] or {}
    outcome = {name: run.get(name) for name in ("started", "ended", "outcome", "reason", "health")}
    rest = {key: value for key, value in row.items() if key not in ("outlet", "run", "ended_run")}
    return {"outlet": row["outlet"], **outcome, **rest}


def _stored(run: dict[str, Any]) -> int:
    return int(run.get("account", {}).get("stored", 0))


# -- All outlets


def _cells(row: dict[str, Any], now: datetime) -> tuple[object, ...]:
    return (
        row["outlet"],
        f"{span(now - row['started'])} ago" if row["started"] else "never",
        row["outcome"] or "",
        row["today"],
        row["articles"],
        row["leads"].get("failed", 0),
        fresh(row["freshness"]),
        share(row["completeness"]),
        _due(row, now),
    )


def fresh(delays: dict[str, Any] | None) -> str:
    """Abbreviate the freshness of `crawler.monitor.freshness`."""
    if not delays:
        return "-"
    return "/".join(span(timedelta(seconds=delays[name])) for name in ("p50", "p95"))


def share(estimate: dict[str, Any] | None) -> str:
    """Abbreviate the completeness of `crawler.monitor.completeness`."""
    return f"{estimate['share']:.1%}" if estimate else "-"


def span(length: timedelta) -> str:
    """Format a length of time in its largest unit."""
    seconds = max(0, round(length.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _due(row: dict[str, Any], now: datetime) -> str:
    due = row["next_due"]
    if due is None:
        return "now"
    return "overdue" if row["overdue"] else f"in {span(due - now)}" if due > now else "now"


def _total(rows: list[dict[str, Any]]) -> str:
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update(row["pages"] | {"articles": row["articles"], **row["leads"]})
    return (
        f"{sums['articles']} articles, {sums['pending']} stories to go; "
        f"{sums['count']} pages, {decimal(sums['size'])}, kept in {decimal(sums['packed'])}."
    )


def _remark(row: dict[str, Any]) -> str:
    """Return why an outlet's last run was no success, and what is wrong with the outlet."""
    if row["undeclared"]:
        return UNDECLARED.format(row["outlet"]).partition(" ")[2]
    reason = row["reason"] if row["outcome"] in ("degraded", "failed", "killed") else None
    return " ".join(filter(None, (reason, _ailment(row["health"], reason))))


def _ailment(health: dict[str, Any] | None, reason: str | None) -> str | None:
    """Return what is wrong with an outlet, unless the reason of its last run says so already."""
    sentence: str | None = health["sentence"] if health else None
    return None if sentence and sentence in (reason or "") else sentence


# -- One outlet


async def _load_one(name: str, days: int, now: datetime) -> dict[str, Any]:
    async with open_database() as database:
        if name in outlet_names():
            rule = schedule_rule(name)
        else:
            stored = await Outlets(database).load(name)
            rule = ScheduleRule(
                outlet=name, schedule=stored["schedule"], timezone=stored["timezone"]
            )
        (row,) = await overview(database, {name: rule}, now)
        del row["ended_run"]
        zone = rule.timezone
        runs = Runs(database)
        recent = await runs.recent(name, HISTORY)
        stored = await runs.days(name, now - timedelta(days=HISTORY), zone)
        today = now.astimezone(ZoneInfo(zone)).date()
        last = [(today - timedelta(days=back)).isoformat() for back in range(HISTORY - 1, -1, -1)]
        shown = await stories_by_sources(database, name, now - timedelta(days=days), zone)
        return row | {
            "days": {day: stored.get(day, 0) for day in last},
            "runs": [
                {"started": run["started"], "outcome": run["outcome"], "stored": _stored(run)}
                for run in reversed(recent)
            ],
            "recall": recall(shown),
            "fields": _fields(await Articles(database).origins(name, RECENT_ARTICLES)),
        }


def _fields(articles: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    """Return the share of articles in which each field has a value, and where these came from."""
    origins: dict[str, Counter[str]] = {}
    for article in articles:
        for field, origin in article.items():
            origins.setdefault(field, Counter())[origin] += 1
    return {
        field: {"filled": found.total() / len(articles), "origins": dict(found.most_common())}
        for field, found in sorted(origins.items(), key=lambda item: -item[1].total())
    }


def bars(counts: Sequence[int]) -> str:
    """Draw counts as small bars, the highest of them full; a blank for none."""
    top = max(counts, default=0)
    return "".join(BARS[(count * 8 - 1) // top] if count else " " for count in counts)


def _show(row: dict[str, Any], now: datetime) -> None:
    run = row["run"]
    if run is None:
        notes.say(f"{row['outlet']} was not collected yet.")
        return
    started = f"{run['started']:%Y-%m-%d %H:%M} UTC"
    say(f"{row['outlet']}: {run['outcome']}, {started}; due {_due(row, now)}")
    reason = run["reason"] or "It is running."
    console.print(
        " ".join(filter(None, (reason, _ailment(run.get("health"), reason)))), markup=False
    )
    states = ", ".join(f"{count} {state}" for state, count in row["leads"].items())
    say(f"{row['articles']} articles; leads: {states or 'none'}.")
    count, size, packed = (row["pages"][name] for name in ("count", "size", "packed"))
    say(f"{count} pages, {decimal(size)}, kept in {decimal(packed)}.")
    console.print(_measures(row), markup=False)
    console.print()
    days, runs = list(row["days"].values()), row["runs"]
    say(f"stored, {HISTORY} days  |{bars(days)}| today {row['today']}")
    counts = [run["stored"] for run in runs]
    say(f"stored, by run   |{bars(counts)}| at most {max(counts, default=0)}")
    marks = "".join(MARKS.get(run["outcome"], "x") for run in runs)
    say(f"how they ended   |{marks}| · healthy  ! degraded  x failed or killed")
    _show_sources(row)
    _show_recall(row)
    _show_fields(row["fields"])


def _measures(row: dict[str, Any]) -> str:
    """Describe freshness and completeness in sentences."""
    fresh, complete = row["freshness"], row["completeness"]
    sentences = ["Its freshness is not known: no story of the last 7 days tells."]
    if fresh:
        half, most = (span(timedelta(seconds=fresh[name])) for name in ("p50", "p95"))
        sentences = [
            f"Of {fresh['stories']} stories of the last 7 days, half were stored within {half},"
            f" 95 % within {most}."
        ]
    if complete:
        missed = complete["published"] - complete["sighted"]
        sentences.append(
            f"Its sources showed {complete['share']:.1%} (± {2 * complete['error']:.1%}) of the"
            f" stories of its last covered days, and missed about {missed:.0f}; this"
            f" {complete['assumption']}."
        )
    else:
        sentences.append(
            "What its sources missed cannot be estimated: that takes whole days, a second channel,"
            " and enough stories of both."
        )
    return " ".join(sentences)


def _show_sources(row: dict[str, Any]) -> None:
    """Print what each source showed in the last run, and its share of the last days' stories."""
    union = sum(day["union"] for day in row["recall"])

    def cells(source: dict[str, Any]) -> tuple[object, ...]:
        days = (day["sources"].get(source["key"], {}) for day in row["recall"])
        recall = f"{sum(day.get('shown', 0) for day in days) / union:.1%}" if union else "-"
        reason = f" ({source['reason']})" if source["reason"] else ""
        outcome = source["outcome"] + reason
        figures = source.get("entries", "-"), source["leads"], source["new"], recall
        return source["key"], outcome, *figures, _passed_over(source)

    console.print()
    sources = row["run"].get("sources", [])
    figures = ("entries", "leads", "new", "recall")
    print_table(map(cells, sources), ("source", "last run"), figures, prose="passed over")


def _passed_over(source: dict[str, Any]) -> str:
    """List why entries made no lead, the most frequent reason first."""
    counts = Counter(source.get("passed_over", {}))
    return ", ".join(f"{count} {reason}" for reason, count in counts.most_common())


def _show_recall(row: dict[str, Any]) -> None:
    """Print what each source showed of the stories of each day."""
    if not row["recall"]:
        return
    sources = [source["key"] for source in row["run"].get("sources", [])]
    rows: list[tuple[object, ...]] = []
    for day in row["recall"]:
        for key in dict.fromkeys([*sources, *day["sources"]]):
            shown, first = day["sources"].get(key, {"shown": 0, "first": 0}).values()
            union = day["union"]
            rows.append((day["day"], key, union, shown, first, f"{shown / union:.1%}"))
    console.print()
    print_table(rows, ("day", "source"), ("stories", "shown", "first", "recall"))


def _show_fields(fields: dict[str, dict[str, Any]]) -> None:
    """Print how many of the last articles have each field, and where it came from."""
    if not fields:
        return
    rows = []
    for field, found in fields.items():
        total = sum(found["origins"].values())
        origins = ", ".join(f"{name} {n / total:.0%}" for name, n in found["origins"].items())
        rows.append((field, f"{found['filled']:.0%}", origins))
    console.print()
    print_table(rows, ("field",), ("filled",), prose=f"from (last {RECENT_ARTICLES} articles)")

"""``dateline status``: every outlet in one table; or one in full."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.filesize import decimal

from crawler.monitor.completeness import recall, stories_by_sources
from crawler.monitor.overview import overview
from crawler.store.articles import Articles
from crawler.store.runs import Runs
from scripts.project import console, database, notes, outlet, print_json, rule, rules, table

LAST = 200
"""Articles of an outlet whose fields are looked at."""
HISTORY = 30
"""Days, and runs, of its history."""
BARS = "▁▂▃▄▅▆▇█"
MARKS = {"healthy": "·", "degraded": "!", "running": ">"}
"""Of a run's outcome, below its bar; any other is ``x``."""


def status(
    name: Annotated[str, typer.Argument(metavar="[OUTLET]", help="Only this one, in full.")] = "",
    days: Annotated[int, typer.Option(min=1, help="Of one: so many days of its sources.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Show every outlet: its last run, what is new, how fresh and how complete it is.

    Of one outlet, show its history, what each of its sources showed of all stories that any of them
    did, and where the fields of its last articles came from.
    """
    now = datetime.now(UTC)
    if name:
        told = asyncio.run(_one(name, outlet(name).timezone, days, now))
        print_json(told) if as_json else _show(told, now)
        return
    rows = asyncio.run(_rows(now))
    if as_json:
        print_json(rows)
        return
    words = ("outlet", "last run", "verdict")
    made = table(words, ("today", "articles", "failed", "p50/p95", "complete", "due"))
    for row in rows:
        made.add_row(*_words(row, now), *_figures(row, now))
    console.print(made)
    console.print(_total(rows), markup=False)
    for row in rows:
        if remark := _remark(row):
            console.print(f"{row['outlet']}: {remark}", markup=False)


async def _rows(now: datetime) -> list[dict[str, Any]]:
    async with database() as opened:
        rows = await overview(opened, rules(), now)
    return [_flat(row) for row in rows]


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `overview` with what its last run came to in place of its document."""
    run = row["run"] or {}
    told = {name: run.get(name) for name in ("started", "ended", "outcome", "reason", "health")}
    rest = {key: value for key, value in row.items() if key not in ("outlet", "run", "ended_run")}
    return {"outlet": row["outlet"], **told, **rest}


def _stored(run: dict[str, Any]) -> int:
    return int(run.get("account", {}).get("stored", 0))


# -- All outlets


def _words(row: dict[str, Any], now: datetime) -> tuple[str, str, str]:
    started = row["started"]
    return row["outlet"], f"{span(now - started)} ago" if started else "never", row["outcome"] or ""


def _figures(row: dict[str, Any], now: datetime) -> tuple[str, ...]:
    failed = row["leads"].get("failed", 0)
    counts = map(str, (row["today"], row["articles"], failed))
    return (*counts, fresh(row["freshness"]), share(row["completeness"]), _due(row, now))


def fresh(told: dict[str, Any] | None) -> str:
    """The freshness of `crawler.monitor.freshness`, in short."""
    return "/".join(span(timedelta(seconds=told[name])) for name in ("p50", "p95")) if told else "-"


def share(told: dict[str, Any] | None) -> str:
    """The completeness of `crawler.monitor.completeness`, in short."""
    return f"{told['share']:.1%}" if told else "-"


def span(length: timedelta) -> str:
    """A length of time in its largest unit."""
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
    """Why an outlet's last run was no success, and what is wrong with it."""
    reason = row["reason"] if row["outcome"] in ("degraded", "failed", "killed") else None
    return " ".join(filter(None, (reason, _ailment(row["health"], reason))))


def _ailment(health: dict[str, Any] | None, reason: str | None) -> str | None:
    """What is wrong with an outlet, unless the reason of its last run says so already."""
    told: str | None = health["sentence"] if health else None
    return None if told and told in (reason or "") else told


# -- One outlet


async def _one(name: str, zone: str, days: int, now: datetime) -> dict[str, Any]:
    async with database() as opened:
        (row,) = await overview(opened, {name: rule(name)}, now)
        del row["ended_run"]
        runs = Runs(opened)
        recent = await runs.recent(name, HISTORY)
        stored = await runs.days(name, now - timedelta(days=HISTORY), zone)
        today = now.astimezone(ZoneInfo(zone)).date()
        last = [(today - timedelta(days=back)).isoformat() for back in range(HISTORY - 1, -1, -1)]
        shown = await stories_by_sources(opened, name, now - timedelta(days=days), zone)
        return row | {
            "days": {day: stored.get(day, 0) for day in last},
            "runs": [
                {"started": run["started"], "outcome": run["outcome"], "stored": _stored(run)}
                for run in reversed(recent)
            ],
            "recall": recall(shown),
            "fields": _fields(await Articles(opened).origins(name, LAST)),
        }


def _fields(articles: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    """In what share of articles each field has a value, and where these came from."""
    origins: dict[str, Counter[str]] = {}
    for article in articles:
        for field, origin in article.items():
            origins.setdefault(field, Counter())[origin] += 1
    return {
        field: {"filled": found.total() / len(articles), "origins": dict(found.most_common())}
        for field, found in sorted(origins.items(), key=lambda item: -item[1].total())
    }


def bars(counts: Sequence[int]) -> str:
    """Counts as small bars, the highest of them full; a blank for none."""
    top = max(counts, default=0)
    return "".join(BARS[(count * 8 - 1) // top] if count else " " for count in counts)


def _show(told: dict[str, Any], now: datetime) -> None:
    run = told["run"]
    if run is None:
        notes.print(f"{told['outlet']} was never collected.", markup=False)
        return
    started = f"{run['started']:%Y-%m-%d %H:%M} UTC"
    console.print(f"{told['outlet']}: {run['outcome']}, {started}; due {_due(told, now)}")
    reason = run["reason"] or "It is running."
    reasons = (reason, _ailment(run.get("health"), reason))
    console.print(" ".join(filter(None, reasons)), markup=False)
    states = ", ".join(f"{count} {state}" for state, count in told["leads"].items())
    console.print(f"{told['articles']} articles; leads: {states or 'none'}.", markup=False)
    count, size, packed = (told["pages"][name] for name in ("count", "size", "packed"))
    kept = f"{count} pages, {decimal(size)}, kept in {decimal(packed)}."
    console.print(kept, markup=False)
    console.print(_measures(told), markup=False)
    console.print()
    days = told["days"]
    console.print(f"stored, {HISTORY} days  |{bars(list(days.values()))}| today {told['today']}")
    runs = told["runs"]
    most = max((run["stored"] for run in runs), default=0)
    console.print(f"stored, by run   |{bars([run['stored'] for run in runs])}| at most {most}")
    marks = "".join(MARKS.get(run["outcome"], "x") for run in runs)
    console.print(
        f"how they ended   |{marks}| · healthy  ! degraded  x failed or killed", markup=False
    )
    _show_sources(told)
    _show_recall(told)
    _show_fields(told["fields"])


def _measures(told: dict[str, Any]) -> str:
    """Freshness and completeness in sentences."""
    fresh, complete = told["freshness"], told["completeness"]
    sentences = ["Nothing of the last 7 days tells of its freshness."]
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
            "What its sources missed cannot be told: that takes whole days, a second channel, and"
            " enough stories of both."
        )
    return " ".join(sentences)


def _show_sources(told: dict[str, Any]) -> None:
    """Each source in the last run, and its share of all stories of the last days."""
    made = table(("source", "last run"), ("showed", "new", "recall"))
    union = sum(day["union"] for day in told["recall"])
    for source in told["run"].get("sources", []):
        shown = sum(day["sources"].get(source["key"], {}).get("shown", 0) for day in told["recall"])
        figures = map(str, (source["leads"], source["new"]))
        recall = f"{shown / union:.1%}" if union else "-"
        reason = f" ({source['reason']})" if source["reason"] else ""
        made.add_row(source["key"], source["outcome"] + reason, *figures, recall)
    console.print()
    console.print(made)


def _show_recall(told: dict[str, Any]) -> None:
    if not told["recall"]:
        return
    sources = [source["key"] for source in told["run"].get("sources", [])]
    made = table(("day", "source"), ("stories", "shown", "first", "recall"))
    for day in told["recall"]:
        for key in dict.fromkeys([*sources, *day["sources"]]):
            shown, first = day["sources"].get(key, {"shown": 0, "first": 0}).values()
            figures = (day["union"], shown, first)
            made.add_row(day["day"], key, *map(str, figures), f"{shown / day['union']:.1%}")
    console.print()
    console.print(made)


def _show_fields(fields: dict[str, dict[str, Any]]) -> None:
    if not fields:
        return
    made = table(("field",), ("filled",))
    made.add_column(f"from (last {LAST} articles)")
    for field, found in fields.items():
        total = sum(found["origins"].values())
        origins = ", ".join(f"{name} {n / total:.0%}" for name, n in found["origins"].items())
        made.add_row(field, f"{found['filled']:.0%}", origins)
    console.print()
    console.print(made)

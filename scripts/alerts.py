"""``dateline alerts``: tell somebody what is wrong, once, and once when it is over."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.errors import ConfigurationError
from crawler.monitor.alert_store import AlertStore
from crawler.monitor.alerts import AlertMessage, find_alerts, messages, unreadable_files
from crawler.monitor.overview import overview
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.database import Database
from scripts.project import Declared, console, database, declared, notes, print_json, table
from settings import environment

if TYPE_CHECKING:
    from apprise import Apprise


def alerts(
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Find out what is wrong with outlets or their schedule; tell the addresses in DATELINE_ALERTS
    what began and what is over, each once; and show what lasts. Exits 1 if anything does.

    `collect` and `run` tell the same when they are done. That they are gone is something they
    cannot tell: so let a line, or better a machine, of its own run this, too.
    """
    lasting = asyncio.run(_alerts())
    if as_json:
        print_json(lasting)
    elif not lasting:
        console.print("Nothing is wrong.")
    else:
        made = table(("since (UTC)", "cause", "outlet"), ())
        made.add_column("what", overflow="fold")
        for trouble in lasting:
            since = f"{trouble['began']:%Y-%m-%d %H:%M}"
            made.add_row(since, trouble["cause"], trouble["outlet"], trouble["sentence"])
        console.print(made)
    raise typer.Exit(int(bool(lasting)))


async def _alerts() -> list[dict[str, Any]]:
    async with database() as opened:
        await _find(opened, declared())
        await _tell(opened)
        return await AlertStore(opened).lasting()


def check() -> None:
    """Raise beforehand the ConfigurationError that `announce` would."""
    _bell()
    _bounds()


async def announce(opened: Database, outlets: Declared) -> None:
    """Tell what began and what is over since somebody was last told, if anybody is to be told.

    Raises:
        ConfigurationError: DATELINE_ALERTS, or one of the bounds, cannot be read.
        StoreError: the database cannot be used.
    """
    if environment.ALERTS:
        await _find(opened, outlets)
        await _tell(opened)


async def _find(opened: Database, outlets: Declared) -> None:
    """Note what is wrong now."""
    latest, fewest = _bounds()
    now = datetime.now(UTC)
    alerts = AlertStore(opened)
    found = find_alerts(
        await overview(opened, outlets.rules, now),
        now,
        last_beat=await ScheduleStore(opened).last_beat(),
        max_delay=timedelta(minutes=latest) if latest else None,
        min_share=fewest / 100 if fewest else None,
    )
    # An outlet whose file cannot be read is not well for that.
    looked_at = list(outlets.rules) if outlets.broken else None
    await alerts.update([*unreadable_files(outlets.broken), *found], looked_at)


async def _tell(opened: Database) -> None:
    if (bell := _bell()) is None:
        return
    alerts = AlertStore(opened)
    for message in messages(*await alerts.claim()):
        if await asyncio.to_thread(_ring, bell, message):
            await alerts.mark_sent(message.alerts)
        else:
            await alerts.release(message.alerts)


def _bell() -> "Apprise | None":
    """Who is to be told, in whatever way; None: nobody."""
    if not (addresses := environment.ALERTS.split()):
        return None
    import apprise  # noqa: PLC0415 - it takes its time, and most commands tell nobody

    bell = apprise.Apprise()
    for number, address in enumerate(addresses, 1):
        if not bell.add(address):  # not shown, for it may hold a password
            raise ConfigurationError(
                f"Address {number} in DATELINE_ALERTS cannot be used: write it as Apprise has it, "
                "like mailto://USER:PASSWORD@HOST?to=desk@example.org or jsons://HOST/PATH."
            )
    return bell


def _ring(bell: "Apprise", message: AlertMessage) -> bool:
    """Send a message to all addresses; whether it reached one of them."""
    reached = [one.notify(body=message.body, title=message.title) for one in bell]
    for one, is_told in zip(bell, reached, strict=True):
        if not is_told:
            address = one.url(privacy=True)  # type: ignore[no-untyped-call]
            told = f"An alert could not be sent to {address}: see to it."
            notes.print(told, markup=False, soft_wrap=True)
    return any(reached)


def _bounds() -> tuple[float | None, float | None]:
    """How many minutes late stories may be, and what percentage has to be sighted."""
    return (
        _bound("DATELINE_ALERT_MINUTES", environment.ALERT_MINUTES),
        _bound("DATELINE_ALERT_PERCENT", environment.ALERT_PERCENT),
    )


def _bound(name: str, text: str) -> float | None:
    """A positive number, or None where nothing is set."""
    if not text:
        return None
    try:
        if (number := float(text)) > 0:
            return number
    except ValueError:
        pass
    raise ConfigurationError(f"{name}={text} is no number: write it like 30, or unset it.")

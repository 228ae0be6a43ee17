"""``dateline alerts``: report what is wrong, once when it begins and once when it is over."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from crawler.errors import ConfigurationError
from crawler.monitor.alert_store import AlertStore
from crawler.monitor.alerts import AlertMessage, find_alerts, messages, unreadable_files
from crawler.monitor.overview import full_overview
from crawler.schedule.schedule_store import ScheduleStore
from crawler.store.database import Database
from scripts.options import AsJson
from scripts.output import console, notes, print_json, print_table
from scripts.project import Declared, declared_outlets, in_database
from settings import environment

if TYPE_CHECKING:
    from apprise import Apprise


def alerts(as_json: AsJson = False) -> None:
    """Find what is wrong with outlets or their schedule, and send alerts to DATELINE_ALERTS.

    Each problem is sent once when it begins, and once when it is over; those that last are listed.
    Exits 1 if there are any. `collect` and `run` send the same alerts when they are done. That they
    do not run at all is something only this command can tell: give it a line of its own in the
    crontab, better on another machine.
    """
    problems = in_database(_alerts)
    if as_json:
        print_json(problems)
    elif problems:
        rows = (
            (f"{one['began']:%Y-%m-%d %H:%M}", one["cause"], one["outlet"], one["sentence"])
            for one in problems
        )
        print_table(rows, ("since (UTC)", "cause", "outlet"), prose="what")
    else:
        console.print("Nothing is wrong.")
    raise typer.Exit(int(bool(problems)))


async def _alerts(database: Database) -> list[dict[str, Any]]:
    await _update(database, declared_outlets())
    await _send(database)
    return await AlertStore(database).lasting()


def check_configuration() -> None:
    """Raise beforehand the ConfigurationError that `send_alerts` would."""
    _recipients()
    _limits()


async def send_alerts(database: Database, outlets: Declared) -> None:
    """Send what began and what is over since the last alert, if DATELINE_ALERTS is set.

    Raises:
        ConfigurationError: DATELINE_ALERTS, or one of the limits, cannot be used.
        StoreError: the database cannot be used.
    """
    if environment.ALERTS:
        await _update(database, outlets)
        await _send(database)


async def _update(database: Database, outlets: Declared) -> None:
    """Store what is wrong now."""
    minutes, percent = _limits()
    now = datetime.now(UTC)
    store = AlertStore(database)
    found = find_alerts(
        await full_overview(database, outlets.rules, now, outlets.unreadable),
        now,
        last_beat=await ScheduleStore(database).last_beat(),
        max_delay=timedelta(minutes=minutes) if minutes else None,
        min_share=percent / 100 if percent else None,
    )
    # An outlet whose file cannot be read is not well for that.
    looked_at = list(outlets.rules) if outlets.unreadable else None
    await store.update([*unreadable_files(outlets.unreadable), *found], looked_at)


async def _send(database: Database) -> None:
    if (recipients := _recipients()) is None:
        return
    store = AlertStore(database)
    for message in messages(*await store.claim()):
        if await asyncio.to_thread(_notify, recipients, message):
            await store.mark_sent(message.alerts)
        else:
            await store.release(message.alerts)


def _recipients() -> "Apprise | None":
    """Return the addresses of DATELINE_ALERTS; None: there are none."""
    if not (addresses := environment.ALERTS.split()):
        return None
    import apprise  # noqa: PLC0415 - it takes its time, and most installations have no addresses

    recipients = apprise.Apprise()
    for number, address in enumerate(addresses, 1):
        if not recipients.add(address):  # not shown, for it may hold a password
            raise ConfigurationError(
                f"Address {number} in DATELINE_ALERTS cannot be used. Write it as Apprise has it, "
                "e.g. mailto://USER:PASSWORD@HOST?to=desk@example.org or jsons://HOST/PATH."
            )
    return recipients


def _notify(recipients: "Apprise", message: AlertMessage) -> bool:
    """Send a message to all addresses; return whether it reached one of them."""
    reached = [one.notify(body=message.body, title=message.title) for one in recipients]
    for one, is_reached in zip(recipients, reached, strict=True):
        if not is_reached:
            address = one.url(privacy=True)  # type: ignore[no-untyped-call]
            notes.say(f"An alert could not be sent to {address}: check the address.")
    return any(reached)


def _limits() -> tuple[float | None, float | None]:
    """Return how many minutes late stories may be, and what percentage has to be sighted."""
    return (
        _positive("DATELINE_ALERT_MINUTES", environment.ALERT_MINUTES),
        _positive("DATELINE_ALERT_PERCENT", environment.ALERT_PERCENT),
    )


def _positive(name: str, text: str) -> float | None:
    """Return a positive number, or None where nothing is set."""
    if not text:
        return None
    try:
        if (number := float(text)) > 0:
            return number
    except ValueError:
        pass
    raise ConfigurationError(f"{name}={text} is not a positive number; use e.g. 30, or unset it.")

"""``dateline metrics`` and ``dateline health``: for Prometheus, and for probes."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from prometheus_client import Metric, start_http_server

from crawler.errors import StoreError
from crawler.monitor.health_check import find_problems, health_document
from crawler.monitor.metrics import exposition, families, registry
from crawler.monitor.overview import overview
from crawler.queue.spool import count_waiting
from crawler.schedule.planning import ScheduleRule
from crawler.store.address import spool_of
from scripts.project import broken, database, load_settings, notes, print_json, rules
from scripts.run import Outlets

HERE = "127.0.0.1"


def metrics(
    port: Annotated[
        int | None, typer.Option(min=0, help="Serve them on 127.0.0.1, until stopped.")
    ] = None,
) -> None:
    """Print metrics of all outlets in Prometheus' text form, or serve them.

    Exits 4 if MongoDB does not answer; served, `dateline_mongodb_up` is 0 then.
    """
    if port is None:
        rows, now = asyncio.run(_rows(rules())), datetime.now(UTC)
        typer.echo(exposition(families(rows, _waiting(), now)), nl=False)
        return
    server, thread = start_http_server(port, HERE, registry(partial(_measured, Outlets())))
    notes.print(f"Metrics are at http://{HERE}:{server.server_port}/metrics.")
    thread.join()


def health() -> None:
    """Print a JSON document for probes; exit 1 if anything is wrong.

    That is: MongoDB does not answer, a file in `spiders/` cannot be read, an outlet's last run
    failed or was killed, or an outlet was due and missed twice.
    """
    now = datetime.now(UTC)
    found = [{"outlet": None, "problem": "unreadable", "sentence": told} for told in broken()]
    rows: list[dict[str, Any]] = []
    try:
        rows = asyncio.run(_rows(rules()))
        found += find_problems(rows, now)
    except StoreError as error:
        found.append({"outlet": None, "problem": "mongodb", "sentence": str(error)})
    print_json(health_document(found, rows, _waiting(), now))
    raise typer.Exit(int(bool(found)))


async def _rows(outlets: Mapping[str, ScheduleRule]) -> list[dict[str, Any]]:
    async with database() as opened:
        return await overview(opened, outlets, datetime.now(UTC))


def _measured(outlets: Outlets) -> Iterable[Metric]:
    """The metrics of this moment, in a thread of the server's."""
    declared = asyncio.run(outlets.declared())
    try:
        rows = asyncio.run(_rows(declared.rules))
    except StoreError:
        rows = None
    return families(rows, _waiting(), datetime.now(UTC))


def _waiting() -> int:
    settings = load_settings()
    uri, name, data = (settings[key] for key in ("MONGODB_URI", "MONGODB_DATABASE", "DATA"))
    return count_waiting(spool_of(uri, name, Path(data)))

"""``dateline metrics``: the state of all outlets in numbers, for Prometheus."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer
from prometheus_client import Metric, start_http_server

from crawler.errors import StoreError
from crawler.monitor.metrics import exposition, families, registry
from scripts.outlet_watcher import OutletWatcher
from scripts.output import notes
from scripts.project import count_waiting_writes, declared_outlets, load_overview

LOCALHOST = "127.0.0.1"


def metrics(
    port: Annotated[
        int | None, typer.Option(min=0, help="Serve them on 127.0.0.1, until stopped.")
    ] = None,
) -> None:
    """Print metrics of all outlets in Prometheus' text form, or serve them.

    Exits 4 if MongoDB does not answer; when served, `dateline_mongodb_up` is 0 then.
    """
    if port is None:
        rows = load_overview(declared_outlets())
        found = families(rows, count_waiting_writes(), datetime.now(UTC))
        typer.echo(exposition(found), nl=False)
        return
    server, thread = start_http_server(port, LOCALHOST, registry(partial(_read, OutletWatcher())))
    notes.print(f"Metrics are at http://{LOCALHOST}:{server.server_port}/metrics.")
    thread.join()


def _read(outlets: OutletWatcher) -> Iterable[Metric]:
    """Return the metrics of this moment, in a thread of the server's."""
    declared = asyncio.run(outlets.declared())
    try:
        rows = load_overview(declared)
    except StoreError:
        rows = None
    return families(rows, count_waiting_writes(), datetime.now(UTC))

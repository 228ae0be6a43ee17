"""``dateline db``: the database as a whole, and Dateline's own MongoDB server."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from crawler.admin.backup import back_up
from crawler.admin.backup import restore as bring_back
from crawler.admin.files import replace_file
from crawler.admin.migrations import ReportProgress, pending
from crawler.admin.migrations import migrate as bring_forward
from crawler.mongod import embedded
from scripts.project import console, database, load_settings, notes, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="Back up, restore or migrate the database; start, stop or look at Dateline's own MongoDB "
    "server. Commands start it by themselves; it stops when nobody uses it. `start` keeps it up.",
)


def _data() -> Path:
    settings = load_settings()
    if settings["MONGODB_URI"]:
        notes.print("MONGODB_URI is set: the other commands use that server, not this one.")
    return Path(settings["DATA"])


@app.command()
def start() -> None:
    """Start the server and keep it up until `dateline db stop`; print its address."""
    console.print(embedded.start(_data()), markup=False, soft_wrap=True)


@app.command()
def stop() -> None:
    """Stop the server."""
    stopped = embedded.stop(_data())
    console.print("The server has stopped." if stopped else "No server was running.")


@app.command()
def backup(file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to.")]) -> None:
    """Write the whole database to one compressed file, as it is at one moment.

    On a single server no run may be under way; a replica set has snapshots.
    """
    asyncio.run(_back_up(file))


async def _back_up(file: Path) -> None:
    async with database(of_any_version=True) as opened:
        with _progress("backed up") as tell, replace_file(file) as target:
            await back_up(opened, target, tell)


@app.command()
def restore(file: Annotated[Path, typer.Argument(dir_okay=False, help="A backup.")]) -> None:
    """Bring a backup into an empty database, all of it or nothing, and verify it."""
    asyncio.run(_restore(file))


async def _restore(file: Path) -> None:
    async with database(of_any_version=True) as opened:
        with _progress("restored") as tell:
            await bring_back(opened, file, tell)


@app.command()
def migrate(
    dry_run: Annotated[bool, typer.Option(help="Only tell what would be changed.")] = False,
) -> None:
    """Bring a database that an earlier version of Dateline has left to the form of this one.

    It may be stopped and run again at any time; where nothing is to be done, nothing is.
    """
    asyncio.run(_migrate(dry_run=dry_run))


async def _migrate(*, dry_run: bool) -> None:
    async with database(of_any_version=True) as opened:
        with _progress("to be migrated" if dry_run else "migrated") as tell:
            if not dry_run:
                await bring_forward(opened, tell)
                return
            async for _, migration, count in pending(opened):
                if count:
                    tell(migration.collection, count, count)


@contextmanager
def _progress(what: str) -> Iterator[ReportProgress]:
    """Show how far the work is, and tell at last what it did."""
    told: dict[str, int] = {}
    tasks: dict[str, TaskID] = {}
    with Progress(console=notes, disable=not notes.is_terminal, transient=True) as progress:

        def tell(collection: str, done: int, total: int) -> None:
            if collection not in tasks:
                tasks[collection] = progress.add_task(collection)
            progress.update(tasks[collection], completed=done, total=total)
            told[collection] = done

        yield tell
    counts = ", ".join(f"{count} {name}" for name, count in told.items())
    console.print(f"{what}: {counts or 'nothing'}", markup=False, soft_wrap=True)


@app.command("status")
def show_status(
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """ReportProgress whether the server runs, where, and how much it holds."""
    status = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in asdict(embedded.status(_data())).items()
    }
    if as_json:
        print_json(status)
        return
    for name, value in status.items():
        console.print(f"{name}: {value}", markup=False, soft_wrap=True)

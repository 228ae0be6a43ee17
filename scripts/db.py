"""``dateline db``: the database as a whole, and Dateline's own MongoDB server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from crawler.admin.atomic_files import replace_file
from crawler.admin.backup import back_up
from crawler.admin.backup import restore as bring_back
from crawler.admin.migrations import ReportProgress, pending
from crawler.admin.migrations import migrate as bring_forward
from crawler.mongod import embedded
from crawler.store.database import Database
from scripts.options import AsJson
from scripts.output import console, notes, print_json, say
from scripts.project import in_database, load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")


@app.callback()
def db() -> None:
    """Back up, restore or migrate the database; start or stop Dateline's own MongoDB server.

    Commands start the server when they need it; it stops when nobody uses it. `start` keeps it up.
    """


def _data() -> Path:
    settings = load_settings()
    if settings["MONGODB_URI"]:
        notes.print("MONGODB_URI is set: the other commands use that server, not this one.")
    return Path(settings["DATA"])


@app.command()
def start() -> None:
    """Start the server and keep it up until `dateline db stop`; print its address."""
    say(embedded.start(_data()))


@app.command()
def stop() -> None:
    """Stop the server."""
    stopped = embedded.stop(_data())
    console.print("The server has stopped." if stopped else "No server was running.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write.")],
) -> None:
    """Write the whole database to one compressed file, as it is at one moment.

    On a single server, no run may be going on meanwhile; a replica set has snapshots.
    """
    with _progress("backed up") as report, replace_file(file) as target:
        in_database(lambda database: back_up(database, target, report), of_any_version=True)


@app.command()
def restore(file: Annotated[Path, typer.Argument(dir_okay=False, help="A backup.")]) -> None:
    """Restore a backup into an empty database, all of it or nothing, and verify it."""
    with _progress("restored") as report:
        in_database(lambda database: bring_back(database, file, report), of_any_version=True)


@app.command()
def migrate(
    dry_run: Annotated[bool, typer.Option(help="Only show what would be changed.")] = False,
) -> None:
    """Migrate a database of an earlier version of Dateline to this version.

    It may be stopped and run again at any time; it does nothing where nothing is to be done.
    """
    work = _report_pending if dry_run else bring_forward
    with _progress("to be migrated" if dry_run else "migrated") as report:
        in_database(lambda database: work(database, report), of_any_version=True)


async def _report_pending(database: Database, report: ReportProgress) -> None:
    async for _, migration, count in pending(database):
        if count:
            report(migration.collection, count, count)


@contextmanager
def _progress(what: str) -> Iterator[ReportProgress]:
    """Show how far the work is, and print at last what it did."""
    counts: dict[str, int] = {}
    tasks: dict[str, TaskID] = {}
    with Progress(console=notes, disable=not notes.is_terminal, transient=True) as progress:

        def report(collection: str, done: int, total: int) -> None:
            if collection not in tasks:
                tasks[collection] = progress.add_task(collection)
            progress.update(tasks[collection], completed=done, total=total)
            counts[collection] = done

        yield report
    done = ", ".join(f"{count} {name}" for name, count in counts.items())
    say(f"{what}: {done or 'nothing'}")


@app.command("status")
def show_status(as_json: AsJson = False) -> None:
    """Show whether the server runs, where, and how much it holds."""
    status = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in asdict(embedded.status(_data())).items()
    }
    if as_json:
        print_json(status)
        return
    for name, value in status.items():
        say(f"{name}: {value}")

"""``dateline db``: Dateline's own MongoDB server."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crawler.store import embedded
from scripts.project import console, load_settings, notes, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="Start, stop or look at Dateline's own MongoDB server. "
    "Commands start it by themselves, and it stops when nobody uses it; `start` keeps it up.",
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


@app.command("status")
def show_status(
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Tell whether the server runs, where, and how much it holds."""
    status = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in asdict(embedded.status(_data())).items()
    }
    if as_json:
        print_json(status)
        return
    for name, value in status.items():
        console.print(f"{name}: {value}", markup=False, soft_wrap=True)

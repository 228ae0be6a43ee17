"""Each command as a fresh process: elsewhere most are forked from one that has imported all."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from newsworld.client import Client
from scripts import db
from scripts.main import COMMANDS as SUBCOMMANDS
from tests.desk import PROJECT, Desk

URL = "https://news.example/1"
PAGE = f"{PROJECT}/tests/outlets/asianlite/page-1.html"
NEWSWORLD = "newsworld --port 0"
COMMANDS: dict[str, tuple[int, str]] = {
    "collect asianlite --limit 1": (0, "asianlite healthy"),
    "schedule": (0, "Europe/London"),
    "status": (0, "asianlite"),
    f"why {URL}": (1, "No outlet of this project"),
    "runs": (0, "Nothing was collected yet"),
    "metrics": (0, "dateline_mongodb_up 1.0"),
    "health": (0, '"healthy": true'),
    "alerts": (0, "Nothing is wrong"),
    "articles": (0, "No such article"),
    f"show {URL}": (1, "No article is stored"),
    f"similar {URL}": (1, "No article is stored"),
    f"history {URL}": (1, "No article is stored"),
    "boilerplate asianlite": (0, "were learnt yet"),
    "export": (0, ""),
    f"extract {PAGE} --url {URL}": (0, '"title":'),
    "reparse asianlite": (0, "0 of 0 articles changed"),
    "doctor": (1, "contact"),
    "retry asianlite": (0, "0 failed stories"),
    "quarantine": (0, "Nothing is in quarantine"),
    "relearn asianlite": (0, "no history yet"),
    "db status": (0, "running: "),
    "db migrate": (0, "migrated: nothing"),
    "db backup {tmp}/backup": (1, "is empty, so no backup was written"),
    "db restore {tmp}/none": (1, "none"),
    "db stop": (0, ""),
}
"""Each with its exit code, and part of what it prints about an empty database."""
ELSEWHERE = {"run", "demo", "db start"}
"""Begun as fresh processes by other tests: of the schedule, of safety and of the server."""


@pytest.fixture
def desk(mongodb: str, database: str, world: Client, tmp_path: Path) -> Iterator[Desk]:
    """Fresh processes, all of which come to their end, in the prepared database."""
    desk = Desk(mongodb, database, world.url, tmp_path)
    yield desk
    desk.database.client.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_it_starts_and_does_its_work(command: str, desk: Desk) -> None:
    code, part = COMMANDS[command]
    told = desk.dateline(*command.format(tmp=desk.data).split())
    assert told.code == code, told.err
    assert part in told.out + told.err
    assert "Traceback" not in told.err


def test_newsworld_starts_and_ends_when_it_is_told_to(desk: Desk) -> None:
    with desk.start("scripts.main", *NEWSWORLD.split()) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def test_none_is_forgotten() -> None:
    parts = get_command(db.app)
    assert isinstance(parts, TyperGroup)
    names = {*SUBCOMMANDS, *(f"db {part}" for part in parts.commands)} - {"db"}
    begun = {
        name
        for name in names
        for line in [*COMMANDS, NEWSWORLD]
        if f"{line} ".startswith(f"{name} ")
    }
    assert names == begun | ELSEWHERE
    assert not begun & ELSEWHERE

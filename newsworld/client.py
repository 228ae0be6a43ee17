"""`Client`: a newsworld in a process of its own, and its control endpoints."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

_PROJECT = Path(__file__).resolve().parent.parent


class Client:
    """A running newsworld."""

    def __init__(self, url: str) -> None:
        self.url = url
        """Its address, e.g. ``http://127.0.0.1:8000``: the gateway of a crawl."""
        self._open = build_opener(ProxyHandler({})).open

    def truth(self) -> list[dict[str, Any]]:
        """Return the truth about each story published by now (`Story.truth`, and ``channels``)."""
        return _lines(self._call("GET", "truth"))

    def log(self) -> list[dict[str, Any]]:
        """Return every request since the start or `clear_log`, in order."""
        return _lines(self._call("GET", "log"))

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self._call("DELETE", "log")

    def clock(self) -> datetime:
        """Return the time of its clock: aware, in UTC."""
        return datetime.fromisoformat(self._call("GET", "clock").decode().strip())

    def set_clock(self, to: datetime) -> None:
        """Move its clock forward to an aware instant; HTTPError (400) if that is past."""
        self._call("PUT", "clock", to.isoformat().encode())

    def faults(self, rules: Sequence[dict[str, Any]]) -> None:
        """Replace the rules by which it misbehaves (`newsworld.faults.Fault`)."""
        self._call("PUT", "faults", json.dumps(list(rules)).encode())

    def prompts(self, rules: Sequence[dict[str, Any]]) -> None:
        """Replace the boilerplate between its paragraphs (`newsworld.prompts.Prompt`)."""
        self._call("PUT", "prompts", json.dumps(list(rules)).encode())

    def edits(self, rules: Sequence[dict[str, Any]]) -> None:
        """Replace what happens to stories of the press (`newsworld.press.edits.Edit`)."""
        self._call("PUT", "edits", json.dumps(list(rules)).encode())

    def breakages(self, rules: Sequence[dict[str, Any]]) -> None:
        """Replace what is wrong with its outlets (`newsworld.breakage.Breakage`)."""
        self._call("PUT", "breakages", json.dumps(list(rules)).encode())

    def habits(self, rules: Sequence[dict[str, Any]]) -> None:
        """Replace the bad habits of the press's outlets (`newsworld.habits.habit.Habit`)."""
        self._call("PUT", "habits", json.dumps(list(rules)).encode())

    def edited(self) -> list[dict[str, Any]]:
        """Return the truth about each edit made by now (`World.edited`)."""
        return _lines(self._call("GET", "edits"))

    def _call(self, method: str, name: str, body: bytes | None = None) -> bytes:
        request = Request(f"{self.url}/_newsworld/{name}", body, method=method)
        with self._open(request, timeout=30) as response:
            return bytes(response.read())


@contextmanager
def running(**options: object) -> Iterator[Client]:
    """Start a newsworld on a free port; end it on leaving, or with this process however that ends.

    :param options: of ``python -m newsworld``: ``seed``, ``days``, ``per_day``, ``now``, ``port``,
        ``press``, ``press_stories``.
    """
    command = [sys.executable, "-m", "newsworld", "--attached"]
    for name, value in options.items():
        shown = value.isoformat() if isinstance(value, datetime) else str(value)
        command += [f"--{name.replace('_', '-')}", shown]
    # Its standard input is a pipe held here alone: it closes when this process ends.
    process = subprocess.Popen(
        command, cwd=_PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError(f"newsworld did not start: exit code {process.wait(10)}")
        yield Client(url)
    finally:
        process.terminate()
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _lines(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]

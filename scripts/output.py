"""What commands print: answers on standard output, remarks on standard error."""

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from settings import environment

logger = logging.getLogger("dateline")


class Notes(Console):
    """The standard error; where logs are JSON, a logger."""

    is_json = environment.LOG == "json"

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, or log what is text; progress is not logged."""
        if not self.is_json:
            super().print(*objects, **options)
        elif text := " ".join(each for each in objects if isinstance(each, str)).strip():
            logger.info(text)

    def say(self, sentence: str) -> None:
        """Print a sentence as it is, on one line however long it is."""
        self.print(sentence, markup=False, soft_wrap=True)

    def fail(self, sentence: str) -> None:
        """Say why the command ends, or what is missing from its answer."""
        if self.is_json:
            logger.error(sentence)
        else:
            self.say(f"dateline: {sentence}")


console = Console(highlight=False)
"""For answers: what a user asked for."""
notes = Notes(stderr=True, highlight=False)
"""For everything else: progress and remarks, which must not get into a pipe."""


def say(sentence: str) -> None:
    """Print a sentence of the answer as it is, on one line however long it is."""
    console.print(sentence, markup=False, soft_wrap=True)


def print_table(
    rows: Iterable[Sequence[object]],
    words: Sequence[str],
    figures: Sequence[str] = (),
    prose: str = "",
) -> None:
    """Print rows as a table that fits a terminal of 80 columns.

    Args:
        rows: a cell for each heading.
        words: headings of columns of short words, first.
        figures: headings of columns of numbers, which are aligned to the right.
        prose: heading of a last column, of sentences, which are wrapped.
    """
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    for heading in words:
        table.add_column(heading, no_wrap=True)
    for heading in figures:
        table.add_column(heading, no_wrap=True, justify="right")
    if prose:
        table.add_column(prose, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)


def print_entry(facts: str, text: str, address: str) -> None:
    """Print facts and a text on one line and an address beneath, whole however wide it is."""
    console.print(Text.assemble((facts, "dim"), (text, "bold")), soft_wrap=True)
    console.print(Text(f"    {address}", style="dim"), soft_wrap=True)


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Return JSON with dates in ISO 8601 and text as it is."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=datetime.isoformat)


def print_json(value: Any) -> None:
    """Print a value as indented JSON, undecorated."""
    sys.stdout.write(to_json(value, indent=2) + "\n")

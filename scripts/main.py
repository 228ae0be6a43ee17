"""The ``dateline`` command: one file for each subcommand, imported when it is called."""

import ast
import logging
import signal
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from crawler.errors import DatelineError
from scripts.output import notes
from settings import environment

REPEAT_SECONDS = 5.0
"""After this, a command that was told to stop is told again."""
COMMANDS = (
    "collect run schedule status why runs metrics health alerts articles show similar history "
    "boilerplate export extract reparse doctor retry quarantine relearn newsworld demo db"
).split()
"""In the order of the help page; each has a module and, in it, a function of its name."""


class Subcommands(TyperGroup):
    """The subcommands, each imported only when it is called: ``--help`` imports none."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return their names in the order of the help page."""
        return COMMANDS

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        """Return what the help page needs of a command."""
        return TyperCommand(cmd_name, help=_summary(cmd_name)) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Import the command that is called."""
        self.commands = {name: TyperCommand(name) for name in COMMANDS}  # for suggestions
        name, _, rest = super().resolve_command(ctx, args)
        return name, name and _load(name), rest


def _summary(command: str) -> str:
    """Return the first paragraph of a command's docstring, read from its file."""
    path = Path(__file__).with_name(f"{command}.py")
    functions = (n for n in ast.parse(path.read_text()).body if isinstance(n, ast.FunctionDef))
    function = next(function for function in functions if function.name == command)
    return (ast.get_docstring(function) or "").partition("\n\n")[0]


def _load(command: str) -> Any:
    module = import_module(f"scripts.{command}")
    if not (group := getattr(module, "app", None)):
        group = typer.Typer(add_completion=False, rich_markup_mode="markdown")
        group.command(command)(getattr(module, command))
    return get_command(group)


app = typer.Typer(
    cls=Subcommands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    epilog="Start with `dateline collect --all`, then `dateline articles`. "
    "`dateline COMMAND --help` explains each command.",
)


@app.callback()
def dateline() -> None:
    """Collect the news: clean, dated articles from every outlet in `spiders/`, in MongoDB."""


def _terminate(*_: object) -> None:
    """Stop as by Ctrl-C, which undoes what is half done.

    asyncio's own way, to cancel what is under way, may come to nothing (`wait_for` in Python 3.11).
    So may this, within asyncio or a finaliser: it is done again until it has come to an end.
    What is hit while it is half built must not tell of it: nothing is wrong.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    sys.unraisablehook = lambda _: None
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _terminate)
    signal.setitimer(signal.ITIMER_REAL, REPEAT_SECONDS)
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line; a known error becomes one sentence and its exit code."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _terminate)
    try:
        if environment.LOG:
            from crawler.logs import log_as_json, wants_json  # noqa: PLC0415 - it imports Scrapy

            if wants_json(environment.LOG):
                log_as_json(logging.StreamHandler())
        app(prog_name="dateline")
    except DatelineError as error:
        notes.fail(str(error))
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()

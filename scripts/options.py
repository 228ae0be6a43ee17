"""Options and arguments that several commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print the same as JSON.")]
OneOutlet = Annotated[str, typer.Argument(metavar="OUTLET", help="The outlet's name.")]
AnyOutlet = Annotated[str, typer.Argument(metavar="[OUTLET]", help="Only this outlet.")]
OutletOption = Annotated[str, typer.Option("--outlet", help="Only this outlet.")]
AtOnce = Annotated[int, typer.Option("--at-once", min=1, help="Collect so many outlets at a time.")]
StoryUrl = Annotated[str, typer.Argument(help="The story's address, or another one it has had.")]

AT_ONCE = 2
"""Outlets that are collected at the same time: each keeps about one core busy."""
TIME_LIMIT = 60.0
"""Minutes that a scheduled run may take."""

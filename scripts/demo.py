"""``dateline demo``: the whole system at work on this machine, without the internet."""

import shutil
import subprocess
import sys

import typer

from crawler.mongod import embedded
from newsworld.client import running
from scripts.output import console
from settings import environment

OUTLETS = ("asianlite", "national_times")
SINCE = "2024-11-01"

NEXT = """
Where to go from here
  Crawl the same small web yourself:
    dateline newsworld                     (it prints its address; leave it running)
    DATELINE_GATEWAY=http://127.0.0.1:8700 dateline collect asianlite
  Collect the real outlet, politely:       dateline collect asianlite
  See what is stored:                      dateline articles
  Run it from cron, add an outlet:         README.md
"""


def demo() -> None:
    """Collect two outlets from a simulated web, twice, and show one of the articles."""
    data = environment.DATA / "demo"
    embedded.stop(data)
    shutil.rmtree(data, ignore_errors=True)
    console.print("Starting a simulated web of outlets and Dateline's own MongoDB.")
    try:
        with running() as world:
            env = environment.child(
                DATELINE_GATEWAY=world.url, DATELINE_DATA=str(data), MONGODB_URI=""
            )

            def dateline(*words: str) -> int:
                command = [sys.executable, "-m", "scripts.main", *words]
                done = subprocess.run(command, cwd=environment.PROJECT, env=env, check=False)
                return done.returncode

            embedded.start(data)
            console.print("\n[bold]First pass: everything is new.[/]")
            first = dateline("collect", *OUTLETS, "--since", SINCE)
            console.print("\n[bold]Second pass: every story is known, no page is fetched.[/]")
            second = dateline("collect", *OUTLETS, "--since", SINCE)
            console.print("\n[bold]The newest articles:[/]")
            dateline("articles", "--limit", "6")
            console.print("\n[bold]One of them:[/]")
            newest = max(
                (story for story in world.truth() if story["outlet"] == OUTLETS[0]),
                key=lambda story: str(story["published"]),
            )
            dateline("show", newest["url"])
    finally:
        embedded.stop(data)
    console.print(NEXT.rstrip(), markup=False)
    raise typer.Exit(first or second)

"""The ``dateline`` command: one file for each subcommand, put together here."""

import logging
import signal
import sys

import typer

from crawler.errors import DatelineError
from crawler.logs import log_as_json, wants_json
from scripts import (
    alerts,
    articles,
    boilerplate,
    collect,
    db,
    demo,
    doctor,
    export,
    extract,
    history,
    metrics,
    newsworld,
    quarantine,
    relearn,
    reparse,
    retry,
    run,
    runs,
    schedule,
    show,
    similar,
    status,
    why,
)
from scripts.project import notes
from settings import environment

AGAIN = 5.0
"""Seconds after which a command that has been told to stop is told once more."""

app = typer.Typer(
    name="dateline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Collect the news: clean, dated articles from every outlet in `spiders/`, in MongoDB.",
    epilog="Start with `dateline collect --all`, then `dateline articles`. "
    "`dateline COMMAND --help` explains each command.",
)
app.command("collect")(collect.collect)
app.command("run")(run.run)
app.command("schedule")(schedule.schedule)
app.command("status")(status.status)
app.command("why")(why.why)
app.command("runs")(runs.runs)
app.command("metrics")(metrics.metrics)
app.command("health")(metrics.health)
app.command("alerts")(alerts.alerts)
app.command("articles")(articles.articles)
app.command("show")(show.show)
app.command("similar")(similar.similar)
app.command("history")(history.history)
app.command("boilerplate")(boilerplate.boilerplate)
app.command("export")(export.export)
app.command("extract")(extract.extract)
app.command("reparse")(reparse.reparse)
app.command("doctor")(doctor.doctor)
app.command("retry")(retry.retry)
app.command("quarantine")(quarantine.quarantine)
app.command("relearn")(relearn.relearn)
app.command("newsworld")(newsworld.newsworld)
app.command("demo")(demo.demo)
app.add_typer(db.app, name="db")


def _terminate(*_: object) -> None:
    """Stop as by Ctrl-C, which undoes what is half done.

    asyncio's own way, to cancel what is under way, may come to nothing (`wait_for` in Python 3.11).
    So may this, within asyncio or a finaliser: it is done again until it has come to an end.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it would tell which task was hit
    signal.signal(signal.SIGALRM, _terminate)
    signal.setitimer(signal.ITIMER_REAL, AGAIN)
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line; a known error becomes one sentence and its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        if wants_json(environment.LOG):
            log_as_json(logging.StreamHandler())
        app()
    except DatelineError as error:
        notes.fail(str(error))
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()

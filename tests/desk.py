"""`Desk`: what a test needs to run crawls for real and to look at what they left."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from crawler.run.tally import PENDING
from tests.forked import Forked, Server

PROJECT = Path(__file__).resolve().parent.parent
Document = dict[str, Any]


@dataclass
class Result:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.out)


def adds_up(account: dict[str, Any]) -> bool:
    """Whether the account of a run document is whole."""
    settled = sum(sum(account[name].values()) for name in ("unchanged", "rejected", "failed"))
    return bool(account["sighted"] == account["stored"] + settled + account[PENDING])


class Desk:
    """One empty database, and the commands that fill it by way of a gateway.

    Args:
        server: forks what runs to its end; None: each command is a fresh process, as what is
            started to be killed or told to stop always is.

    Attributes:
        server: a test may set it to None, to prove exit codes in a database that others use again.
    """

    patience = 110.0
    """Seconds that a command may take."""

    def __init__(
        self, uri: str, database: str, gateway: str, data: Path, server: Server | None = None
    ) -> None:
        self.database: Any = MongoClient(uri, tz_aware=True, datetime_conversion="DATETIME_CLAMP")[
            database
        ]
        self.uri, self.data, self.server = uri, data, server
        self.has_started = False
        """A process was begun that may not have come to its end."""
        self._environment = {
            **os.environ,
            "MONGODB_URI": uri,
            "MONGODB_DATABASE": database,
            "DATELINE_GATEWAY": gateway,
            "DATELINE_DATA": str(data),
            "COLUMNS": "80",
        }

    def start(
        self, *command: str, group: bool = False, **environment: str
    ) -> subprocess.Popen[str]:
        """Start ``python -m COMMAND``, at wish in a process group of its own."""
        self.has_started = True
        return self._popen(*command, group=group, environment=environment)

    def _popen(
        self, *command: str, group: bool, environment: dict[str, str]
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            text=True,
            start_new_session=group,
            **self._options(environment),
        )

    def _options(self, environment: dict[str, str]) -> dict[str, Any]:
        return {
            "cwd": PROJECT,
            "env": {**self._environment, **environment},
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }

    @staticmethod
    def signal_group(process: subprocess.Popen[str]) -> None:
        """Tell a process started with `group`, and all that it started, to stop."""
        os.killpg(process.pid, signal.SIGTERM)

    def dateline(self, *words: str, **environment: str) -> Result:
        """Run a ``dateline`` command to its end, and check the accounts of all runs."""
        return self._run("scripts.main", *words, environment=environment)

    def crawl(self, outlet: str, *words: str, **environment: str) -> Result:
        """Run ``scrapy crawl`` to its end, and check the accounts of all runs."""
        return self._run("scrapy", "crawl", outlet, *words, environment=environment)

    def _run(self, module: str, *words: str, environment: dict[str, str]) -> Result:
        process = (
            Forked(self.server, module, *words, **self._options(environment))
            if self.server
            else self._popen(module, *words, group=False, environment=environment)
        )
        out, err = process.communicate(timeout=self.patience)
        self.check_accounts()
        return Result(process.returncode, out, err)

    def check_accounts(self) -> None:
        """The invariant behind everything: no address without exactly one fate."""
        for run in self.runs():
            if "account" not in run:
                continue
            assert adds_up(run["account"]), run
            assert run["outcome"] != "healthy" or run["account"]["pending"] == 0 or run["ended"]
        for outlet in self.database.leads.distinct("outlet"):
            last = self.run(outlet)
            if last and last["ended"] and last["outcome"] != "killed" and "account" in last:
                pending = self.database.leads.count_documents(
                    {"outlet": outlet, "state": "pending"}
                )
                # What a run with bounds passes over keeps its state in the ledger.
                passed_over = last["account"]["rejected"].get("out_of_range", 0)
                left = last["account"]["pending"]
                # What failed before, or is to be looked at again, may have been left waiting, too.
                again = self.database.leads.count_documents(
                    {
                        "outlet": outlet,
                        "state": {"$in": ["failed", "stored"]},
                        "due": {"$lte": last["ended"]},
                    }
                )
                assert left - again <= pending <= left + passed_over, last
        stored = {lead["article"] for lead in self.leads() if lead["state"] == "stored"}
        assert stored <= set(self.articles())

    def articles(self, outlet: str | None = None) -> dict[str, Document]:
        """Stored articles by address."""
        query = {"outlet": outlet} if outlet else {}
        return {article["url"]: article for article in self.database.articles.find(query)}

    def leads(self) -> list[Document]:
        """The ledger."""
        return list(self.database.leads.find())

    def runs(self) -> list[Document]:
        """All run documents, oldest first."""
        return list(self.database.runs.find().sort("started"))

    def run(self, outlet: str) -> Document:
        """The newest run document of an outlet."""
        found = self.database.runs.find_one({"outlet": outlet}, sort=[("started", -1)])
        return found or {}

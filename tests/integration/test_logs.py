"""Logs as JSON: every line is an object, of crawls and commands, and none tells a password."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from newsworld.client import Client
from tests.desk import Desk

JSON = {"DATELINE_LOG": "json"}
CANARY = "canary-6b1f"
DECLARED = ("-s", "SPIDER_MODULES=tests.declared")


def lines(text: str) -> list[dict[str, Any]]:
    """Every line, read as what it has to be."""
    found = [json.loads(line) for line in text.splitlines()]
    for told in found:
        assert datetime.fromisoformat(told["time"]).utcoffset() == timedelta(0)
        assert told.keys() >= {"level", "logger", "message"}
        assert all(isinstance(value, str) for value in told.values()), told
    return found


def test_a_crawl_logs_json(desk: Desk, world: Client) -> None:
    result = desk.crawl("raising", *DECLARED, **JSON)
    told = lines(result.err)
    run = desk.run("raising")
    assert {line["outlet"] for line in told} == {"raising"}
    ids = [line.get("run") for line in told]
    assert set(ids[ids.index(run["_id"]) :]) == {run["_id"]}
    assert any(line["message"].startswith("Scrapy ") for line in told[:3])
    broken = next(line for line in told if "LookupError" in line.get("exception", ""))
    assert broken["level"] == "ERROR"
    assert "Traceback" in broken["exception"]
    assert any(line["message"] == f"{run['outcome']}: {run['reason']}" for line in told)


def test_commands_log_json(desk: Desk, world: Client) -> None:
    """Also into the outlet's log file; answers stay on the standard output as they were."""
    world.faults([{"path": r"/category/.*", "status": 500}])
    result = desk.dateline("collect", "asianlite", "--limit", "5", **JSON)
    (remark,) = lines(result.err)
    assert (remark["level"], remark["logger"]) == ("INFO", "dateline")
    assert "asianlite: " in remark["message"]
    assert result.out.startswith("outlet")
    file = next(desk.data.glob("logs/asianlite.log")).read_text()
    assert {line["run"] for line in lines(file)} == {desk.run("asianlite")["_id"]}
    failed = desk.dateline("show", "https://asianlite.com/none", **JSON)
    (told,) = lines(failed.err)
    assert (told["level"], failed.code) == ("ERROR", 1)
    assert told["message"].startswith("No article is stored")


def test_no_password_is_told(desk: Desk) -> None:
    """Of a server that refuses it, and of one that does not answer; in text and in JSON."""
    addresses = (desk.uri.removeprefix("mongodb://"), "127.0.0.1:9")
    with ThreadPoolExecutor() as pool:  # together, for each looks for its server for some seconds
        begun = []
        for address, log in product(addresses, (JSON, {})):
            env = {**log, "MONGODB_URI": f"mongodb://reader:{CANARY}@{address}"}
            begun += [
                (log, pool.submit(desk.crawl, "asianlite", "-L", "DEBUG", **env)),
                (log, pool.submit(desk.dateline, "status", **env)),
            ]
    for log, ended in begun:
        result = ended.result()
        assert result.code == 4
        assert CANARY not in result.out + result.err
        if log:
            assert lines(result.err)


def test_another_form_of_logs_is_refused(desk: Desk) -> None:
    for result in (
        desk.dateline("status", DATELINE_LOG="xml"),
        desk.crawl("asianlite", DATELINE_LOG="xml"),
    ):
        assert result.code in (2, 3)
        assert "DATELINE_LOG=xml is not known" in result.err + result.out

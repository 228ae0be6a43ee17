"""How a run ended: one outcome, one exit code, one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from crawler.errors import ConfigurationError, DatelineError, StoreError
from crawler.failures import is_network

Outcome = Literal["ok", "partial", "failed"]


class Exit(IntEnum):
    """Exit codes of `dateline collect` and `scrapy crawl`; cron may rely on them."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    STORE = 4
    NETWORK = 5
    PARTIAL = 6


def exit_code(error: DatelineError) -> Exit:
    """The exit code of a command that ends with `error`."""
    if isinstance(error, StoreError):
        return Exit.STORE
    return Exit.CONFIGURATION if isinstance(error, ConfigurationError) else Exit.FAILED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a run."""

    outcome: Outcome
    exit: Exit
    reason: str
    """A sentence for people."""


ASKED_FOR = frozenset(
    {"finished", "closespider_itemcount", "closespider_pagecount", "closespider_pagecount_no_item"}
)
"""Reasons of Scrapy's to end a run that are none to worry about."""

ENDINGS = {
    "start_error": "The spider failed before it asked for anything.",
    "closespider_errorcount": "The limit on errors was reached.",
    "closespider_timeout": "The time limit was reached.",
    "memusage_exceeded": "The memory limit was reached.",
    "shutdown": "It was told to stop.",
}

TOLERATED = 0.1
"""Share of a run's stories that may fail, and be tried again later, in a run that is ok."""


def judge(finish_reason: str, document: Mapping[str, Any]) -> Verdict:
    """Judge a run by Scrapy's reason for its end and its run document."""
    account, sources = document["account"], document["sources"]
    stored, failed = account["stored"], _sum(account["failed"])
    rejected = _sum(account["rejected"]) - account["rejected"].get("out_of_range", 0)
    good = stored + account["unchanged"].get("same", 0)
    if finish_reason not in ASKED_FOR:
        reason = ENDINGS.get(finish_reason, f"It was closed early ({finish_reason}).")
        if good:
            return Verdict("partial", Exit.PARTIAL, reason)
        return Verdict("failed", Exit.FAILED, reason)
    if finish_reason == "finished" and account["pending"]:
        lost = f"{account['pending']} stories were left without a fate."
        return Verdict("partial" if good else "failed", Exit.PARTIAL if good else Exit.FAILED, lost)
    bad = [source for source in sources if source["outcome"] == "failed"]
    if len(bad) == len(sources):
        network = bool(bad) and all(is_network(source["reason"]) for source in bad)
        code = Exit.NETWORK if network else Exit.FAILED
        return Verdict(
            "failed", code, f"No source could be read: {_reasons(bad) or 'none was asked'}."
        )
    read = [source for source in sources if source["outcome"] == "read"]
    if read and not account["sighted"]:
        return Verdict("failed", Exit.FAILED, "No source shows a single story.")
    if failed + rejected and not good:
        causes = {**account["failed"], **account["rejected"]}
        code = Exit.NETWORK if all(map(is_network, causes)) else Exit.FAILED
        return Verdict("failed", code, f"Not one story could be read: {_list(causes)}.")
    if document["errors"].get("callback_error") or document["errors"].get("pipeline_error"):
        return Verdict("partial", Exit.PARTIAL, f"Errors occurred: {_list(document['errors'])}.")
    if bad:
        return Verdict("partial", Exit.PARTIAL, f"Some sources could not be read: {_reasons(bad)}.")
    if failed + rejected > TOLERATED * (good + failed + rejected):
        causes = {**account["failed"], **account["rejected"]}
        return Verdict("partial", Exit.PARTIAL, f"Too many stories failed: {_list(causes)}.")
    return Verdict("ok", Exit.OK, "All sources were read.")


def _sum(reasons: Mapping[str, int]) -> int:
    return sum(reasons.values())


def _reasons(sources: list[Mapping[str, Any]]) -> str:
    return ", ".join(f"{source['key']} ({source['reason']})" for source in sources)


def _list(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())

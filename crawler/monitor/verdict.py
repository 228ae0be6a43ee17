"""How a run ended: one outcome, one exit code, one sentence."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from crawler.errors import ExitCode
from crawler.fetch.failure_reasons import is_network
from crawler.monitor.causes import cause_of_failure

RunOutcome = Literal["healthy", "degraded", "failed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a run."""

    outcome: RunOutcome
    exit: ExitCode
    reason: str
    """A sentence for people."""
    cause: str | None = None
    """In snake_case, unless it is healthy: a `Cause`, or why it ended early (``stopped``), what it
    could not reach (``gap``), or a ``fault`` of ours."""


ASKED_FOR = frozenset(
    {"finished", "closespider_itemcount", "closespider_pagecount", "closespider_pagecount_no_item"}
)
"""Reasons of Scrapy's to end a run that are none to worry about."""

ENDINGS = {
    "start_error": "An error in the spider ended it.",
    "closespider_errorcount": "The limit on errors was reached.",
    "closespider_timeout": "The time limit was reached.",
    "memusage_exceeded": "The memory limit was reached.",
    "shutdown": "It was told to stop.",
    "workers_lost": "The worker processes that parse were lost.",
}

BAD = ("failed", "empty", "retired")
"""Outcomes of a source that was not read."""
TELLING = 5
"""So many stories that cannot be fetched tell something about the outlet; fewer do not."""
TOLERATED = 0.1
"""Share of a run's stories that may fail, and be tried again later, in a run that is ok."""


def judge(finish_reason: str, document: Mapping[str, Any]) -> Verdict:
    """Judge a run by Scrapy's reason for its end and its run document, with its ``health``."""
    verdict = _judge(finish_reason, document)
    health = document.get("health")
    if not health or verdict.cause == health["cause"]:
        return verdict
    if verdict.outcome == "healthy":
        return _degraded(health["sentence"], health["cause"])
    # A run that failed knows why better than the stories before it, if it knows.
    knows = verdict.outcome == "failed" and verdict.cause != "other"
    cause = verdict.cause if knows else health["cause"]
    return replace(verdict, reason=f"{verdict.reason} {health['sentence']}", cause=cause)


def _judge(finish_reason: str, document: Mapping[str, Any]) -> Verdict:
    stories = _Stories(document["account"], document.get("gone", 0))
    if finish_reason not in ASKED_FOR:
        reason = ENDINGS.get(finish_reason, f"It was closed early ({finish_reason}).")
        return (_degraded if stories.good else _failed)(reason, "stopped")
    if refused := _hosts(document.get("hosts", []), document["sources"], stories):
        return refused
    if finish_reason == "finished" and (pending := document["account"]["pending"]):
        lost = f"{pending} stories were left without a fate."
        return (_degraded if stories.good else _failed)(lost, "fault")
    errors = document["errors"]
    return (
        _no_source(document["sources"])
        or stories.none_read()
        or (
            _degraded(f"Errors occurred: {_list(errors)}.", "fault")
            if errors.get("callback_error") or errors.get("pipeline_error")
            else None
        )
        or _bad_sources(document["sources"])
        # A run that was closed on request has not had the time to reach as far.
        or (_unreached(document["sources"]) if finish_reason == "finished" else None)
        or stories.too_many_failed()
        or Verdict("healthy", ExitCode.OK, _read(document))
    )


def _read(document: Mapping[str, Any]) -> str:
    """What to say of a run that is ok."""
    if document.get("limited"):
        return "The limit was reached: the same command again goes on from there."
    gone = [source["key"] for source in document["sources"] if source["outcome"] == "retired"]
    if gone:
        return (
            f"All sources were read but {', '.join(gone)}, gone for good (410): declare it no more."
        )
    return "All sources were read."


def _hosts(
    hosts: Sequence[Mapping[str, Any]], sources: Sequence[Mapping[str, Any]], stories: "_Stories"
) -> Verdict | None:
    """A verdict where a host is not to be asked just now, or at all."""
    refusing = [host for host in hosts if host["outcome"]]
    if not refusing:
        return None
    told = "; ".join(map(_refusal, refusing))
    cause = _cause(host["reason"] for host in refusing)
    if stories.good or any(source["outcome"] in ("read", "unchanged") for source in sources):
        return _degraded(f"{told}.", cause)
    network = all(
        host["outcome"] == "retry_later" and is_network(host["reason"]) for host in refusing
    )
    return _failed(f"{told}.", cause, ExitCode.NETWORK if network else ExitCode.FAILED)


def _refusal(host: Mapping[str, Any]) -> str:
    asks = "asks us to stay away" if host["outcome"] == "stay_away" else "is to be asked later"
    until = f", from {host['until']:%Y-%m-%d %H:%M:%S} UTC on" if host["until"] else ""
    return f"{host['host']} {asks}{until} ({host['reason']}); put off: {host['withheld']}"


def _no_source(sources: Sequence[Mapping[str, Any]]) -> Verdict | None:
    bad = [source for source in sources if source["outcome"] in BAD]
    if len(bad) < len(sources):
        return None
    if bad and all(source["outcome"] == "empty" for source in bad):
        return _failed("No source shows a single story.", "feed_gone")
    network = bool(bad) and all(is_network(source["reason"] or "") for source in bad)
    reason = f"No source could be read: {_reasons(bad) or 'none was asked'}."
    code = ExitCode.NETWORK if network else ExitCode.FAILED
    return _failed(reason, _cause_of_sources(bad), code)


def _cause_of_sources(bad: Iterable[Mapping[str, Any]]) -> str:
    """What sources that were not read tell: what is not there, or no source any more, is gone."""
    cause = _cause(source["reason"] or "empty" for source in bad)
    return "feed_gone" if cause in ("pages_gone", "unreadable", "soft_404") else cause


def _bad_sources(sources: Sequence[Mapping[str, Any]]) -> Verdict | None:
    # That a source is gone is told as a fault once, by the run that was told so.
    bad = [source for source in sources if source["outcome"] in BAD and _was_asked(source)]
    if bad:
        told = f"Some sources could not be read: {_reasons(bad)}."
        return _degraded(told, _cause_of_sources(bad))
    return None


def _unreached(sources: Sequence[Mapping[str, Any]]) -> Verdict | None:
    """A verdict where there may be stories that no source has shown."""
    gaps = [source["key"] for source in sources if source.get("gap_since")]
    # A source that met known ground has read everything since, also what others missed.
    if gaps and not any(source.get("gap_since", gaps) is None for source in sources):
        return _degraded(
            f"{', '.join(gaps)} shows nothing it showed before: stories may have come and gone "
            "since, and no other source tells. Declare one that reaches further back.",
            "gap",
        )
    cut = [source["key"] for source in sources if source.get("cut_short")]
    if cut and not any(source.get("reached") for source in sources):
        told = f"There is more than a run reads of {', '.join(cut)}: narrow its bounds."
        return _degraded(told, "gap")
    return None


def _was_asked(source: Mapping[str, Any]) -> bool:
    return bool(source["outcome"] != "retired" or source["requests"])


class _Stories:
    """What became of the stories a run tried to read.

    Args:
        account: the fates.
        gone: how many are still not there (404): the run that missed them first has told of them.
    """

    def __init__(self, account: Mapping[str, Any], gone: int) -> None:
        same = account["unchanged"]
        self.good = account["stored"] + same.get("same", 0) + same.get("not_modified", 0)
        self._causes = Counter({**account["failed"], **account["rejected"]}) - Counter(
            {"http_404": gone}
        )
        self._causes.pop("out_of_range", None)
        self._bad = sum(self._causes.values())
        self._network = all(map(is_network, self._causes))

    def none_read(self) -> Verdict | None:
        """A verdict where not one could be read.

        A few that cannot be fetched just now are tried again; a page that is no article tells.
        """
        if self.good or not self._bad or (self._network and self._bad < TELLING):
            return None
        reason = f"Not one story could be read: {_list(self._causes)}."
        code = ExitCode.NETWORK if self._network else ExitCode.FAILED
        return _failed(reason, _cause(self._causes.elements()), code)

    def too_many_failed(self) -> Verdict | None:
        """A verdict where more failed than is usual."""
        if self._bad <= max(TELLING - 1, TOLERATED * (self.good + self._bad)):
            return None
        told = f"Too many stories failed: {_list(self._causes)}."
        return _degraded(told, _cause(self._causes.elements()))


def _failed(reason: str, cause: str, code: ExitCode = ExitCode.FAILED) -> Verdict:
    return Verdict("failed", code, reason, cause)


def _degraded(reason: str, cause: str) -> Verdict:
    return Verdict("degraded", ExitCode.DEGRADED, reason, cause)


def _cause(reasons: Iterable[str]) -> str:
    """The cause that most of the reasons tell of."""
    told = Counter(map(cause_of_failure, reasons))
    return told.most_common(1)[0][0] if told else "unreadable"


def _reasons(sources: Sequence[Mapping[str, Any]]) -> str:
    told = ((source["key"], source["reason"] or "no story in it") for source in sources)
    return ", ".join(f"{key} ({reason})" for key, reason in told)


def _list(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())

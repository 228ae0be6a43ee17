"""Verdicts on runs: one outcome, one exit code, one sentence and one cause each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from crawler.errors import ExitCode
from crawler.fetch.failure_reasons import OFFSITE, is_network
from crawler.monitor.causes_and_reasons import UNREAD_OUTCOMES, cause_of_failure
from crawler.monitor.findings import find_findings

RunOutcome = Literal["healthy", "degraded", "failed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on a run: what came of it, and why."""

    outcome: RunOutcome
    exit: ExitCode
    reason: str
    """A sentence for people."""
    cause: str | None = None
    """In snake_case, unless it is healthy: a `Cause`, or why it ended early (``stopped``), what it
    could not reach (``gap``), or a ``fault`` of ours."""


REQUESTED_ENDINGS = frozenset(
    {"finished", "closespider_itemcount", "closespider_pagecount", "closespider_pagecount_no_item"}
)
"""Scrapy's reasons to close a spider that are as it was asked to."""
ENDINGS = {
    "start_error": "An error in the spider ended it.",
    "closespider_errorcount": "The limit on errors was reached.",
    "closespider_timeout": "The time limit was reached.",
    "memusage_exceeded": "The memory limit was reached.",
    "shutdown": "It was told to stop.",
    "workers_lost": "The worker processes that parse were lost.",
}
MIN_FAILURES = 5
"""Stories that cannot be fetched before that is a fault of the outlet."""
MAX_FAILED_SHARE = 0.1
"""Share of a run's stories that may fail, and be tried again later, in a healthy run."""

Source = Mapping[str, Any]
"""What a run document states of a source."""


def judge(finish_reason: str, document: Mapping[str, Any]) -> Verdict:
    """Judge a run by Scrapy's reason for its end and its run document.

    Its ``health`` and its findings add their sentences.
    """
    verdict = _judge(finish_reason, document)
    health = document.get("health") or {}
    if health and verdict.cause != health["cause"]:
        verdict = _with(verdict, health["cause"], health["sentence"])
    findings = [one for one in find_findings(document) if one.cause != health.get("cause")]
    for finding in reversed(findings):  # the first names the cause
        verdict = _with(verdict, *finding)
    return verdict


def _with(verdict: Verdict, cause: str, sentence: str) -> Verdict:
    """Return the verdict with what was found beside it."""
    if verdict.outcome == "healthy":
        return _degraded(sentence, cause)
    # A run that failed knows why better than the stories before it, if it knows.
    knows = verdict.cause == "moved" or (verdict.outcome == "failed" and verdict.cause != "other")
    reason = f"{verdict.reason} {sentence}"
    return replace(verdict, reason=reason, cause=verdict.cause if knows else cause)


def _judge(finish_reason: str, document: Mapping[str, Any]) -> Verdict:
    stories = _Stories(document["account"])
    sources, errors = document["sources"], document["errors"]
    degraded_or_failed = _degraded if stories.good else _failed
    if finish_reason not in REQUESTED_ENDINGS:
        reason = ENDINGS.get(finish_reason, f"It was closed early ({finish_reason}).")
        return degraded_or_failed(reason, "stopped")
    if moved := _moved(document, stories):
        return moved
    if refused := _judge_hosts(document.get("hosts", []), sources, stories):
        return refused
    if finish_reason == "finished" and (pending := document["account"]["pending"]):
        return degraded_or_failed(f"{pending} stories were left without an outcome.", "fault")
    if verdict := _no_source_read(sources) or stories.judge_none_read():
        return verdict
    if errors.get("callback_error") or errors.get("pipeline_error"):
        return _degraded(f"Errors occurred: {_list(errors)}.", "fault")
    return (
        _some_sources_unread(sources)
        # A run that was closed on request has not had the time to reach as far.
        or (_gap(sources) if finish_reason == "finished" else None)
        or stories.judge_failures()
        or Verdict("healthy", ExitCode.OK, _healthy_reason(document))
    )


def _healthy_reason(document: Mapping[str, Any]) -> str:
    if document.get("limited"):
        return "The limit was reached: the same command again goes on from there."
    gone = [source["key"] for source in document["sources"] if source["outcome"] == "retired"]
    if gone:
        return (
            f"All sources were read but {', '.join(gone)}, gone for good (410): declare it no more."
        )
    return "All sources were read."


def _moved(document: Mapping[str, Any], stories: "_Stories") -> Verdict | None:
    """Judge a run of an outlet whose pages redirect to a domain that it has not declared."""
    for domain, count in document.get("led_to", ()):
        sources = any(source["reason"] == OFFSITE for source in document["sources"])
        if not sources and count <= max(MIN_FAILURES - 1, stories.good):
            return None
        reason = (
            f"{count} of its pages redirect to {domain}. If it has moved there, write "
            f'domains = ("{domain}",) into its file, or add that to its domains: then the stories '
            "are collected."
        )
        return (_degraded if stories.good else _failed)(reason, "moved")
    return None


def _judge_hosts(
    hosts: Sequence[Mapping[str, Any]], sources: Sequence[Source], stories: "_Stories"
) -> Verdict | None:
    """Judge a run of which a host is not to be asked just now, or at all."""
    refusing = [host for host in hosts if host["outcome"]]
    if not refusing:
        return None
    reason = f"{'; '.join(map(_refusal, refusing))}."
    cause = _main_cause(host["reason"] for host in refusing)
    if stories.good or any(source["outcome"] in ("read", "unchanged") for source in sources):
        return _degraded(reason, cause)
    network = all(
        host["outcome"] == "retry_later" and is_network(host["reason"]) for host in refusing
    )
    return _failed(reason, cause, network=network)


def _refusal(host: Mapping[str, Any]) -> str:
    asks = "asks us to stay away" if host["outcome"] == "stay_away" else "is to be asked later"
    until = f", from {host['until']:%Y-%m-%d %H:%M:%S} UTC on" if host["until"] else ""
    return f"{host['host']} {asks}{until} ({host['reason']}); put off: {host['withheld']}"


def _no_source_read(sources: Sequence[Source]) -> Verdict | None:
    unread = [
        source
        for source in sources
        if source["outcome"] in UNREAD_OUTCOMES and not source.get("leads")
    ]
    if len(unread) < len(sources):
        return None
    if unread and all(source["outcome"] == "empty" for source in unread):
        return _failed("No source shows a single story.", "feed_gone")
    network = bool(unread) and all(is_network(source["reason"] or "") for source in unread)
    reason = f"No source could be read: {_reasons(unread) or 'none was asked'}."
    return _failed(reason, _cause_of_sources(unread), network=network)


def _cause_of_sources(unread: Iterable[Source]) -> str:
    """Return the cause why sources were not read; what is not there or no source is gone."""
    cause = _main_cause(source["reason"] or "empty" for source in unread)
    return "feed_gone" if cause in ("pages_gone", "unreadable", "soft_404") else cause


def _some_sources_unread(sources: Sequence[Source]) -> Verdict | None:
    # A source that is gone for good degrades only the run that asked for it and learnt so.
    unread = [
        source
        for source in sources
        if source["outcome"] in UNREAD_OUTCOMES
        and (source["outcome"] != "retired" or source["requests"])
    ]
    if not unread:
        return None
    reason = f"Some sources could not be read: {_reasons(unread)}."
    return _degraded(reason, _cause_of_sources(unread))


def _gap(sources: Sequence[Source]) -> Verdict | None:
    """Judge a run after which there may be stories that no source has shown."""
    gaps = [source["key"] for source in sources if source.get("gap_since")]
    # A source that overlaps with its last poll has read everything since, also what others missed.
    if gaps and not any(source.get("gap_since", gaps) is None for source in sources):
        return _degraded(
            f"{', '.join(gaps)} shows nothing it showed before: stories may have come and gone "
            "since, and no other source shows them. Declare one that reaches further back.",
            "gap",
        )
    cut = [source["key"] for source in sources if source.get("cut_short")]
    if cut and not any(source.get("reached") for source in sources):
        reason = f"There is more than a run reads of {', '.join(cut)}: narrow its bounds."
        return _degraded(reason, "gap")
    return None


class _Stories:
    """The outcomes of the stories that a run tried to read.

    Args:
        tally: the outcomes, as the run document's ``account``.
    """

    def __init__(self, tally: Mapping[str, Any]) -> None:
        same = tally["unchanged"]
        self.good = tally["stored"] + same.get("same", 0) + same.get("not_modified", 0)
        self._reasons = Counter({**tally["failed"], **tally["rejected"]})
        self._reasons.pop("out_of_range", None)
        self._bad = self._reasons.total()
        self._network = all(map(is_network, self._reasons))

    def judge_none_read(self) -> Verdict | None:
        """Judge a run in which not one story could be read.

        A few that cannot be fetched are tried again; a page that is not an article counts at once.
        """
        if self.good or not self._bad or (self._network and self._bad < MIN_FAILURES):
            return None
        reason = f"Not one story could be read: {_list(self._reasons)}."
        return _failed(reason, _main_cause(self._reasons.elements()), network=self._network)

    def judge_failures(self) -> Verdict | None:
        """Judge a run in which more stories failed than is usual."""
        if self._bad <= max(MIN_FAILURES - 1, MAX_FAILED_SHARE * (self.good + self._bad)):
            return None
        reason = f"Too many stories failed: {_list(self._reasons)}."
        return _degraded(reason, _main_cause(self._reasons.elements()))


def _failed(reason: str, cause: str, *, network: bool = False) -> Verdict:
    code = ExitCode.NETWORK if network else ExitCode.FAILED
    return Verdict("failed", code, reason, cause)


def _degraded(reason: str, cause: str) -> Verdict:
    return Verdict("degraded", ExitCode.DEGRADED, reason, cause)


def _main_cause(reasons: Iterable[str]) -> str:
    """Return the cause that most of the reasons have."""
    causes = Counter(map(cause_of_failure, reasons))
    return causes.most_common(1)[0][0] if causes else "unreadable"


def _reasons(sources: Sequence[Source]) -> str:
    return ", ".join(f"{each['key']} ({each['reason'] or 'no story in it'})" for each in sources)


def _list(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())

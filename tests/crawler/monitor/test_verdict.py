"""How a run ended, by Scrapy's reason and the run document."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.errors import ExitCode
from crawler.monitor.verdict import ENDINGS, judge

READ = {"key": "feed:/feed", "outcome": "read", "reason": None}
EMPTY = {"key": "listing:/news", "outcome": "empty", "reason": None}
RETIRED = {"key": "feed:/old", "outcome": "retired", "reason": "http_410"}
UNCHANGED = {"key": "listing:/", "outcome": "unchanged", "reason": None}


def failed(reason: str) -> dict[str, Any]:
    return {"key": "wordpress:/x", "outcome": "failed", "reason": reason}


def host(outcome: str | None, reason: str, until: datetime | None = None) -> dict[str, Any]:
    told = {"host": "a.example", "delay": 2.1, "crawl_delay": None, "withheld": 7}
    return {**told, "outcome": outcome, "reason": reason, "until": until}


def document(
    *sources: dict[str, Any],
    errors: dict[str, int] | None = None,
    hosts: tuple[dict[str, Any], ...] = (),
    **account: Any,
) -> dict[str, Any]:
    whole = {
        "stored": 0, "unchanged": {}, "rejected": {}, "failed": {}, "pending": 0, **account
    }  # fmt: skip
    settled = sum(sum(whole[name].values()) for name in ("unchanged", "rejected", "failed"))
    whole["sighted"] = whole["stored"] + settled + whole["pending"]
    return {
        "account": whole,
        "sources": list(sources or (READ,)),
        "errors": errors or {},
        "hosts": list(hosts),
    }


AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OK, FAILED, DEGRADED, NETWORK = ExitCode.OK, ExitCode.FAILED, ExitCode.DEGRADED, ExitCode.NETWORK
CASES: list[tuple[str, str, dict[str, Any], str, ExitCode, str]] = [
    ("all_stored", "finished", document(stored=9), "healthy", OK, "All sources"),
    ("all_known", "finished", document(unchanged={"known": 9}), "healthy", OK, ""),
    ("all_the_same", "finished", document(unchanged={"same": 9}), "healthy", OK, ""),
    ("nothing_new", "finished", document(UNCHANGED), "healthy", OK, ""),
    ("out_of_range", "finished", document(rejected={"out_of_range": 9}), "healthy", OK, ""),
    ("few_fail", "finished", document(stored=9, failed={"http_500": 1}), "healthy", OK, ""),
    ("many_fail", "finished", document(stored=8, failed={"http_500": 5}), "degraded", DEGRADED,
     "Too many stories failed: 5 http_500"),
    ("a_quiet_hour", "finished", document(failed={"http_404": 1, "timeout": 1}), "healthy", OK, ""),
    ("many_are_rejected", "finished", document(stored=1, rejected={"no_body": 5}), "degraded",
     DEGRADED, "5 no_body"),
    ("one_is_rejected", "finished", document(rejected={"no_body": 1}), "failed", FAILED,
     "1 no_body"),
    ("all_fail", "finished", document(failed={"http_500": 9}), "failed", NETWORK, "9 http_500"),
    ("all_fail_to_parse", "finished", document(failed={"parse_timeout": 2, "http_500": 7}),
     "failed", FAILED, "2 parse_timeout"),
    ("all_are_rejected", "finished", document(rejected={"no_body": 2}, unchanged={"known": 5}),
     "failed", FAILED, "2 no_body"),
    ("a_source_fails", "finished", document(READ, failed("http_404"), stored=9), "degraded",
     DEGRADED, "wordpress:/x (http_404)"),
    ("all_sources_fail", "finished", document(failed("http_500"), failed("dns")), "failed",
     NETWORK, "No source could be read"),
    ("no_source_makes_sense", "finished", document(failed("http_500"), failed("not_a_feed")),
     "failed", FAILED, "not_a_feed"),
    ("private", "finished", document(failed("private_address")), "failed", FAILED, ""),
    ("robots_forbid", "finished", document(failed("robots_disallowed")), "failed", FAILED, ""),
    ("robots_out_of_reach", "finished", document(failed("robots_http_503")), "failed", NETWORK,
     ""),
    ("a_host_rests", "finished",
     document(failed("retry_later"), hosts=(host("retry_later", "http_429", AT),)), "failed",
     NETWORK, "a.example is to be asked later, from 2026-03-01 12:00:00 UTC on (http_429); "
     "put off: 7"),
    ("a_host_rests_in_mid_run", "finished",
     document(hosts=(host("retry_later", "http_503", AT),), pending=7, stored=1), "degraded",
     DEGRADED, "http_503"),
    ("a_host_rests_after_its_sources", "finished",
     document(UNCHANGED, hosts=(host("retry_later", "http_503"),), pending=7), "degraded",
     DEGRADED, "http_503"),
    ("we_are_to_stay_away", "finished",
     document(failed("http_403"), hosts=(host("stay_away", "http_403"),)), "failed", FAILED,
     "a.example asks us to stay away (http_403)"),
    ("robots_lead_inside", "finished",
     document(failed("robots_private_address"),
              hosts=(host("retry_later", "robots_private_address"),)), "failed", FAILED, ""),
    ("hosts_at_peace", "finished", document(hosts=(host(None, ""),), stored=1), "healthy", OK, ""),
    ("no_stories", "finished", document(EMPTY), "failed", FAILED, "No source shows a single story"),
    ("an_empty_source", "finished", document(READ, EMPTY, stored=9), "degraded", DEGRADED,
     "no story in it"),
    ("retired_now", "finished", document(READ, {**RETIRED, "requests": 1}, stored=9), "degraded",
     DEGRADED, "feed:/old (http_410)"),
    ("retired_before", "finished", document(READ, {**RETIRED, "requests": 0}, stored=9), "healthy",
     OK, "All sources were read but feed:/old, gone for good"),
    ("all_retired", "finished", document({**RETIRED, "requests": 0}), "failed", NETWORK,
     "feed:/old (http_410)"),
    ("dead_pages", "finished", document(unchanged={"as_before": 9}), "healthy",
     OK, "All"),
    ("new_dead_pages", "finished", document(failed={"http_404": 6}, unchanged={"as_before": 3}),
     "failed", NETWORK, "6 http_404"),
    ("moved", "finished", {**document(failed("offsite"), stored=0), "led_to": [["new.example", 1]]},
     "failed", FAILED, 'write domains = ("new.example",) into its file'),
    ("moved_stories", "finished",
     {**document(stored=4, rejected={"offsite": 5}), "led_to": [["new.example", 5]]},
     "degraded", DEGRADED, "5 of its pages redirect to new.example"),
    ("some_lead_away", "finished",
     {**document(stored=9, rejected={"offsite": 5}), "led_to": [["new.example", 5]]},
     "degraded", DEGRADED, "Too many stories failed: 5 offsite"),
    ("limited", "finished", {**document(stored=9), "limited": True}, "healthy",
     OK, "The limit was"),
    ("cut_short_on_request", "closespider_itemcount",
     document({**READ, "cut_short": True}, stored=9), "healthy", OK, ""),
    ("cut_short", "finished", document({**READ, "cut_short": True}, stored=9), "degraded", DEGRADED,
     "narrow its bounds"),
    ("callbacks", "finished", document(stored=9, errors={"callback_error": 1}), "degraded",
     DEGRADED, "1 callback_error"),
    ("pipelines", "finished", document(stored=9, errors={"pipeline_error": 2}), "degraded",
     DEGRADED, "2 pipeline_error"),
    ("left_over", "finished", document(stored=9, pending=1), "degraded", DEGRADED, "1 stories"),
    ("all_left_over", "finished", document(pending=3), "failed", FAILED, "3 stories"),
    ("asked_for", "closespider_itemcount", document(stored=9, pending=9), "healthy", OK, ""),
    ("stopped", "shutdown", document(stored=9, pending=9), "degraded", DEGRADED, "told to stop"),
    ("stopped_early", "shutdown", document(pending=9), "failed", FAILED, "told to stop"),
    ("memory", "memusage_exceeded", document(pending=9), "failed", FAILED, "memory limit"),
    ("time", "closespider_timeout", document(stored=1), "degraded", DEGRADED, "time limit"),
    ("errors", "closespider_errorcount", document(), "failed", FAILED, "limit on errors"),
    ("unheard_of", "cancelled", document(), "failed", FAILED, "closed early (cancelled)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "run", "outcome", "code", "words"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_verdict(
    reason: str, run: dict[str, Any], outcome: str, code: ExitCode, words: str
) -> None:
    verdict = judge(reason, run)
    assert (verdict.outcome, verdict.exit) == (outcome, code), verdict
    assert any(word in verdict.reason for word in words.split("|"))
    assert verdict.reason.endswith(".")


def test_no_source_asked() -> None:
    run = {**document(), "sources": []}
    verdict = judge("finished", run)
    assert (verdict.outcome, verdict.exit) == ("failed", FAILED)
    assert "none was asked" in verdict.reason


def test_only_ok_exits_with_zero_and_codes_are_distinct() -> None:
    assert [code for code in ExitCode if not code] == [ExitCode.OK]
    assert len({int(code) for code in ExitCode}) == len(ExitCode)
    for reason in ENDINGS:
        assert judge(reason, document(stored=1)).exit != ExitCode.OK

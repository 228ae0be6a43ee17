"""What a source's server is believed, and for how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.fetch.http_cache import (
    CHECKED_EVERY,
    RETIRED_FOR,
    ResponseMetadata,
    conditional_headers,
    is_fresh,
    is_retired,
    updated_state,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAST, FUTURE = "Sun, 01 Mar 2026 11:00:00 GMT", "Mon, 01 Mar 2027 11:00:00 GMT"
BOTH = {"If-None-Match": '"a"', "If-Modified-Since": PAST}


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({}, BOTH),
        ({"etag": None}, {"If-Modified-Since": PAST}),
        ({"last_modified": None}, {"If-None-Match": '"a"'}),
        ({"etag": f'"{"a" * 498}"', "last_modified": None}, {"If-None-Match": f'"{"a" * 498}"'}),
        ({"etag": f'"{"a" * 499}"'}, {"If-Modified-Since": PAST}),
        ({"etag": '"a\r\nCookie: b"'}, {"If-Modified-Since": PAST}),
        ({"etag": '"a"\n', "last_modified": f"{PAST}\n"}, {}),
        ({"etag": '"\x7f"'}, {"If-Modified-Since": PAST}),
        ({"etag": '"\u20ac"'}, {"If-Modified-Since": PAST}),
        ({"last_modified": FUTURE}, {"If-None-Match": '"a"'}),
        ({"last_modified": "yesterday"}, {"If-None-Match": '"a"'}),
        ({"last_modified": "Sun, 01 Mar 2026 11:00:00 -0000"}, {"If-None-Match": '"a"'}),
        ({"lies": True}, {}),
        ({"read_at": NOW - CHECKED_EVERY}, {}),
        ({"read_at": NOW - CHECKED_EVERY + timedelta(seconds=1)}, BOTH),
        ({"read_at": NOW + timedelta(days=1)}, {}),  # the clock was set back
        ({"read_at": None}, {}),
    ],
)
def test_the_condition_of_a_request(changes: dict[str, Any], headers: dict[str, str]) -> None:
    state = {"etag": '"a"', "last_modified": PAST, "read_at": NOW, **changes}
    assert conditional_headers(state, NOW) == headers


def test_of_a_new_source_nothing_is_believed() -> None:
    assert conditional_headers({"key": "feed:/feed"}, NOW) == {}
    assert not is_fresh({"key": "feed:/feed"}, NOW)
    assert not is_retired({"key": "feed:/feed"}, NOW)


@pytest.mark.parametrize(
    ("before", "etag", "digest", "lies"),
    [
        ({"etag": '"a"', "digest": "1"}, '"a"', "2", True),
        ({"etag": '"a"', "digest": "1"}, '"a"', "1", False),
        ({"etag": '"a"', "digest": "1"}, '"b"', "2", False),
        ({"etag": '"a"'}, '"a"', "2", False),  # of an older version, without a digest
        ({"digest": "1"}, None, "2", False),
        ({"etag": '"a"', "digest": "1", "lies": True}, '"b"', "2", True),
        ({"etag": '"a"', "digest": "1", "last_modified": PAST}, '"a"', "2", False),
    ],
)
def test_validators_that_hide_a_change(
    before: dict[str, Any], etag: str | None, digest: str, lies: bool
) -> None:
    assert updated_state(before, ResponseMetadata(etag=etag, digest=digest), NOW)["lies"] is lies


def test_a_date_that_stays_while_the_page_changes_is_a_lie() -> None:
    state = {"last_modified": PAST, "digest": "1"}
    assert updated_state(state, ResponseMetadata(last_modified=PAST, digest="2"), NOW)["lies"]


def test_a_source_that_is_gone_is_asked_once_a_week() -> None:
    assert is_retired({"gone_at": NOW}, NOW)
    assert not is_retired({"gone_at": NOW - RETIRED_FOR}, NOW)
    assert updated_state({"gone_at": NOW}, ResponseMetadata(), NOW)["gone_at"] is None

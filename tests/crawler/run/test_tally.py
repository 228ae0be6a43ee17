"""The account of a run adds up, whatever happens to its addresses."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.run.tally import PENDING, Tally
from tests.desk import adds_up

FATES = st.sampled_from(
    [
        (PENDING, None),
        ("stored", None),
        ("unchanged", "known"),
        ("unchanged", "same"),
        ("rejected", "no_body"),
        ("rejected", "out_of_range"),
        ("failed", "http_500"),
        ("failed", None),
    ]
)


def test_an_account() -> None:
    account = Tally()
    for address in "abcdef":
        account.settle(address, PENDING)
    assert account.is_pending("a")
    assert not account.is_pending("z")
    account.settle("a", "stored")
    account.settle("a", "unchanged", "same")  # brought again after a failure
    account.settle("b", "rejected", "no_body")
    account.settle("c", "rejected", "no_body")
    account.settle("d", "failed", "http_500")
    account.settle("g", "unchanged", "known")
    assert not account.is_pending("a")
    assert ("a" in account, "z" in account) == (True, False)
    assert account.totals() == {
        "sighted": 7,
        "stored": 1,
        "unchanged": {"known": 1},
        "rejected": {"no_body": 2},
        "failed": {"http_500": 1},
        "pending": 2,
    }


def test_an_empty_account() -> None:
    totals = Tally().totals()
    assert totals == {
        "sighted": 0, "stored": 0, "unchanged": {}, "rejected": {}, "failed": {}, "pending": 0
    }  # fmt: skip
    assert adds_up(totals)


def test_an_account_that_does_not_add_up_is_told() -> None:
    account = Tally()
    account.settle("a", "stored")
    account.settle("b", "failed", "dns")
    whole = account.totals()
    assert adds_up(whole)
    wrong: list[dict[str, Any]] = [{"sighted": 3}, {"stored": 0}, {"pending": 1}]
    wrong += [{"failed": {}}, {"rejected": {"no_body": 1}}]
    for changed in wrong:
        assert not adds_up(whole | changed)


@given(st.lists(st.tuples(st.sampled_from("abcd"), FATES)))
def test_it_always_adds_up(history: list[tuple[str, tuple[str, str | None]]]) -> None:
    account = Tally()
    for address, fate in history:
        account.settle(address, *fate)
    totals = account.totals()
    assert adds_up(totals)
    stored = {address: fate for address, fate in history if fate == ("stored", None)}
    last = dict(history) | stored
    assert totals["sighted"] == len(last)
    assert totals["stored"] == sum(fate == ("stored", None) for fate in last.values())
    assert totals["failed"].get("unknown", 0) == sum(f == ("failed", None) for f in last.values())

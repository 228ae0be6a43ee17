"""The comparator tells each way in which a story can be lost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.comparator import Round, address, wrong

AT = datetime(2024, 11, 30, 8, tzinfo=UTC)
HOST = "https://paper-05.example"
TRUTH = {
    url: {"title": f"Title {n}", "body": f"Body {n}", "published": AT.isoformat(), "aliases": []}
    for n, url in enumerate((f"{HOST}/?p=1", f"{HOST}/?p=2"))
}
FIRST, SECOND = TRUTH


def article(story: str, **other: Any) -> dict[str, Any]:
    """What is stored of a story, or something else."""
    row = TRUTH[story]
    told = {"url": story, "title": row["title"], "body": row["body"], "aliases": []}
    return {**told, "published": {"at": AT}, **other}


@pytest.mark.parametrize(
    ("articles", "lost"),
    [
        ([article(FIRST), article(SECOND)], {}),
        ([article(FIRST, url="https://www.paper-05.example/?p=1&sid=7")], {}),
        ([article(FIRST, title="Title 1")], {FIRST: "title"}),
        ([article(FIRST, published=None)], {FIRST: "date"}),
        ([article(FIRST, published={"at": AT.replace(year=2020)})], {FIRST: "date"}),
        ([article(FIRST, body="We will be back soon")], {FIRST: "text"}),
        ([article(FIRST, body="Log in", url=f"{HOST}/login")], {f"{HOST}/login": "text"}),
        ([article(FIRST, url=f"{HOST}/404")], {FIRST: f"address {HOST}/404"}),
        ([article(FIRST, url=SECOND)], {SECOND: "text of another"}),
        (
            [article(FIRST), article(SECOND), article(FIRST, url=f"{SECOND}&sid=7")],
            {SECOND: "text of another"},
        ),
        ([article(FIRST, aliases=[SECOND])], {FIRST: "address of another"}),
        ([article(FIRST), article(FIRST, url=f"{FIRST}&sid=7")], {FIRST: "twice"}),
    ],
)
def test_what_is_wrong_with_articles(articles: list[dict[str, Any]], lost: dict[str, str]) -> None:
    assert wrong(articles, TRUTH) == lost


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("/2024/12/01/a", "/2024/12/01/a/?utm_source=feed", True),
        ("/2024/12/01/a", "/2024/12/01/a/amp", True),
        ("/2024/12/01/a", "/2024/12/01/b", False),
        ("/?p=1", "/?p=1&ref=x", True),
        ("/?p=1", "/?p=11", False),
        ("/?p=1", "/", False),
    ],
)
def test_addresses_of_one_story(one: str, other: str, are_same: bool) -> None:
    assert (address(HOST + one) == address("http://m.paper-05.example" + other)) == are_same
    assert address(HOST + one) == address("https://paper-05-now.example" + one)


def test_a_loss_is_silent_unless_it_is_told() -> None:
    lost = {FIRST: "missing"}
    assert Round("healthy", 0, "All sources were read.", lost).is_silent
    assert Round("degraded", 6, "", lost).is_silent
    assert not Round("degraded", 6, "A source was cut.", lost).is_silent
    assert not Round("healthy", 0, "All sources were read.").is_silent

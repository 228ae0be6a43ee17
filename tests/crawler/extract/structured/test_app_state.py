"""Dates and authors in the state that a page embeds for its scripts."""

import json
from typing import Any

import pytest
from parsel import Selector

from crawler.extract.structured.app_state import read_app_state

HEADLINE = "The ferry sails again"
STORY: dict[str, Any] = {
    "headline": "The ferry sails again",
    "publishedAt": "2024-11-30T08:15:00Z",
    "updatedAt": 1732961700,
    "authors": [{"name": "Ana Poe"}, {"name": "Bo Lind"}],
}
OTHER = {"headline": "Another story", "publishedAt": "2024-01-01", "author": "Nobody"}


def read(*scripts: str, headline: str = HEADLINE) -> tuple[list[str], list[str], list[str]]:
    markup = "".join(f"<script>{script}</script>" for script in scripts)
    candidates = read_app_state(Selector(f"<html><body>{markup}</body></html>"), [headline])
    return candidates.published, candidates.modified, candidates.authors


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "window.__STATE__ = {};",
        "window['state'] = {};\nrun();",
        "self.push({})",
        ' {"props": {"related": [' + json.dumps(OTHER) + '], "article": {}}}',
        "[1, [{}]]",
    ],
)
def test_the_story_with_the_pages_headline_is_read(form: str) -> None:
    script = form.replace("{}", json.dumps(STORY), 1)
    expected = (["2024-11-30T08:15:00Z"], ["1732961700"], ["Ana Poe", "Bo Lind"])
    assert read(json.dumps(OTHER), script) == expected


@pytest.mark.parametrize(
    "author",
    [
        {"author": "Ana Poe"},
        {"byline": {"text": "Ana Poe"}},
        {"author": {"fullName": "Ana Poe"}},
        {"credits": {"by": [{"name": "Ana Poe"}]}},
    ],
)
def test_authors_in_all_shapes(author: dict[str, Any]) -> None:
    assert read(json.dumps({"title": "The ferry sails, again", **author}))[2] == ["Ana Poe"]


@pytest.mark.parametrize(
    "script",
    [
        "",
        "run()",
        json.dumps(OTHER),
        json.dumps(STORY)[:-5],
        json.dumps({**STORY, "headline": 3}),
        json.dumps({"headline": HEADLINE, "authors": [[[[["deep"]]]]], "publishedAt": None}),
        '{"authors":' + "[" * 100_000,
        "var a = [" + '{"author":1},' * 200_000 + "1]",
    ],
)
def test_nothing_is_read_of_another_story_or_of_none(script: str) -> None:
    assert read(script) == ([], [], [])


def test_a_short_headline_tells_no_story() -> None:
    assert read(json.dumps({**STORY, "headline": "News"}), headline="News") == ([], [], [])

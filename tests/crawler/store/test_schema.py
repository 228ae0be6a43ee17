"""`Article`, its documentation, its stored form and the validator say the same."""

import ast
import inspect
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from crawler import article as module
from crawler.article import NOT_STORED, Article, Image, stored_fields, with_iso_dates
from crawler.store.schema import LINKS, VALIDATORS, SeenFields, document
from crawler.text.dates.timestamp import Timestamp
from tests.crawler.store_fixture import AT, article, stamp

SELF_EVIDENT = {
    "title", "authors", "section", "tags", "published", "modified", "images", "word_count",
    "caption",
}  # fmt: skip
"""Fields whose name says all; `Image.url` is that of the picture."""


def documented(cls: type) -> dict[str, bool]:
    """Whether each field has a docstring below it."""
    (node,) = ast.parse(inspect.getsource(cls)).body
    assert isinstance(node, ast.ClassDef)
    found: dict[str, bool] = {}
    for line, following in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            found[line.target.id] = (
                isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
                and isinstance(following.value.value, str)
            )
    return found


@pytest.mark.parametrize("cls", [Article, Timestamp])
def test_every_field_is_documented(cls: type) -> None:
    found = documented(cls)
    assert is_dataclass(cls)
    assert found.keys() == {field.name for field in fields(cls)}
    assert {name for name, is_documented in found.items() if not is_documented} <= SELF_EVIDENT


def test_the_list_of_the_self_evident_is_not_stale() -> None:
    undocumented = {
        name for cls in (Article, Image) for name, known in documented(cls).items() if not known
    }
    assert undocumented >= SELF_EVIDENT


def properties(schema: dict[str, Any]) -> set[str]:
    return set(schema["properties"])


def test_the_validator_knows_exactly_what_is_stored() -> None:
    schema = VALIDATORS["articles"]["$jsonSchema"]
    declared = {field.name for field in fields(Article)} - NOT_STORED
    assert declared == set(stored_fields(article()))
    assert set(schema["required"]) == declared | SeenFields.__required_keys__
    assert properties(schema) == declared | LINKS.keys() | SeenFields.__annotations__.keys()
    assert set(document(article())) == declared | {"_id"}
    image = schema["properties"]["images"]["items"]
    assert properties(image) == set(image["required"]) == {field.name for field in fields(Image)}
    published, null = schema["properties"]["published"]["anyOf"]
    assert null == {"bsonType": "null"}
    assert properties(published) == {field.name for field in fields(Timestamp)}
    assert published["properties"]["at"] == {"bsonType": "date"}
    assert published["properties"]["precision"] == {"enum": ["day", "minute", "second"]}


def test_the_address_is_the_key() -> None:
    stored = document(article())
    assert stored["_id"] == stored["url"] == "https://news.example/1"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"fetched": datetime(2024, 11, 30)}, "article.fetched"),
        ({"first_seen": datetime(2024, 11, 30)}, "article.first_seen"),
        ({"published": stamp(datetime(2024, 11, 30))}, "article.published.at"),
        ({"modified": stamp(datetime(2024, 11, 30))}, "article.modified.at"),
        ({"tags": [datetime(2024, 11, 30)]}, "article.tags"),
    ],
)
def test_a_naive_date_is_refused_by_name(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(ValueError, match=f"{path} is a date without a time zone"):
        document(article(**changes))


def test_exported_dates_are_iso_8601_with_their_offset() -> None:
    east = AT.astimezone(timezone(timedelta(hours=5)))
    exported = with_iso_dates(stored_fields(article(published=stamp(east))))
    assert exported["published"]["at"] == "2024-11-30T13:15:00.123456+05:00"
    assert exported["fetched"] == "2024-11-30T08:15:00.123456+00:00"
    assert exported["images"][0] == {"url": "https://news.example/a.png", "caption": "A port"}
    assert module.__doc__

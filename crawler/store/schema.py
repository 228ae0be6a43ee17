"""The validator of the ``articles`` collection, derived from `Article` itself.

A naive date cannot get past it: what Python holds as a naive ``datetime`` is refused before that
(`document`), and a date in any other form is no BSON date.
"""

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from crawler.article import NOT_STORED, Article, fields_of

_BSON = {str: "string", int: "int", float: "double", datetime: "date", bool: "bool"}


def _schema(hint: Any) -> dict[str, Any]:
    """The ``$jsonSchema`` of one type (MongoDB manual, "Specify JSON Schema Validation")."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _BSON:
        return {"bsonType": _BSON[hint]}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in (list, tuple):
        return {"bsonType": "array", "items": _schema(arguments[0])}
    if origin is dict:
        return {"bsonType": "object", "additionalProperties": _schema(arguments[1])}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_schema(argument) for argument in arguments]}
    if hint is type(None):
        return {"bsonType": "null"}
    assert is_dataclass(hint), hint
    hints = typing.get_type_hints(hint)
    names = [field.name for field in fields(hint) if field.name not in NOT_STORED]
    return {
        "bsonType": "object",
        "required": names,
        "properties": {name: _schema(hints[name]) for name in names},
    }


_ADDRESS = {"bsonType": ["string", "null"]}
LINKS: dict[str, Any] = {
    "same_as": _ADDRESS,
    "wire": {
        "bsonType": ["object", "null"],
        "required": ["cluster", "origin", "agency"],
        "properties": {
            "cluster": {"bsonType": "string"},
            "origin": {"bsonType": "string"},
            "agency": _ADDRESS,
        },
    },
    "story": {"bsonType": "string"},
}
"""Fields that no page states: which other articles are the same again (`crawler.store.similar`)."""


KEPT: dict[str, Any] = {"stored": {"bsonType": "date"}, "delay": {"bsonType": ["double", "null"]}}
"""Fields that the store adds when it first has an article (`crawler.store.freshness`)."""


def _with_links(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"properties": schema["properties"] | LINKS | KEPT}


ARTICLE_SCHEMA: dict[str, Any] = {"$jsonSchema": _with_links(_schema(Article))}


def document(article: Article) -> dict[str, Any]:
    """The article as it is stored: its fields, and its address as ``_id``.

    Raises:
        ValueError: a date in it is naive.
    """
    stored = fields_of(article)
    _refuse_naive(stored)
    return {"_id": article.url, **stored}


def article_of(stored: dict[str, Any], markup: bytes) -> Article:
    """The article that `document` made this of, and its page."""
    article: Article = _restored(Article, {**stored, "markup": markup})
    return article


def _restored(hint: Any, value: Any) -> Any:
    """A value of the type `hint` from its plain form."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if value is None or hint in _BSON or origin in (typing.Literal, dict):
        return value
    if origin in (list, tuple):
        return origin(_restored(arguments[0], item) for item in value)
    if origin in (types.UnionType, typing.Union):
        return _restored(arguments[0], value)
    if isinstance(hint, type) and is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        known = {name: _restored(hints[name], value[name]) for name in hints if name in value}
        return hint(**known)
    return value


def _refuse_naive(value: Any, path: str = "article") -> None:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{path} is a date without a time zone: {value}")
    if isinstance(value, dict):
        for name, item in value.items():
            _refuse_naive(item, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_naive(item, path)

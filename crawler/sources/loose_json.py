"""JSON from other servers, read tolerantly: a value of another type than expected is ignored."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from crawler.errors import UnreadableSource
from crawler.sources.base import SourceResponse

CODE = re.compile(r"[a-z0-9_]{1,64}")
"""What an error code of the WordPress REST API looks like."""
START = re.compile(r"^[\[{]", re.MULTILINE)
"""A line that may be the first of a JSON text."""
MOST_STARTS = 5
MOST_ENDS = 50
"""Closing brackets after which the last whole one of a list of objects is looked for."""


def parse_json(response: SourceResponse, kind: type) -> Any:
    """Return the JSON of a response, an object or a list as `kind` says.

    Lines before it are passed over: PHP prints its warnings there. A byte that is damaged costs one
    character.

    Raises:
        UnreadableSource: ``not_json``, an error's own code, or ``unexpected_json``.
    """
    from crawler.extract.encoding import decode  # noqa: PLC0415 - only workers read

    text = decode(response.body, response.encoding)
    starts = islice(START.finditer(text), MOST_STARTS)
    for start in (0, *(match.start() for match in starts)):
        try:
            value = json.loads(text[start:], strict=False)
            break
        except (ValueError, RecursionError):
            continue
    else:
        raise UnreadableSource("not_json", f"{response.url} is not JSON.")
    if not isinstance(value, kind):
        code = value.get("code") if isinstance(value, dict) else None
        named = code if isinstance(code, str) and CODE.fullmatch(code) else "unexpected_json"
        raise UnreadableSource(named, f"{response.url} holds {str(value)[:200]!r}.")
    return value


def parse_json_as_far(response: SourceResponse) -> tuple[dict[str, Any], bool]:
    """Return an object that has a list of others; and whether it ends in the middle of that.

    Raises:
        UnreadableSource: as `parse_json`.
    """
    try:
        return parse_json(response, dict), False
    except UnreadableSource as error:
        at = len(response.body)
        for _ in range(MOST_ENDS):
            at = response.body.rfind(b"}", 0, max(at, 0))
            if at < 0 or error.reason != "not_json":
                break
            whole = replace(response, body=response.body[: at + 1] + b"]}")
            with suppress(UnreadableSource):
                return parse_json(whole, dict), True
        raise


def items_of(value: object) -> list[Any]:
    """Return the items of a list; none of anything else."""
    return value if isinstance(value, list) else []


def objects_in(value: object) -> list[dict[str, Any]]:
    """Return the objects among the items of a list; none of anything else."""
    return [item for item in items_of(value) if isinstance(item, dict)]


def text_or_none(value: object) -> str | None:
    """Return a text that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None

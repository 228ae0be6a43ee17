"""Application state in a page's scripts (Next.js, Nuxt, Fusion, Apollo ...)."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from parsel import Selector

from crawler.extract.candidates import Candidates
from crawler.extract.structured.linked_data import JsonObject
from crawler.text.fingerprint import fold

_MAX_SCRIPT = 2_000_000  # characters of a script that is looked at
_MAX_VALUES = 50_000  # objects and lists looked at in a page
_MIN_HEADLINE = 10  # letters of a headline by which a story is recognised
_MAX_NAMES = 20
_MAX_BEFORE = 200  # characters before the state
# It is all of the script, or assigned to a variable, or given to a function.
_BEFORE_STATE = re.compile(r"(?:^|[=(])\s{0,20}(?=[{\[])")
_TITLES = "headline title mainTitle heading headlineText".split()
_PUBLISHED = (
    "datePublished publishedAt published_at publishDate publish_date publicationDate"
    " publication_date publishedDate published_date pubDate firstPublishedAt firstPublished"
    " first_publish_date first_published_at displayDate display_date publishTime publish_time"
    " publishedTime"
).split()
_MODIFIED = (
    "dateModified modifiedAt modified_at updatedAt updated_at lastUpdated lastModified"
    " lastModifiedDate last_updated_date updateDate modifiedDate"
).split()
_AUTHORS = ("authors", "author", "byline", "bylines", "creators", "creator", "by", "credits")
_NAME_KEYS = ("name", "fullName", "displayName", "full_name", "display_name", "title", "by", "text")


def read_app_state(root: Selector, headlines: Collection[str]) -> Candidates:
    """Read the dates and authors of the page's story in its embedded application state.

    The state holds other stories as well: the page's own is the one with its headline.

    Args:
        headlines: what the page prints as headings.
    """
    candidates = Candidates(origin="state")
    wanted = {text for text in map(fold, headlines) if len(text) >= _MIN_HEADLINE}
    left = _MAX_VALUES
    for script in root.root.iter("script"):
        text = script.text or ""
        if not wanted or "{" not in text or len(text) > _MAX_SCRIPT:
            continue
        if not any(f'"{name}"' in text for name in (*_PUBLISHED, *_AUTHORS)):
            continue
        for node in _objects(_load(text), left):
            left -= 1
            titles = (node.get(name) for name in _TITLES)
            if any(fold(title) in wanted for title in titles if isinstance(title, str)):
                candidates.published += _values(node, _PUBLISHED)
                candidates.modified += _values(node, _MODIFIED)
                if not candidates.authors:
                    candidates.authors = _authors(node)
    return candidates


def _load(text: str) -> Any:
    text = text.lstrip()
    start = _BEFORE_STATE.search(text, 0, _MAX_BEFORE)
    if not start:
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start.end())[0]
    except (ValueError, RecursionError):
        return None


def _objects(value: Any, most: int) -> Iterator[JsonObject]:
    """Yield the objects within a value, without recursion, the outer ones first."""
    queue = [value]
    seen = 0
    while queue and seen < most:
        seen += 1
        value = queue.pop()
        if isinstance(value, dict):
            yield value
            queue += [inner for inner in value.values() if isinstance(inner, dict | list)]
        elif isinstance(value, list):
            queue += [inner for inner in value if isinstance(inner, dict | list)]


def _values(node: JsonObject, names: Collection[str]) -> list[str]:
    values = (node.get(name) for name in names)
    return [
        str(value)[:100]
        for value in values
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value
    ]


def _authors(node: JsonObject) -> list[str]:
    for name in _AUTHORS:
        if names := _names_of(node.get(name)):
            return names
    return []


def _names_of(value: Any, depth: int = 0) -> list[str]:
    """Return the names in a string, an object, or a list of such."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, dict) and depth < 3:
        inner = (_names_of(value.get(name), depth + 1) for name in _NAME_KEYS)
        return next(filter(None, inner), [])
    if isinstance(value, list) and depth < 3:
        return [name for item in value[:_MAX_NAMES] for name in _names_of(item, depth + 1)]
    return []

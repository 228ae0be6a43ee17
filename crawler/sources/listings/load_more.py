"""The JSON that a "load more" button fetches: it holds entries, or pieces of the page."""

import json
from collections.abc import Iterator
from typing import Any

_ADDRESSES = ("url", "link", "href", "permalink", "canonicalUrl", "canonical_url", "webUrl", "path")
_TITLES = ("title", "headline", "name", "heading")


def json_or_none(body: bytes) -> Any:
    """Return the JSON of a response; None where it is something else, such as a page."""
    if body.lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def entries(value: Any) -> Iterator[tuple[str, str]]:
    """Yield address and title of every object that has both, in the order of the document."""
    for item in _walk(value):
        if isinstance(item, dict):
            address = next((item[key] for key in _ADDRESSES if _is_text(item.get(key))), None)
            title = next((item[key] for key in _TITLES if _is_text(item.get(key))), None)
            if address and title:
                yield address, title


def markup(value: Any) -> str:
    """Return all texts that are markup with links in them, joined."""
    return "\n".join(text for text in _walk(value) if isinstance(text, str) and "<a " in text)


def _walk(value: Any) -> Iterator[Any]:
    """Yield a value and all values in it, each before those it holds."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        yield item
        if isinstance(item, dict | list):
            inner = list(item.values() if isinstance(item, dict) else item)
            waiting.extend(reversed(inner))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())

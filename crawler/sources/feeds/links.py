"""The link of a feed's entry that leads to the story, among those it gives."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urljoin

from crawler.sources.base import SourceResponse
from crawler.sources.loose_json import objects_in, text_or_none
from crawler.text.urls import address

_RELATIONS = frozenset({"alternate", "canonical"})
_BELOW_HOME = r"//[^/]+/[^#]"
_HTML = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml", ""})
# Addresses of AMP and mobile pages.
_DRESSED = re.compile(r"//(?:amp|m|mobile)\.|[/.?&=]amp(?:[/.=&?]|$)")


def story_link(entry: Any, language: str, response: SourceResponse) -> str | None:
    """Return the address of an entry's story, as printed; None if it gives none.

    One that matches the outlet's pattern comes first; then a page before other documents, the
    feed's language before others, and a full page before an AMP or a mobile page.

    Args:
        language: the feed's.
    """
    found = {link["href"]: (kind, link) for kind, link in reversed(list(_candidates(entry)))}
    if len(found) < 2:
        return next(iter(found), None)
    stated = entry.get("language") or entry.get("title_detail", {}).get("language") or language
    language = str(stated).lower().replace("_", "-")
    key = partial(_rank, language=language, response=response)
    href: str = min(reversed(found.values()), key=key)[1]["href"]
    return href


def _candidates(entry: Any) -> Iterator[tuple[int, Any]]:
    """Yield the links that can be a story's, each with its place by its kind."""
    # A proxy that counts clicks says beside its own address which one is the story's.
    for name in ("feedburner_origlink", "pheedo_origlink"):
        if href := text_or_none(entry.get(name)):
            yield 0, {"href": href}
    for link in objects_in(entry.get("links")):
        names = link.get("rel", "").split() or ["alternate"]
        relations = {name.rpartition("/")[2] for name in names}
        if link.get("href") and relations & _RELATIONS and "amphtml" not in relations:
            is_page = link.get("type", "").partition(";")[0].strip() in _HTML
            yield 1 if is_page else 3, link
    guid, base = entry.get("id") or "", entry.get("permalink_base")
    if "://" in guid or (base and guid):
        yield 2, {"href": urljoin(base or "", guid)}


def _rank(candidate: tuple[int, Any], language: str, response: SourceResponse) -> tuple[int, ...]:
    """Return a key by which the best candidate comes first."""
    kind, link = candidate
    url = address(link["href"], response.url)
    is_story = bool(url and re.search(response.stories or _BELOW_HOME, url))
    dressed = bool(_DRESSED.search(url or ""))
    return not is_story, kind, _distance(link.get("hreflang") or "", language), dressed


def _distance(hreflang: str, language: str) -> int:
    """Return how far a link's language is from the wanted one."""
    link = hreflang.lower().replace("_", "-")
    if link == language:
        return 0
    if link in ("", "x-default"):
        return 2
    return 1 if link.partition("-")[0] == language.partition("-")[0] else 3

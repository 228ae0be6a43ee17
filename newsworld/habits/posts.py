"""Bad habits of WordPress behind proxies, which take headers away and give fewer posts a page."""

import re
from dataclasses import replace
from functools import partial

from newsworld.habits.scene import Change, Scene
from newsworld.messages import SiteRequest, SiteResponse
from newsworld.press.papers import REST
from newsworld.wordpress import JSON

CAP = 10
"""Posts a page, however many are asked for."""
TOTAL, PAGES, LINK = "X-WP-Total", "X-WP-TotalPages", "Link"


def _asked(scene: Scene, **changes: int) -> str:
    """Return the address with other parameters."""
    target = scene.ask.target
    for name, value in changes.items():
        target, found = re.subn(rf"(?<=[?&]){name}=[^&]*", f"{name}={value}", target)
        if not found:
            target += f"{'&' if '?' in target else '?'}{name}={value}"
    return target


def _proxied(
    page: SiteResponse, scene: Scene, *kept: str, capped: bool = False, empty: bool = False
) -> SiteResponse:
    """Answer with these of the headers that tell of further pages.

    :param capped: few posts a page.
    :param empty: a page beyond the last is an empty list.
    """
    if scene.ask.path != REST:
        return page
    per_page = int(scene.ask.query.get("per_page", "10"))
    if capped and per_page > CAP:
        page = scene.answer(SiteRequest(scene.ask.base, _asked(scene, per_page=CAP)))
    if empty and page.status == 400 and b"invalid_page_number" in page.body:
        return SiteResponse(b"[]", JSON)
    number = int(scene.ask.query.get("page", "1"))
    stated = {name: page.extra[name] for name in kept if name in page.extra}
    if LINK in kept and number < int(page.extra.get(PAGES, 0)):
        stated[LINK] = f'<{scene.ask.base}{_asked(scene, page=number + 1)}>; rel="next"'
    return replace(page, extra=stated)


def _refusing(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Refuse to give many posts a page."""
    if scene.ask.path != REST or int(scene.ask.query.get("per_page", "10")) <= CAP:
        return page
    return scene.answer(SiteRequest(scene.ask.base, _asked(scene, per_page=1000)))


ANSWERS: dict[str, Change] = {
    "rest_bare": _proxied,
    "rest_bare_empty": partial(_proxied, empty=True),
    "rest_link": lambda page, scene: _proxied(page, scene, LINK),
    "rest_total": lambda page, scene: _proxied(page, scene, TOTAL),
    "rest_capped": lambda page, scene: _proxied(page, scene, TOTAL, PAGES, capped=True),
    "rest_capped_bare": partial(_proxied, capped=True),
    "rest_capped_bare_empty": partial(_proxied, capped=True, empty=True),
    "rest_capped_link": lambda page, scene: _proxied(page, scene, LINK, capped=True),
    "rest_small_only": _refusing,
}

"""Bad habits of stories' pages: what they say they are, what stands in their place, and when."""

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from html import escape

from newsworld.habits.feeds import session, with_query
from newsworld.habits.scene import Change, Scene, TextChange
from newsworld.messages import SiteRequest, SiteResponse, redirect
from newsworld.press.edition import PaperStory
from newsworld.walls import wall
from newsworld.wordpress import JSON

_CANONICAL = re.compile(r'<link rel="canonical" href="[^"]*">')
_COPY = re.compile(r'(<div class="copy">\n)(.*?)(</div>\n)', re.DOTALL)
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_LONG_DATE = re.compile(r"[A-Z][a-z]{2,8} \d{1,2}, \d{4}, \d\d:\d\d")
LATE = 2
"""Readings of a page, at the most, before it is what it is to be."""


def affects(scene: Scene, share: float) -> bool:
    """Tell whether the story is one of this share of its paper's."""
    assert scene.story
    return scene.rng(f"affects {scene.story.number}").random() < share


def _canonical(address: Callable[[Scene], str]) -> TextChange:
    """State another canonical address, and as the page's own for those who share it."""

    def changed(text: str, scene: Scene) -> str:
        url = escape(address(scene))
        lie = f'<link rel="canonical" href="{url}">'
        if scene.seed % 2:
            lie += f'\n<meta property="og:url" content="{url}">'
        return _CANONICAL.sub(lambda _: lie, text)

    return changed


def _neighbour(scene: Scene) -> PaperStory:
    """Return the story before this one; of the first, the second."""
    stories = scene.edition.stories(scene.world.clock)
    assert scene.story
    return stories[abs(scene.story.number - 1)]


def _other(scene: Scene) -> str:
    assert scene.story
    return (_neighbour(scene) if affects(scene, 0.3) else scene.story).url


def _without_query(scene: Scene) -> str:
    assert scene.story
    return scene.story.url.partition("?")[0]


def _first(scene: Scene) -> str:
    return scene.edition.stories(scene.world.clock)[0].url


def _teaser(text: str, scene: Scene) -> str:
    """Leave two sentences, and an invitation to read on."""

    def cut(match: re.Match[str]) -> str:
        words = re.sub(r"<[^>]+>", " ", match[2]).split(" ")[:35]
        more = '<p><a href="/subscribe">Subscribe to read on</a></p>'
        return f"{match[1]}<p>{' '.join(words)} &hellip;</p>\n{more}\n{match[3]}"

    return _COPY.sub(cut, text)


def _removed(text: str, scene: Scene) -> str:
    words = ("Removed.", "This article has been removed.", "This story is no longer available.")
    return _COPY.sub(lambda m: f"{m[1]}<p>{words[scene.seed % 3]}</p>\n{m[3]}", text)


def _aged(text: str, scene: Scene) -> str:
    """Date the story years before it was out."""
    text = _DATE.sub(lambda m: f"2019{m[0][4:].replace('-02-29', '-02-28', 1)}", text)
    return _LONG_DATE.sub(lambda m: re.sub(r", \d{4},", ", 2019,", m[0]), text)


CANONICALS: dict[str, TextChange] = {
    "canonical_section": _canonical(lambda scene: f"{scene.base}/news/"),
    "canonical_home": _canonical(lambda scene: f"{scene.base}/"),
    "canonical_404": _canonical(lambda scene: f"{scene.base}/404"),
    "canonical_undefined": _canonical(
        lambda scene: scene.base + ("/undefined", "/null", "/news/undefined")[scene.seed % 3]
    ),
    "canonical_template": _canonical(
        lambda scene: scene.base + ("/[slug]", "/{{ post.url }}", "/news/:slug")[scene.seed % 3]
    ),
    "canonical_without_query": _canonical(_without_query),
    "canonical_other": _canonical(_other),
    "canonical_shared": _canonical(_first),
}
"""The page is whole: its story is its own, under whatever name."""
LESS: dict[str, TextChange] = {
    "story_teaser": _teaser,
    "story_removed": _removed,
    "story_older_date": _aged,
}
"""A third of the pages is less than it was."""


def _swapped(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Serve another story at the address."""
    return replace(scene.answer(_asked_for(scene, _neighbour(scene))))


def _asked_for(scene: Scene, story: PaperStory) -> SiteRequest:
    return SiteRequest(scene.ask.base, story.path)


def _waiting(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Answer 404 at first: feeds are quicker than pages."""
    html = wall("soft_404", scene.edition.paper.host, scene.rng())
    return SiteResponse(html.encode(), status=404)


def _json(page: SiteResponse, scene: Scene) -> SiteResponse:
    return SiteResponse(b'{"status": "ok", "data": null}', JSON)


def _half_sent(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Drop the connection before the length that was stated is reached."""
    return replace(page, sent=_within_copy(page.body))


def _half_packed(page: SiteResponse, scene: Scene) -> SiteResponse:
    """End a compressed body early, and state the length of what there is."""
    packed = gzip.compress(page.body, mtime=0)
    extra = {**page.extra, "Content-Encoding": "gzip"}
    return replace(page, body=packed[: len(packed) * 3 // 5], extra=extra)


def _part(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Answer with a part that nobody has asked for."""
    end = _within_copy(page.body)
    extra = {**page.extra, "Content-Range": f"bytes 0-{end - 1}/{len(page.body)}"}
    return replace(page, body=page.body[:end], status=206, extra=extra)


def _within_copy(body: bytes) -> int:
    """Return the middle of the story's text."""
    begin, end = body.index(b'<div class="copy">'), body.rindex(b"</article>")
    return (begin + end) // 2


def _renamed(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Send everybody on to the page with a parameter that is another each time."""
    if re.search(r"(sid|PHPSESSID|jsessionid)=", scene.ask.target):
        return page
    return redirect(scene.ask.base + with_query(scene.ask.target, session(scene), "&"), 302)


EARLY: dict[str, Change] = {
    "late_404": _waiting,
    "late_json": _json,
    "cut_length": _half_sent,
    "cut_gzip": _half_packed,
    "cut_206": _part,
}
"""At the first readings of half of the pages; afterwards they are what they are to be."""
ANSWERS: dict[str, Change] = {"story_session": _renamed}
SOME: dict[str, Change] = {"story_other": _swapped}
"""Of a third of the pages."""

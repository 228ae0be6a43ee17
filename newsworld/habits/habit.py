"""`Habit`: a bad habit of an outlet of the press, by name; and what answers it makes."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime

from newsworld.habits import feeds, outlets, pages, posts, sitemaps
from newsworld.habits.outlets import forbidden, former_host
from newsworld.habits.scene import Change, Scene, TextChange
from newsworld.messages import SiteRequest, SiteResponse, entity_tag
from newsworld.press.edition import Edition
from newsworld.press.papers import ROBOTS
from newsworld.press.site import story_at
from newsworld.world import World

_GZIP = b"\x1f\x8b"


def _texts(changes: dict[str, TextChange]) -> dict[str, Change]:
    """Make changes of answers from those of their text."""

    def on_answers(change: TextChange) -> Change:
        def changed(page: SiteResponse, scene: Scene) -> SiteResponse:
            return replace(page, body=change(page.body.decode("latin-1"), scene).encode("latin-1"))

        return changed

    return {kind: on_answers(change) for kind, change in changes.items()}


def _whenever(changes: dict[str, Change], applies: Callable[[Scene], bool]) -> dict[str, Change]:
    """Make changes that some answers alone undergo, and that leave no story."""

    def at_times(change: Change) -> Change:
        def changed(page: SiteResponse, scene: Scene) -> SiteResponse:
            if not applies(scene):
                return page
            return replace(change(page, scene), story="", modified=None, etag="")

        return changed

    return {kind: at_times(change) for kind, change in changes.items()}


def _is_early(scene: Scene) -> bool:
    """Tell whether it is one of the first readings of a page that is not ready at once."""
    assert scene.story
    late = scene.rng(f"late {scene.story.number}").randint(1, pages.LATE)
    return pages.affects(scene, 0.5) and scene.reading <= late


def _is_affected(scene: Scene) -> bool:
    return pages.affects(scene, 0.3)


KINDS: dict[str, dict[str, Change]] = {
    "sitemap": {**_texts(sitemaps.TEXTS), **sitemaps.ANSWERS},
    "feed": {**_texts(feeds.TEXTS), **feeds.ANSWERS},
    "listing": _texts(feeds.LISTINGS),
    "rest": posts.ANSWERS,
    "story": {
        **_texts(pages.CANONICALS),
        **pages.ANSWERS,
        **_whenever(_texts(pages.LESS), _is_affected),
        **_whenever(pages.SOME, _is_affected),
        **_whenever(pages.EARLY, _is_early),
    },
    "robots": outlets.ROBOTS,
    "any": outlets.ANSWERS,
}
"""Bad habits by what they show in: a kind of channel, stories' pages, robots.txt or anything."""
CHANGES = {name: (kind, change) for kind, all_ in KINDS.items() for name, change in all_.items()}


@dataclass(frozen=True)
class Habit:
    """A bad habit of one outlet, for a time by the world's clock."""

    host: str
    kind: str
    """One of `CHANGES`."""
    seed: int = 0
    since: str = ""
    """ISO 8601, aware; empty: always."""
    until: str = ""

    def __post_init__(self) -> None:
        if self.kind not in CHANGES:
            raise ValueError(f"no such habit: {self.kind}")
        for at in filter(None, (self.since, self.until)):
            if datetime.fromisoformat(at).tzinfo is None:
                raise ValueError(f"since and until must have an offset: {at}")

    def is_on(self, now: datetime) -> bool:
        """Tell whether it shows at an instant."""
        begun = not self.since or datetime.fromisoformat(self.since) <= now
        return begun and not (self.until and datetime.fromisoformat(self.until) <= now)


def habits_from(rules: object) -> list[Habit]:
    """Habits from decoded JSON; ValueError, with the reason, if they are not such."""
    known = {field.name for field in fields(Habit)}
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ValueError("habits must be a list of objects")
    for rule in rules:
        if unknown := rule.keys() - known:
            raise ValueError(f"unknown in a habit: {', '.join(sorted(unknown))}")
    try:
        return [Habit(**rule) for rule in rules]
    except TypeError as error:
        raise ValueError(f"bad habit: {error}") from error


class Behaviour:
    """The habits of all outlets, and how often each of their addresses was asked for."""

    def __init__(self) -> None:
        self.now_on: list[Habit] = []
        self._readings: dict[str, int] = {}

    def answer(
        self, world: World, ask: SiteRequest, plain: Callable[[SiteRequest], SiteResponse]
    ) -> SiteResponse:
        """Return what an address answers; `plain` makes it without any habit."""
        host = former_host(ask.host).removeprefix("www.").removeprefix("m.")
        habits = [h for h in self.now_on if h.host == host and h.is_on(world.clock)]
        habits.sort(key=lambda h: CHANGES[h.kind][0] == "any")  # last, for they concern the whole
        edition = world.press.get(host)
        if not habits or not edition:
            return plain(ask)
        inside = SiteRequest(ask.base.replace(ask.host, former_host(ask.host)), ask.target)
        story = story_at(edition, world, inside)
        kind = "story" if story else _channel(edition, ask.path)
        key = story.url if story else host + ask.path
        self._readings[key] = reading = self._readings.get(key, 0) + 1
        answer = plain(inside)
        for habit in habits:
            shown_in, change = CHANGES[habit.kind]
            if shown_in in (kind, "any") and _is_answer(answer, shown_in):
                scene = Scene(world, edition, ask, kind, story, reading, habit.seed, plain)
                answer = _changed(answer, change, scene)
        return answer

    def forbidden(self, world: World) -> set[str]:
        """Return the addresses of stories that a robots.txt with a habit forbids."""
        hosts = {habit.host for habit in self.now_on if habit.kind in KINDS["robots"]}
        return {forbidden(world.press[host]).url for host in hosts if host in world.press}


def _channel(edition: Edition, path: str) -> str:
    """Return the kind of a channel that a path, or a part of one, belongs to."""
    if path == ROBOTS:
        return "robots"
    channels = {found: kind for kind, found in edition.paper.channels.items()}
    if path.startswith(("/sitemap", "/maps/")) or channels.get(path) == "news":
        return "sitemap"
    if path.startswith("/api/latest"):
        return "listing"
    return next((kind for found, kind in channels.items() if path.startswith(found)), "other")


def _is_answer(answer: SiteResponse, shown_in: str) -> bool:
    """Tell whether there is something to change: errors and redirects stay, but of whole sites."""
    return answer.status == 200 or shown_in in ("any", "robots", "rest")


def _changed(answer: SiteResponse, change: Change, scene: Scene) -> SiteResponse:
    """Return the changed answer; tags that follow from the bytes follow from the new ones."""
    packed = answer.body.startswith(_GZIP) and "Content-Encoding" not in answer.extra
    before = replace(answer, body=gzip.decompress(answer.body)) if packed else answer
    after = change(before, scene)
    if after.body is before.body and packed:
        return replace(after, body=answer.body)
    if packed and after.status == 200:
        after = replace(after, body=gzip.compress(after.body, mtime=0))
    if after.etag == answer.etag and answer.etag:
        after = replace(after, etag=entity_tag(after.body))
    return after

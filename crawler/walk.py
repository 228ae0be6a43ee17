"""`Walk`: how far a run reads a source, and what it remembers of it for the next."""

from collections.abc import Sequence
from datetime import UTC, datetime

from crawler.run import Run
from crawler.sources import Sheet, Source
from crawler.store.ledger import Entry

MAX_PAGES = 50
"""The most pages of one source a run walks, whatever it meets there."""
MAX_CHILDREN = 200
"""The most sitemaps of one index a run reads."""
MAX_DEPTH = 2
"""How many indexes may lie above a sitemap that is read."""


class Walk:
    """One run's way through one source, from its newest page to older ones.

    An outlet's first walk reads `Source.pages` pages; later ones go on until a page ends on known
    ground: on what was sighted, by whichever source, before this source's last complete walk ended.
    A walk that was cut short thus leaves no gap. One with `since` goes on until it gets there.

    Args:
        since: the lower bound of the run, aware.
        stories: the outlet's pattern of stories.
        bounded: whether the run has bounds at all. Such a walk answers another question than the
            plain ones do: it asks unconditionally and is not remembered.
    """

    def __init__(
        self, source: Source, run: Run, since: datetime | None, stories: str, *, bounded: bool
    ) -> None:
        self.source = source
        self.told = run.source(source.key)
        """The source's part of the run document."""
        self._run = run
        self._since = since
        self._bounded = bounded
        self._stories = stories
        state = run.source_state(source.key)
        # Another pattern makes stories of what was none before: then no ground is known.
        self._state = state if state.get("stories") == stories else {}
        self._asked: set[str] = set()
        self._open = 0
        self._validators: dict[str, str | None] = {}

    def ask(self, url: str) -> bool:
        """Whether to ask for a page; it counts as open until `page_done`."""
        if url in self._asked:
            return False
        self._asked.add(url)
        self._open += 1
        return True

    def condition(self) -> dict[str, str]:
        """Request headers that spare us an unchanged first page (RFC 9110, 13.1)."""
        if self._bounded:
            return {}
        validators = {
            "If-None-Match": self._state.get("etag"),
            "If-Modified-Since": self._state.get("last_modified"),
        }
        return {name: value for name, value in validators.items() if value}

    def unchanged(self) -> None:
        """The first page is as it was."""
        self.told["outcome"] = "unchanged"

    def next_pages(self, sheet: Sheet, entries: Sequence[Entry], number: int) -> list[str]:
        """Addresses to read after page `number`, which showed `entries`."""
        if sheet.children:
            return (
                self._children(sheet) if number <= MAX_DEPTH else self._at_most(0, sheet.children)
            )
        if not sheet.older:
            return []
        known = self._state.get("walked_at")
        dates = [lead.at for lead in sheet.leads if lead.at]
        if self._since and dates:
            go_on = min(dates) >= self._since
        elif known and not self._since:
            # Whatever is pinned to a page's top: at its end known ground is known ground.
            go_on = bool(entries) and entries[-1].first_seen >= known
        else:
            # Nothing tells how far: the first run, or bounds on a listing without dates.
            return self._at_most(int(number < self.source.pages), [sheet.older])
        return self._at_most(int(number < MAX_PAGES), [sheet.older]) if go_on else []

    def _children(self, sheet: Sheet) -> list[str]:
        """Which sitemaps of an index to read: in a first run `pages`, later what has changed."""
        if self._since:
            return self._at_most(MAX_CHILDREN, sheet.children)
        dated = len(sheet.children) - sheet.undated
        changed = sheet.children[: dated if self.floor else self.source.pages]
        left = max(0, self.source.pages - (0 if self.floor else len(changed)))
        return self._at_most(MAX_CHILDREN, [*changed, *sheet.children[dated : dated + left]])

    @property
    def floor(self) -> datetime | None:
        """What changed before is of no interest: it is out of the run's bounds, or was read."""
        if self._since or not self.source.deep or self._bounded:
            return self._since
        return self._state.get("walked_at")

    def _at_most(self, count: int, urls: Sequence[str]) -> list[str]:
        """The first `count` addresses; that there were more is told in a run with bounds."""
        if self._bounded and len(urls) > count:
            self.told["cut_short"] = True
        return list(urls[:count])

    def _look_for_known_ground(self, entries: Sequence[Entry]) -> None:
        """Tell whether a page shows anything that was known when this source was last read.

        Where none of its pages does, stories may have come and gone in between: a gap.
        """
        known = self._state.get("walked_at")
        if self._bounded or not known or not entries:
            return
        if self.source.deep:  # it reaches back as far as there is anything
            self.told["gap_since"] = None
            return
        met = self.told.get("gap_since", known) is None or any(
            entry.first_seen < known for entry in entries
        )
        self.told["gap_since"] = None if met else known

    async def page_done(
        self, entries: Sequence[Entry], etag: str | None, last_modified: str | None, number: int
    ) -> None:
        """Count what a page showed; after the last one, remember that the walk is complete."""
        self._look_for_known_ground(entries)
        self.told["leads"] += len(entries)
        self.told["new"] += sum(entry.first_seen >= self._run.started for entry in entries)
        if self.told["outcome"] == "unread":
            self.told["outcome"] = "read"
        if number == 1:
            self._validators = {"etag": etag, "last_modified": last_modified}
        self._open -= 1
        if self._open or self.told["outcome"] != "read":
            return
        if self._bounded:
            # A feed shows the newest whatever the bounds; the others were read down to them.
            deep = self.source.origin != "feed"
            self.told["reached"] = deep and not self.told.get("cut_short", False)
        elif not self.told["leads"]:
            # Without bounds it shows something, or it is not what it was.
            self.told["outcome"] = "empty"
        else:
            now = datetime.now(UTC)
            await self._run.remember(
                self.source.key, walked_at=now, stories=self._stories, **self._validators
            )

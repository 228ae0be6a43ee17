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
    ground; one with `since` until it gets there. A walk that was cut short leaves its start behind:
    to the next run, only what was sighted before that start is known ground.

    Args:
        since: the lower bound of the run, aware.
        bounded: whether the run has bounds at all. Such a walk answers another question than the
            plain ones do: it asks unconditionally and is not remembered.
    """

    def __init__(self, source: Source, run: Run, since: datetime | None, *, bounded: bool) -> None:
        self.source = source
        self.told = run.source(source.key)
        """The source's part of the run document."""
        self._run = run
        self._since = since
        self._bounded = bounded
        self._state = run.source_state(source.key)
        self._started: datetime = self._state.get("walk_started") or datetime.now(UTC)
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
        if self._bounded or self._state.get("walk_started"):
            return {}
        validators = {
            "If-None-Match": self._state.get("etag"),
            "If-Modified-Since": self._state.get("last_modified"),
        }
        return {name: value for name, value in validators.items() if value}

    def unchanged(self) -> None:
        """The first page is as it was."""
        self.told["outcome"] = "unchanged"

    async def begin(self, sheet: Sheet) -> None:
        """Remember, before anything is sighted, that there is more to read than this page."""
        if (sheet.older or sheet.children) and not self._bounded:
            await self._run.remember(self.source.key, walk_started=self._started)

    def next_pages(self, sheet: Sheet, entries: Sequence[Entry], number: int) -> list[str]:
        """Addresses to read after page `number`, which showed `entries`."""
        if sheet.children:
            wanted = MAX_CHILDREN if self._since else self.source.pages
            return list(sheet.children[:wanted]) if number <= MAX_DEPTH else []
        if not sheet.older or number >= MAX_PAGES:
            return []
        dates = [lead.at for lead in sheet.leads if lead.at]
        if self._since and dates:
            go_on = min(dates) >= self._since
        elif self._state.get("walked") and not self._since:
            # Whatever is pinned to a page's top: at its end known ground is known ground.
            go_on = bool(entries) and self._is_new(entries[-1])
        else:
            go_on = number < self.source.pages
        return [sheet.older] if go_on else []

    def _is_new(self, entry: Entry) -> bool:
        return entry.first_seen >= self._started

    async def page_done(
        self, entries: Sequence[Entry], etag: str | None, last_modified: str | None, number: int
    ) -> None:
        """Count what a page showed; after the last one, remember that the walk is complete."""
        self.told["leads"] += len(entries)
        self.told["new"] += sum(map(self._is_new, entries))
        if self.told["outcome"] == "unread":
            self.told["outcome"] = "read"
        if number == 1:
            self._validators = {"etag": etag, "last_modified": last_modified}
        self._open -= 1
        if not self._open and not self._bounded and self.told["outcome"] == "read":
            await self._run.remember(
                self.source.key, walk_started=None, walked=True, **self._validators
            )

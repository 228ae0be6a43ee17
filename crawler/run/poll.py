"""`Poll`: one run's reading of one source, and what is remembered of it for the next run."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from crawler.fetch.failure_reasons import GONE
from crawler.fetch.http_cache import (
    ResponseMetadata,
    conditional_headers,
    is_fresh,
    is_retired,
    updated_state,
)
from crawler.lead import Lead
from crawler.monitor.findings import learn_usual
from crawler.run.run import Run
from crawler.sources import PassedOver, Sitemap, Source, SourceListing
from crawler.sources.sitemap import ends_of_series
from crawler.store.ledger import LedgerEntry

MAX_PAGES = 50
"""Pages of one source that a run without bounds reads at most."""
MAX_BACKFILL = 1_000
"""Pages of one source that a run with bounds reads at most; the next run goes on from there."""
MAX_CHILDREN = 200
"""Sitemaps of one index that a run reads at most."""
MAX_PRODUCTIVE = 20
"""Sitemaps that are remembered because they showed new stories."""
SHOWN_LATE = timedelta(days=1)
"""A sitemap may show a story so long after the date of change that it states for it."""
MAX_REMEMBERED = 2_000
"""Pages that are remembered for the next run; with more, it begins anew."""
MAX_DEPTH = 2
"""How many indexes may lie above a sitemap that is read."""
PAST_THE_END = ("http_404", "http_400")
"""What servers answer to the number of a page after the last one; WordPress says 400."""
SITEMAPS_EVERY = timedelta(hours=6)
"""How often the sitemaps of an index are read for what other sources may have left out."""


class PageRef(NamedTuple):
    """A page of a source."""

    url: str
    number: int
    """1 for the first; of a sitemap, how many indexes lead to it."""


class Poll:
    """Reads one source in one run, a page at a time, from the newest to older ones.

    An outlet's first poll reads `Source.pages` pages. Later polls go on until a page ends in an
    overlap with the last poll: with what any source showed before this source's last complete poll
    ended. So a poll that was cut short leaves no gap. A poll with `since` goes on until it gets
    there; what it has not read when the run ends, a later run with the same bounds takes up.

    Args:
        since, until: the bounds of the run, aware. A poll with bounds answers another question
            than the others do: it asks unconditionally, and they do not build on it.
        unconditionally: all that it shows is wanted, whether it has changed or not.
        stories: the outlet's pattern of stories.
    """

    def __init__(
        self,
        source: Source,
        run: Run,
        stories: str,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        unconditionally: bool = False,
    ) -> None:
        now = datetime.now(UTC)
        self.part = run.record.source(source.key)
        """The source's part of the run document."""
        self._run = run
        self._stories = stories
        self._since, self._until = since, until
        self._bounds = {"since": since, "until": until, "stories": stories}
        self._bounded = bool(since or until)
        self._unconditionally = unconditionally or self._bounded
        state = run.sources.state(source.key)
        # Another pattern makes stories of what was none before: then there is no overlap.
        self._state = state if state.get("stories") == stories else {}
        # Dates of change may lie: no longer than entity tags may.
        swept = is_fresh({"read_at": self._state.get("swept_at")}, now)
        self._sweeps = False
        self.source = source
        if isinstance(source, Sitemap) and not swept and not self._bounded:
            self._sweeps, self.source = True, replace(source, doubtful=True)
        self._productive: list[str] = []
        """Sitemaps that showed new stories, and the indexes that name them."""
        self._indexes: dict[str, str] = {}
        """By sitemap, the index that names it."""
        self._declared = ""
        self._asked: set[str] = set()
        self._ahead: deque[PageRef] = deque()
        self._postponed: list[PageRef] = []
        """Sitemaps that changed, put off until it is known what the other sources show."""
        self._other_sitemaps: list[PageRef] = []
        """Sitemaps that may have changed, to be read in a gap only."""
        self._unread: list[PageRef] = []
        """Pages that could not be read."""
        self._passed_over = PassedOver()
        self._shown: set[str] = set()
        """Addresses that pages have shown."""
        self._longest = 0
        """Entries of the longest page."""
        self._first: ResponseMetadata | None = None
        self._new = 0
        """New stories that its pages showed so far."""
        self._done_at: datetime | None = None
        self._bypass_caches = False
        self._ends_in_overlap = False

    # -- Which page is next

    def begin(self, home: str) -> None:
        """Find where to begin: at the first page, or where a run with the same bounds stopped."""
        now = datetime.now(UTC)
        state = self._run.sources.state(self.source.key)
        self._declared = self.source.start(home, self._since, self._until)
        self.part.update(floor=self.floor, usual=state.get("usual", {}))
        if is_retired(state, now):
            self.part.update(outcome="retired", reason=GONE)
            return
        begun = state.get("backfill") or {}
        if self._bounded and begun.get("bounds") == self._bounds:
            self._add(PageRef(*place) for place in begun["left"])
            if not self._ahead:  # it was read to its end, if not all that it showed was fetched
                self.part["outcome"] = "read"
            return
        moved = None if self._bounded or not is_fresh(state, now) else state.get("moved_to")
        self._add([PageRef(moved or self._declared, 1)])

    def next(self) -> PageRef | None:
        """Return the page to read now; None at the end of the poll."""
        return self._ahead.popleft() if self._ahead and not self._run.record.is_full else None

    def headers(self, place: PageRef) -> dict[str, str]:
        """Return the request headers for a page."""
        if self._bypass_caches:
            return {"Cache-Control": "no-cache"}
        if self._unconditionally or self._sweeps or place.number > 1:
            return {}
        return conditional_headers(self._state, datetime.now(UTC))

    def _add(self, places: Iterable[PageRef]) -> None:
        for place in places:
            if place.url not in self._asked:
                self._asked.add(place.url)
                self._ahead.append(place)

    @property
    def floor(self) -> datetime | None:
        """Nothing that changed before is wanted: it is out of the run's bounds, or was read."""
        if self._since or not self.source.deep or self._bounded:
            return self._since
        walked = self._state.get("walked_at")
        return walked and walked - SHOWN_LATE

    # -- What became of a page

    def unchanged(self, place: PageRef, *, asked: bool) -> None:
        """Take note of a page that has not changed (304), where that was `asked` or not."""
        if asked:
            self.part["outcome"] = "unchanged"
        elif self._bypass_caches:
            self._run.record.source_failed(self.source.key, "unasked_304")
        else:  # some cache on the way: it is metadata to ask for itself
            self._bypass_caches = True
            self._ahead.appendleft(place)

    async def failed(self, place: PageRef, reason: str) -> None:
        """Take note of a page that could not be read; the poll goes on with others."""
        if place.number == 1 and reason == "http_400" and self._ask_for_less(place):
            return
        if place.number == 1 and self._declared not in self._asked:
            await self._run.sources.remember(self.source.key, moved_to=None)
            self._add([PageRef(self._declared, 1)])
            return
        if place.number == 1 and reason == GONE:
            await self._run.sources.remember(self.source.key, gone_at=datetime.now(UTC))
            self.part.update(outcome="retired", reason=reason)
            return
        if (
            place.number > 1
            and reason in PAST_THE_END
            and self.source.origin in ("listing", "rest")
        ):
            self.part["end"] = reason
            return
        self._unread.append(place)
        self._run.record.source_failed(self.source.key, reason)

    def _ask_for_less(self, place: PageRef) -> bool:
        """Ask again, for as many entries a page as the site gives; tell whether that is of use."""
        less = PageRef(self.source.less(place.url), 1)
        is_other = less.url not in self._asked
        self._add([less])
        return is_other

    def shows(self, leads: Sequence[Lead], entries: Sequence[LedgerEntry]) -> None:
        """Count what (a part of) a page shows: its leads, and the entries of the ledger for them.

        Several leads may have one entry.
        """
        self._look_for_overlap(entries)
        known = self._state.get("walked_at")
        # What is pinned to a page's top tells nothing; what stands at its end does.
        self._ends_in_overlap = bool(known and entries and entries[-1].first_seen < known)
        self.part["leads"] += len(entries)
        self.part["new"] += sum(entry.first_seen >= self._run.record.started for entry in entries)
        if repeated := len(leads) - len(entries):
            ((often, _),) = Counter(lead.url for lead in leads).most_common(1)
            self._passed_over.add("repeated", often, repeated)

    def passes_over(self, passed_over: PassedOver) -> None:
        """Count entries of a page that make no lead."""
        self._passed_over.update(passed_over)
        self.part.update(
            entries=self.part["leads"] + self._passed_over.counts.total(),
            passed_over=dict(self._passed_over.counts),
            examples=dict(self._passed_over.examples),
        )

    async def page_done(
        self, place: PageRef, listing: SourceListing, metadata: ResponseMetadata, *, complete: bool
    ) -> None:
        """Decide what to read after a page, unless the run's limit cut it short."""
        if self.part["outcome"] == "unread":
            self.part["outcome"] = "read"
        if self.part["new"] > self._new:
            self._new = self.part["new"]
            self._remember_productive(place.url)
        if place.number == 1:
            # An index that does not say when its sitemaps changed may stay as it is when they do.
            self._first = (
                replace(metadata, etag=None, last_modified=None) if listing.undated else metadata
            )
            if place.url != self._declared and not metadata.moved_to:
                self._first = replace(self._first, moved_to=place.url)
        if complete:
            self._go_on(place, listing)
        else:
            self._ahead.appendleft(place)
        self._done_at = datetime.now(UTC)
        self.part["ahead"] = len(self._ahead)
        self.part["total"] = listing.total or self.part.get("total")
        if self._bounded and len(self._unread) + len(self._ahead) <= MAX_REMEMBERED:
            left = [list(place) for place in (*self._unread, *self._ahead)]
            begun = {"bounds": self._bounds, "left": left}
            await self._run.sources.remember(self.source.key, backfill=begun)

    def _go_on(self, place: PageRef, listing: SourceListing) -> None:
        if listing.children or listing.unchanged:
            if place.number > MAX_DEPTH:
                self._at_most(0, [PageRef(url, 0) for url in listing.children])
            else:
                self._children(place, listing)
        elif listing.older and not self._is_last(listing):
            self._older(PageRef(listing.older, place.number + 1), listing)

    def _is_last(self, listing: SourceListing) -> bool:
        """Tell whether a page shows nothing new, or is shorter than others of its source.

        Some proxies answer with the first page whatever is asked for.
        """
        shown = {lead.url for lead in listing.leads}
        repeats = bool(shown) and shown <= self._shown
        self._shown |= shown
        entries = len(listing.leads) + listing.passed_over.counts.total()
        is_short = entries < self._longest
        self._longest = max(self._longest, entries)
        return repeats or (is_short and listing.may_be_last)

    def _older(self, older: PageRef, listing: SourceListing) -> None:
        dates = [lead.at for lead in listing.leads if lead.at]
        if self._since and dates:
            if min(dates) >= self._since:
                self._at_most(int(older.number <= MAX_BACKFILL), [older])
        elif self._state.get("walked_at") and not self._since:
            if listing.leads and not self._ends_in_overlap:
                self._at_most(int(older.number <= MAX_PAGES), [older])
        else:
            # Nothing tells how far: the first run, or bounds on a listing without dates.
            self._at_most(int(older.number <= self.source.pages), [older])

    def _children(self, index: PageRef, listing: SourceListing) -> None:
        """Choose sitemaps of an index: in a first run `pages`, later what has changed.

        Of those without a date of change so many of each end of a series: either may be the newest.
        Those that showed new stories are read from time to time, whatever it says of them.
        """
        number = index.number + 1
        places = [PageRef(url, number) for url in listing.children]
        known = set(self._state.get("productive", ()))
        if self._sweeps:  # nor need its dates tell which is the newest
            known |= {*listing.unchanged[: 2 * self.source.pages]}
        again = [PageRef(url, number) for url in listing.unchanged if url in known]
        for url in (*listing.children, *listing.unchanged):
            self._indexes.setdefault(url, index.url)
        if self._since:
            self._at_most(MAX_CHILDREN, [*places, *again])
            return
        dated = len(places) - listing.undated
        changed = places[: dated if self.floor else min(dated, self.source.pages)]
        missing = self.source.pages - (0 if self.floor else len(changed))
        ends = ends_of_series(listing.children[dated:], missing) if missing else []
        chosen = changed + [PageRef(url, number) for url in ends]
        if self._sweeps:
            again += [place for place in places if place.url in known and place not in chosen]
            chosen = chosen + again
        self._other_sitemaps += [place for place in places[dated:] if place.url not in ends]
        if self.floor and number == 2:
            self._postponed += chosen
        else:
            self._at_most(MAX_CHILDREN, chosen)

    def _remember_productive(self, url: str | None) -> None:
        for _ in range(MAX_DEPTH + 1):
            if url and url not in self._productive:
                self._productive.append(url)
            url = self._indexes.get(url or "")

    def _at_most(self, count: int, places: Sequence[PageRef]) -> None:
        """Go on with the first `count`; a run with bounds tells that there were more."""
        if self._bounded and len(places) > count:
            self.part["cut_short"] = True
        self._add(places[:count])

    # -- The overlap with the last poll, and the end

    @property
    def overlaps_last_poll(self) -> bool:
        """Whether everything it shows since its last complete poll was read."""
        return self.part["outcome"] == "unchanged" or self.part.get("gap_since", ...) is None

    def _look_for_overlap(self, entries: Sequence[LedgerEntry]) -> None:
        """Tell whether a page shows anything that was known when this source was last read.

        If none of its pages does, stories may have come and gone in between: a gap.
        """
        known = self._state.get("walked_at")
        if self._bounded or not known or not entries:
            return
        if self.source.deep:  # it reaches back as far as there is anything
            self.part["gap_since"] = None
            return
        met = self.part.get("gap_since", known) is None or any(
            entry.first_seen < known for entry in entries
        )
        self.part["gap_since"] = None if met else known

    def deepen(self, *, gap: bool, covered: bool) -> None:
        """Take up the sitemaps that were put off, where they are needed.

        Args:
            gap: whether some source shows nothing it showed before.
            covered: whether some other source has metadata of everything new.
        """
        walked = self._state.get("walked_at")
        if gap or not covered or (walked and datetime.now(UTC) - walked >= SITEMAPS_EVERY):
            self._add([*self._postponed, *(self._other_sitemaps if gap else ())][:MAX_CHILDREN])
            self._postponed = []

    async def end(self) -> None:
        """Remember that the poll is complete, if it is."""
        if self.part["outcome"] != "read" or self._ahead:
            return
        if self._bounded:
            # A feed shows the newest whatever the bounds; the others were read down to them.
            deep = self.source.origin != "feed"
            self.part["reached"] = deep and not self.part.get("cut_short", False)
        elif self._postponed:
            self.part["put_off"] = len(self._postponed)
        elif not (self.part["leads"] or self.floor):
            # Without bounds it shows something, or it is not what it was.
            self.part["outcome"] = "empty"
        elif self._first and self._done_at:
            state = updated_state(self._state, self._first, self._done_at)
            self.part.update(lies=state["lies"], moved_to=state["moved_to"])
            if not self.floor:
                state["usual"] = learn_usual({"key": self.source.key, **self.part})
            shown = dict.fromkeys([*self._productive, *self._state.get("productive", ())])
            swept_at = self._done_at if self._sweeps else self._state.get("swept_at")
            await self._run.sources.remember(
                self.source.key,
                walked_at=self._done_at,
                swept_at=swept_at,
                productive=list(shown)[:MAX_PRODUCTIVE],
                stories=self._stories,
                **state,
            )

"""`Recorder`: writes what became of stories, sources and the run: to disk, then into MongoDB."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from crawler.article import CANONICAL_DOUBTED, Article, stored_fields
from crawler.errors import StoreError
from crawler.extract.first_reading import is_questionable
from crawler.lead import LeadState
from crawler.queue.delivery import Outbox
from crawler.queue.writer import (
    REASONS,
    UNSTORABLE,
    MongoWriter,
    WriteResult,
    only,
    quarantined_write,
)
from crawler.queue.writes import (
    ArticleWrite,
    OutcomeWrite,
    ProfileWrite,
    RunWrite,
    SourceWrite,
    Write,
)
from crawler.run.boilerplate_learner import BoilerplateLearner
from crawler.run.frontier import Frontier
from crawler.run.record import RunOptions, RunRecord
from crawler.run.tally import AS_BEFORE
from crawler.schedule.revisits import next_revisit
from crawler.store.articles import Articles
from crawler.store.collection import Document, Fence
from crawler.store.database import POISON, Database
from crawler.store.ledger import (
    NOT_THERE,
    OUT_OF_RANGE,
    WITHDRAWING,
    WITHDRAWN,
    LeadOutcome,
    LedgerEntry,
)
from crawler.store.schema import ArticleVersion
from crawler.text.same_story import LASTING

BROKEN = "broken_template"
"""Why a story was rejected that looks like those before it, and none of them as it should."""

TOLD_ONCE = NOT_THERE | {"offsite", "redirected_away", "robots_disallowed"}
"""What a site says of one address. A run that hears it again tells nothing new."""

NoArticle = Literal["unchanged", "rejected", "failed"]
"""What the tally calls the end of a story that made no article."""

TALLIED: dict[WriteResult, NoArticle | Literal["stored"]] = {
    "stored": "stored",
    "unchanged": "unchanged",
    "doubtful": "unchanged",
    "withdrawn": "unchanged",
    "quarantined": "failed",
}
"""What the tally calls what became of an article."""


class Recorder:
    """Records what became of stories, sources and the run itself.

    Nothing is counted before it is on disk, and no article before MongoDB has it.

    Args:
        lost: called when the run cannot go on, for there is no room on disk.
    """

    def __init__(
        self,
        database: Database,
        options: RunOptions,
        record: RunRecord,
        frontier: Frontier,
        learner: BoilerplateLearner,
        fence: Fence,
        lost: Callable[[StoreError], None],
    ) -> None:
        self.outbox: Outbox
        """The writes on disk, and what brings them; set when the run opens."""
        self.validators: dict[str, Document] = {}
        """What servers said of the pages of stories that were just read, by lead."""
        self._record, self._frontier, self._learner = record, frontier, learner
        self._fence = fence
        self._options = options
        self._lost = lost
        self._articles = Articles(database)
        self._writer = MongoWriter(database)

    # -- Stories

    async def store(self, article: Article) -> None:
        """Store an article and settle its lead; both are on disk when this returns.

        What becomes of it is known, and in the tally, when MongoDB has it.

        Raises:
            StoreError: there is no room for it.
        """
        entry = self._frontier.entry(article.lead)
        assert entry
        # A page that is years older than its source says may be mended soon.
        dates = (article.published.at if article.published else None, entry.lead.at)
        published = max((at for at in dates if at), default=None)
        due = self._next_visit(entry, published)
        if self._options.revisits and not entry.article and is_questionable(article, entry.lead):
            tomorrow = datetime.now(UTC) + LASTING
            due = min(due or tomorrow, tomorrow)
        try:
            write = ArticleWrite.of(
                article,
                entry.attempts,
                due=due,
                validators=self.validators.pop(article.lead, None),
                stated=entry.lead.title or "",
                before=entry.article,
                sought=self._options.is_bounded,
                fence=self._fence.token,
            )
            await self.outbox.put(write)
        except POISON as error:
            version = ArticleVersion(stored_fields(article), article.markup)
            await self._writer.quarantine(self._fence, version, error)
            await self.record_outcome(article.lead, "failed", UNSTORABLE)

    async def record_outcome(
        self,
        address: str,
        outcome: NoArticle,
        reason: str,
        *,
        state: LeadState = "failed",
        published: datetime | None = None,
        kept: Article | None = None,
    ) -> None:
        """Give an address that became no article its outcome, once.

        `outcome` is what the tally calls it, `state` what the ledger does: what is ``failed`` there
        comes back. The tally has it only when it is on disk. The page of an article that is `kept`
        waits in quarantine. Without room on disk it stays pending, and the run ends.
        """
        tally = self._record.tally
        if not tally.is_pending(address) or not (entry := self._frontier.release(address)):
            return
        self.validators.pop(address, None)
        drift = self._record.drift_detector
        is_news = reason not in TOLD_ONCE or reason != entry.reason
        if drift and is_news and outcome != "unchanged" and reason not in (OUT_OF_RANGE, BROKEN):
            drift.add_failure(address, reason, entry.sighted_by)
        due = self._next_visit(entry, entry.published)
        outcome, settled = outcome_of(entry, outcome, reason, state, due, published)
        settled = replace(settled, fence=self._fence.token)
        write = OutcomeWrite(outcome=settled)
        if kept:
            write = quarantined_write(settled, kept, reason)
        try:
            await self.outbox.put(write)
        except StoreError as error:
            self._lost(error)
            return
        self._frontier.settle(address, *((outcome, settled.reason) if is_news else AS_BEFORE))

    def _next_visit(self, entry: LedgerEntry, published: datetime | None) -> datetime | None:
        return next_revisit(self._options.revisits, published, entry.first_seen, datetime.now(UTC))

    def is_broken(self, article: Article) -> bool:
        """Tell whether the last stories show that this one was read by a broken template."""
        entry = self._frontier.entry(article.lead)
        repeated = self._record.claims.is_repeated(article)
        if self._record.drift_detector is None or entry is None or repeated:
            return False
        is_new = not entry.article and entry.first_seen >= self._record.started
        return self._record.drift_detector.add_article(article, entry.sighted_by, is_new=is_new)

    # -- Everything else

    async def save_source(self, state: Document) -> None:
        """Keep what is to be remembered of a source."""
        outlet, token = self._record.outlet, self._fence.token
        await self.outbox.put(SourceWrite(outlet=outlet, state=state, fence=token))

    async def save_profile(self, profile: Mapping[str, Any]) -> None:
        """Keep what is usual for the outlet."""
        await self.outbox.put(ProfileWrite(outlet=self._record.outlet, profile=dict(profile)))

    async def save_run(self, **changes: Any) -> None:
        """Keep the run document, with `changes`, and what was learnt since the last time."""
        if learnt := self._learner.take_news():
            await self.outbox.put(learnt)
        await self.outbox.put(RunWrite(run=self._record.update(**changes)))

    # -- From disk into MongoDB

    async def deliver(self, writes: Sequence[Write]) -> None:
        """Bring writes into MongoDB, and count what became of articles.

        Raises:
            StoreError: the server does not answer.
        """
        articles = [
            replace(write, article=write.article | {"sighted_by": self._sighted_by(write)})
            for write in only(ArticleWrite, writes)
        ]
        results = await self._writer.write_articles(self._fence, articles)
        for write in articles:
            lead = write.article["lead"]
            self._frontier.stored(lead, write.article["url"])
            for source in set(self._sighted_by(write)) - set(write.article["sighted_by"]):
                await self._articles.add_source(self._fence, [write.article["url"]], source)
        for write, result in zip(articles, results, strict=True):
            self._frontier.settle(write.article["lead"], TALLIED[result], REASONS[result])
            if result == "doubtful":
                self._record.doubtful = write.article["url"]
            if result == "stored" and CANONICAL_DOUBTED in write.article["flags"]:
                self._record.kept_apart.add(write.article["url"])
        ended = await asyncio.gather(
            self._frontier.forget(write.article["lead"] for write in articles),
            self._writer.write_rest(self._fence, writes),
            return_exceptions=True,  # what fails is tried again when the other has ended, too
        )
        for error in filter(None, ended):
            raise error

    def _sighted_by(self, write: ArticleWrite) -> list[str]:
        """Return all sources that have shown it by now; some after its page was asked for."""
        entry = self._frontier.entry(write.article["lead"])
        return list(entry.sighted_by if entry else write.article["sighted_by"])


def outcome_of(
    entry: LedgerEntry,
    outcome: NoArticle,
    reason: str,
    state: LeadState,
    due: datetime | None,
    published: datetime | None = None,
) -> tuple[NoArticle, LeadOutcome]:
    """Return what the tally and the ledger note of an entry that made no article.

    A story that is stored and was visited again stays stored, whatever came of it.
    """
    settled = LeadOutcome(
        lead=entry.lead.url,
        attempts=entry.attempts,
        state=state,
        reason=reason,
        published=published,
    )
    if not entry.article:
        return outcome, settled
    gone = reason in WITHDRAWING
    return "unchanged" if gone else outcome, replace(
        settled,
        state="stored",
        reason=WITHDRAWN if gone else reason,
        article=entry.article,
        published=entry.published,
        due=due,
        validators=None if gone else entry.validators,
    )

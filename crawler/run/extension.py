"""`RunExtension`: opens a run, follows it by Scrapy's signals, judges it, and closes it."""

import asyncio
import logging
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.article import Article
from crawler.errors import ClockSlow, DatelineError, ExitCode, LeaseLost, ParserPoolLost, StoreError
from crawler.fetch.hosts import Hosts
from crawler.fetch.politeness import Politeness
from crawler.logs import add_log_context
from crawler.monitor.completeness import completeness
from crawler.monitor.drift.detector import DriftDetector
from crawler.monitor.freshness import freshness
from crawler.monitor.verdict import Verdict, judge
from crawler.outlet import Selectors
from crawler.run.collector import Collector
from crawler.run.parser_pool import ParserPool
from crawler.run.record import RunOptions
from crawler.run.run import Run
from crawler.schedule.revisits import read_age
from crawler.spider import OutletSpider
from crawler.store.database import Database, Patience
from crawler.store.profiles import ProfileStore

logger = logging.getLogger(__name__)

EXIT_CODE = "dateline/exit_code"
"""The stat in which a crawl leaves its exit code for the command that ran it."""
READ = ("read", "unchanged")
"""Outcomes of a source that has shown what there is."""
HEARTBEAT = 2.0
"""Seconds between two writes of the run document while the run goes on."""
CLOSE_REASONS: dict[type[DatelineError], str] = {
    StoreError: "store_lost",
    LeaseLost: "overtaken",
    ClockSlow: "clock_slow",
    ParserPoolLost: "workers_lost",
}
"""What Scrapy is told when a run is closed early."""


class RunExtension:
    """Opens and closes the run of a crawl, and settles what ends outside the spider."""

    run: Run
    """The run; there is none before ``spider_opened``, nor where the store refused."""
    pool: ParserPool
    """The processes that parse; there are none before ``spider_opened``."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._database: Database | None = None
        self._opening: asyncio.Event | None = None
        """Set when the run has opened, or could not; None before Scrapy opens the spider."""
        self._ending = asyncio.Event()
        self._ended = asyncio.Event()
        self._closing: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Future[None]] = set()
        self._is_open = False
        self._clock: ClockSlow | None = None
        self.refusal: DatelineError | None = None
        """Why there is no run."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunExtension":
        """Connect to the crawler's signals."""
        extension = cls(crawler)
        for handler, signal in (
            (extension.spider_opened, signals.spider_opened),
            (extension.item_dropped, signals.item_dropped),
            (extension.item_error, signals.item_error),
            (extension.spider_error, signals.spider_error),
            (extension.spider_closed, signals.spider_closed),
            (extension.engine_stopped, signals.engine_stopped),
        ):
            crawler.signals.connect(handler, signal=signal)
        return extension

    # -- The beginning

    async def spider_opened(self, spider: Spider) -> None:
        """Open the run, or refuse it before the first request."""
        self._opening = asyncio.Event()
        try:
            await self._open(spider)
            self._is_open = True
            self._tasks.add(asyncio.create_task(self._beat()))
        except DatelineError as error:
            self.refusal = error
            raise CloseSpider("store_refused") from None
        except Exception as error:  # with which Scrapy would go on, without a run
            message = f"The run could not begin ({error!r}): please report it, with the log."
            self.refusal = DatelineError(message[:500])
            logger.exception("The run could not begin.")
            raise CloseSpider("store_refused") from None
        finally:
            self._opening.set()

    async def _open(self, spider: Spider) -> None:
        settings = self._crawler.settings
        self.pool = ParserPool.from_settings(settings)
        # In a thread, because Dateline's own server may have to be started.
        self._database = await asyncio.to_thread(Database.from_settings, settings)
        patience = Patience(settings.getfloat("STORE_PATIENCE"), self._is_stopping)
        options = run_options(spider, settings)
        self.run = Run(self._database, options, patience, self._close_early, self._is_hurried)
        add_log_context(run=self.run.record.run_id)
        await self.run.open()
        if not self.run.options.is_bounded:
            self.run.record.drift_detector = await self._drift_detector(spider, self._database)
        hosts = Hosts(self._database, self.run.fence, patience)
        if isinstance(spider, OutletSpider):
            spider.collect = Collector(spider, self.run, self.pool).start
        self._politeness = Politeness.of(self._crawler)
        self._politeness.open(hosts, self._is_stopping, self._close_early)

    @staticmethod
    async def _drift_detector(spider: Spider, database: Database) -> DriftDetector:
        sources = [source.key for source in getattr(spider, "sources", ())]
        zone = ZoneInfo(getattr(spider, "timezone", "UTC"))
        rules = getattr(spider, "page", Selectors())
        known = await ProfileStore(database, spider.name).load()
        return DriftDetector(rules, sources, zone, known)

    async def _beat(self) -> None:
        """Write the run document from time to time, until the run ends."""
        while not self._ending.is_set():
            try:
                await asyncio.wait_for(self._ending.wait(), HEARTBEAT)
            except TimeoutError:
                try:
                    await self.run.recorder.save_run(**self._traffic())
                except StoreError as error:  # there is no room on disk
                    self._close_early(error)

    # -- What ends outside the spider

    async def item_dropped(self, item: Article, exception: DropItem) -> None:
        """Reject the lead of an article that a pipeline dropped; its message is the reason.

        It comes back like one that failed: a page that makes no article today may be a template
        that has changed, or a rule of ours that will be mended.
        """
        await self.run.recorder.record_outcome(item.lead, "rejected", str(exception), kept=item)

    async def item_error(self, item: Article, failure: Failure) -> None:
        """Fail the lead of an article that broke a pipeline, or stop where the store is gone."""
        if isinstance(failure.value, StoreError):
            self._close_early(failure.value)
            return
        self.run.record.errors["pipeline_error"] += 1
        reason = f"pipeline_{type(failure.value).__name__}"
        await self.run.recorder.record_outcome(item.lead, "failed", reason, kept=item)

    def spider_error(self, failure: Failure, response: Response | Failure | None) -> None:
        """Fail the lead whose callback raised. Scrapy does not wait for this signal's handlers."""
        task = asyncio.ensure_future(self._callback_failed(failure, response))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _callback_failed(self, failure: Failure, response: Response | Failure | None) -> None:
        if isinstance(failure.value, StoreError | ParserPoolLost):
            self._close_early(failure.value)
            return
        self.run.record.errors["callback_error"] += 1
        request = getattr(response, "request", None)
        arguments: dict[str, Any] = request.cb_kwargs if request else {}
        reason = f"callback_{type(failure.value).__name__}"
        if "entry" in arguments:
            url = arguments["entry"].lead.url
            await self.run.recorder.record_outcome(url, "failed", reason)
        elif "poll" in arguments:
            self.run.record.source_failed(arguments["poll"].source.key, reason)

    def _is_hurried(self) -> bool:
        """Tell whether the crawl was told to stop, also while it ends."""
        return not self._crawler.crawling

    def _is_stopping(self) -> bool:
        engine = self._crawler.engine
        slot = engine._slot  # Scrapy 2.19 has no signal or public sign that a spider is closing
        return not engine.running or slot is None or slot.closing is not None

    def _close_early(self, error: StoreError | LeaseLost | ParserPoolLost | ClockSlow) -> None:
        """Stop: what is not acknowledged stays pending, and the next run takes it up."""
        if isinstance(error, StoreError):
            self.run.store_error = error
        if isinstance(error, ClockSlow):
            self._clock = error
        if self._closing is None and not self._ending.is_set():
            # Not awaited: closing waits for the item or callback that brought us here.
            reason = CLOSE_REASONS[type(error)]
            self._closing = asyncio.ensure_future(
                self._crawler.engine.close_spider_async(reason=reason)
            )

    # -- The end

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Judge the run, write its document for the last time, and leave the store."""
        self._ending.set()
        try:
            await self._settle()
            verdict = await self._end(reason)
        finally:
            self._ended.set()
        self._crawler.stats.set_value(EXIT_CODE, int(verdict.exit))
        level = logging.INFO if verdict.outcome == "healthy" else logging.ERROR
        logger.log(level, "%s: %s", verdict.outcome, verdict.reason)

    async def _settle(self) -> None:
        """Wait for what is under way, and end the workers."""
        if self._opening:  # it may be told to close before it has opened
            await self._opening.wait()
        last = []
        if self._is_open:
            last.append(self.run.frontier.stop())
            if not self.run.lease_lost:
                last.append(self.run.deliver())
        for ended in await asyncio.gather(*self._tasks, *last, return_exceptions=True):
            if isinstance(ended, BaseException):
                logger.error("A task of the run failed.", exc_info=ended)
        if hasattr(self, "pool"):
            self.pool.close()

    async def engine_stopped(self) -> None:
        """Wait for the run: Scrapy 2.19, told to stop while a spider closes, would leave it."""
        if self._opening:
            await self._ended.wait()

    async def _end(self, reason: str) -> Verdict:
        try:
            if self.refusal:
                return Verdict("failed", self.refusal.exit_code, str(self.refusal))
            if not self._is_open:
                message = f"It ended before it had begun ({reason})."
                return Verdict("failed", ExitCode.FAILED, message)
            if self.run.lease_lost:
                return Verdict("failed", ExitCode.BUSY, str(self.run.lease_lost))
            return await self._conclude(reason)
        except StoreError as error:
            return Verdict("failed", ExitCode.STORE, str(error))
        finally:
            if self._is_open:
                await self.run.close()
            if self._database:
                await self._database.close()

    async def _conclude(self, reason: str) -> Verdict:
        """Judge a run that has held its outlet to the end, and write its document."""
        save_run = self.run.recorder.save_run
        await save_run(**self._traffic())
        verdict = self._loss() or await self._judge(reason)
        await save_run(ended=datetime.now(UTC), **_verdict_fields(verdict))
        await self.run.deliver()
        if loss := self._loss():  # its document, which waits on disk, is to say so
            await save_run(**_verdict_fields(loss))
        return loss or verdict

    async def _judge(self, reason: str) -> Verdict:
        """Judge a run that has had the store so far, and finish what is left to be done."""
        if self._clock:
            return Verdict("failed", ExitCode.FAILED, str(self._clock), "clock")
        run, record = self.run, self.run.record
        try:
            record.document |= await self._health(reason)
            verdict = judge(reason, record.document)
            if reason == "finished" and not record.is_full:
                await run.sources.finish()
            await run.deliver()
            if not run.store_error:
                patience = Patience(run.patience.seconds, self._is_hurried)
                record.document |= await patience.retry(self._measure)
        except StoreError as error:
            run.lost(error)
        return self._loss() or verdict

    async def _health(self, reason: str) -> dict[str, Any]:
        """Return what the run has shown of the outlet, for its document; learn from it, too."""
        run, drift = self.run, self.run.record.drift_detector
        if not drift:
            return {}
        outcomes = {source["key"]: source["outcome"] for source in run.record.sources()}
        is_whole = reason == "finished" and not set(outcomes.values()).isdisjoint(READ)
        found = drift.end_run(run.record.started, outcomes, is_whole=is_whole)
        await run.recorder.save_profile(drift.to_dict())
        return {"health": asdict(found) if found else None}

    async def _measure(self) -> dict[str, Any]:
        """Return how fresh what this run stored is, and how complete the last days are."""
        assert self._database
        outlet, started = self.run.options.outlet, self.run.record.started
        zone = getattr(self._crawler.spider, "timezone", "UTC")
        fresh = await freshness(self._database, started, [outlet])
        complete = await completeness(self._database, outlet, zone, started)
        return {"freshness": fresh.get(outlet), "completeness": complete}

    def _loss(self) -> Verdict | None:
        """Return the verdict on a run that has lost the store, which may be back, but too late."""
        error, waiting = self.run.store_error, self.run.waiting
        message = f" {waiting} writes wait on disk for the next run." if waiting else ""
        return Verdict("failed", ExitCode.STORE, f"{error}{message}") if error else None

    def _traffic(self) -> dict[str, Any]:
        stats = self._crawler.stats
        return {
            "hosts": self._politeness.describe_hosts(),
            "requests": stats.get_value("downloader/request_count", 0),
            "bytes": stats.get_value("downloader/response_bytes", 0),
        }


def run_options(spider: Spider, settings: BaseSettings) -> RunOptions:
    """Return what a spider and the settings ask of its run."""
    names = ("title", "home", "language", "timezone", "schedule")
    own = ("home", "domains", "stories", "browser", "page")
    rules = repr([getattr(spider, name, None) for name in own])
    ages = getattr(spider, "revisits", ()) if settings.getbool("REVISITS") else ()
    return RunOptions(
        outlet=spider.name,
        declared={name: getattr(spider, name, None) for name in names} | {"rules": rules},
        **{name: getattr(spider, name, None) for name in ("since", "until", "limit")},
        revisits=tuple(map(read_age, ages)),
        run_id=settings["RUN_ID"],
        lease=settings.getfloat("LEASE_SECONDS"),
    )


def _verdict_fields(verdict: Verdict) -> dict[str, Any]:
    """Return what the run document tells of a verdict."""
    return {"outcome": verdict.outcome, "reason": verdict.reason, "cause": verdict.cause}

"""The extension that opens a run, follows it by Scrapy's signals, and writes its document."""

import asyncio
import gc
import logging
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.article import Article
from crawler.errors import DatelineError, ExitCode, LeaseLost, ParserPoolLost, StoreError
from crawler.fetch.hosts import Hosts
from crawler.fetch.politeness import Politeness
from crawler.logs import CONTEXT
from crawler.monitor.completeness import completeness
from crawler.monitor.drift.detector import DriftDetector
from crawler.monitor.drift.profile_store import ProfileStore
from crawler.monitor.freshness import freshness
from crawler.monitor.verdict import Verdict, judge
from crawler.outlet import Selectors
from crawler.run.collector import Collector
from crawler.run.parser_pool import ParserPool
from crawler.run.run import Run
from crawler.schedule.revisits import read_age
from crawler.spider import OutletSpider
from crawler.store.database import Database

logger = logging.getLogger(__name__)

EXIT_CODE = "dateline/exit_code"
"""The stat in which a crawl leaves its exit code for the command that ran it."""
READ = ("read", "unchanged")
"""Outcomes of a source that has shown what there is."""
HEARTBEAT = 2.0
"""Seconds between two writes of the run document while the run goes on."""
REASONS: dict[type[DatelineError], str] = {
    StoreError: "store_lost",
    LeaseLost: "overtaken",
    ParserPoolLost: "workers_lost",
}
"""What Scrapy is told when a run is closed early."""


class RunExtension:
    """Owns the run and its worker processes, and settles what ends outside the spider."""

    run: Run
    """The run; there is none before ``spider_opened``, nor where the store refused."""

    def __init__(self, crawler: Crawler) -> None:
        self.workers = ParserPool.from_settings(crawler.settings)
        self._crawler = crawler
        self._ending = asyncio.Event()
        self._closing: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Future[None]] = set()
        self._is_open = False
        self.refusal: DatelineError | None = None
        """Why there is no run."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunExtension":
        """Connect to the crawler's signals."""
        report = cls(crawler)
        for handler, signal in (
            (report.spider_opened, signals.spider_opened),
            (report.item_dropped, signals.item_dropped),
            (report.item_error, signals.item_error),
            (report.spider_error, signals.spider_error),
            (report.spider_closed, signals.spider_closed),
        ):
            crawler.signals.connect(handler, signal=signal)
        return report

    async def spider_opened(self, spider: Spider) -> None:
        """Open the run, or refuse it before the first request."""
        settings = self._crawler.settings
        declared = {
            name: getattr(spider, name, None)
            for name in ("title", "home", "language", "timezone", "schedule")
        }
        try:
            # In a thread, because Dateline's own server may have to be started.
            database = await asyncio.to_thread(
                Database,
                uri=settings["MONGODB_URI"],
                name=settings["MONGODB_DATABASE"],
                data=Path(settings["DATA"]),
                patience=settings.getfloat("STORE_PATIENCE"),
                stopped=self._is_stopping,
            )
            self._database = database
            bounds = {name: getattr(spider, name, None) for name in ("since", "until", "limit")}
            again = getattr(spider, "revisits", ()) if settings.getbool("REVISITS") else ()
            self.run = Run(
                database,
                spider.name,
                declared,
                bounds,
                tuple(map(read_age, again)),
                settings["RUN_ID"],
                self._close_early,
            )
            CONTEXT["run"] = self.run.document["_id"]
            await self.run.open(settings.getfloat("LEASE_SECONDS"))
            self._profiles = ProfileStore(database, spider.name)
            if not any(bounds.values()):
                self.run.drift_detector = await self._drift_detector(spider)
            self._politeness = Politeness.of(self._crawler)
            self._politeness.open(Hosts(database), self._is_stopping, self._close_early)
        except DatelineError as error:
            self.refusal = error
            raise CloseSpider("store_refused") from None
        except Exception as error:  # with which Scrapy would go on, without a run
            told = f"The run could not begin ({error!r}): please report it, with the log."
            self.refusal = DatelineError(told[:500])
            logger.exception("The run could not begin.")
            raise CloseSpider("store_refused") from None
        self._is_open = True
        if isinstance(spider, OutletSpider):
            spider.collect = Collector(spider, self.run, self.workers).start
        # What is loaded by now stays. The collector is not to walk through it in mid-run: that
        # takes a tenth of a second, in which nothing else happens.
        gc.collect()
        gc.freeze()
        self._tasks.add(asyncio.create_task(self._beat()))

    async def _drift_detector(self, spider: Spider) -> DriftDetector:
        sources = [source.key for source in getattr(spider, "sources", ())]
        zone = ZoneInfo(getattr(spider, "timezone", "UTC"))
        rules = getattr(spider, "page", Selectors())
        return DriftDetector(rules, sources, zone, await self._profiles.load())

    async def _beat(self) -> None:
        """Write the run document from time to time, until `_ending`."""
        while not self._ending.is_set():
            try:
                await asyncio.wait_for(self._ending.wait(), HEARTBEAT)
            except TimeoutError:
                with suppress(StoreError):  # whatever has to be written tells of it
                    await self.run.write(**self._traffic())

    async def item_dropped(self, item: Article, exception: DropItem) -> None:
        """Reject the lead of an article that a pipeline dropped; its message is the reason.

        It comes back like one that failed: a page that makes no article today may be a template
        that has changed, or a rule of ours that will be mended.
        """
        await self.run.settle(item.lead, "rejected", str(exception), kept=item)

    async def item_error(self, item: Article, failure: Failure) -> None:
        """Fail the lead of an article that broke a pipeline, or stop where the store is gone."""
        if isinstance(failure.value, StoreError):
            self._close_early(failure.value)
            return
        self.run.errors["pipeline_error"] += 1
        reason = f"pipeline_{type(failure.value).__name__}"
        await self.run.settle(item.lead, "failed", reason, kept=item)

    def spider_error(self, failure: Failure, response: Response | Failure | None) -> None:
        """Fail the lead whose callback raised. Scrapy does not wait for this signal's handlers."""
        task = asyncio.ensure_future(self._callback_failed(failure, response))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _callback_failed(self, failure: Failure, response: Response | Failure | None) -> None:
        if isinstance(failure.value, StoreError | ParserPoolLost):
            self._close_early(failure.value)
            return
        self.run.errors["callback_error"] += 1
        request = getattr(response, "request", None)
        arguments: dict[str, Any] = request.cb_kwargs if request else {}
        reason = f"callback_{type(failure.value).__name__}"
        if "entry" in arguments:
            await self.run.settle(arguments["entry"].lead.url, "failed", reason)
        elif "walk" in arguments:
            self.run.sources.failed(arguments["walk"].source.key, reason)

    def _is_stopping(self) -> bool:
        engine = self._crawler.engine
        slot = engine._slot  # closing says so nowhere else
        return not engine.running or slot is None or slot.closing is not None

    def _close_early(self, error: StoreError | LeaseLost | ParserPoolLost) -> None:
        """Stop: what is not acknowledged stays pending, and the next run takes it up."""
        if isinstance(error, StoreError):
            self.run.store_error = error
        if self._closing is None and not self._ending.is_set():
            # Not awaited: closing waits for the item or callback that brought us here.
            reason = REASONS[type(error)]
            self._closing = asyncio.ensure_future(
                self._crawler.engine.close_spider_async(reason=reason)
            )

    def _traffic(self) -> dict[str, Any]:
        stats = self._crawler.stats
        return {
            "hosts": self._politeness.describe_hosts(),
            "requests": stats.get_value("downloader/request_count", 0),
            "bytes": stats.get_value("downloader/response_bytes", 0),
        }

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Judge the run, write its document for the last time, and leave the store."""
        self._ending.set()
        last = [self.run.stop()] if self._is_open else []
        if self._is_open and not self.run.overtaken:
            last.append(self.run.deliver())
        for ended in await asyncio.gather(*self._tasks, *last, return_exceptions=True):
            if isinstance(ended, BaseException):
                logger.error("A task of the run failed.", exc_info=ended)
        self.workers.close()
        verdict = await self._end(reason)
        gc.unfreeze()
        self._crawler.stats.set_value(EXIT_CODE, int(verdict.exit))
        level = logging.INFO if verdict.outcome == "healthy" else logging.ERROR
        logger.log(level, "%s: %s", verdict.outcome, verdict.reason)

    async def _health(self, reason: str) -> dict[str, Any]:
        """What the run has shown of the outlet, for its document; it is learnt from, too."""
        if not (detector := self.run.drift_detector):
            return {}
        told = {source["key"]: source["outcome"] for source in self.run.sources.told()}
        is_whole = reason == "finished" and not set(told.values()).isdisjoint(READ)
        found = detector.end_run(self.run.started, told, is_whole=is_whole)
        await self._profiles.save(detector.to_dict())
        return {"health": asdict(found) if found else None}

    def _loss(self) -> Verdict | None:
        """The verdict on a run that has lost the store, which may be back, but too late for it."""
        error, waiting = self.run.store_error, self.run.waiting
        told = f" {waiting} writes wait on disk for the next run." if waiting else ""
        return Verdict("failed", ExitCode.STORE, f"{error}{told}") if error else None

    async def _measured(self) -> dict[str, Any]:
        """How fresh what this run stored is, and how complete the last days are."""
        outlet, started = self.run.document["outlet"], self.run.started
        zone = getattr(self._crawler.spider, "timezone", "UTC")
        fresh = await freshness(self._database, started, [outlet])
        complete = await completeness(self._database, outlet, zone, started)
        return {"freshness": fresh.get(outlet), "completeness": complete}

    async def _judge(self, reason: str) -> Verdict:
        """The verdict on a run that has had the store so far, with what is left to be done."""
        try:
            self.run.document |= await self._health(reason)
            verdict = judge(reason, self.run.document)
            if reason == "finished" and not self.run.is_full:
                await self.run.sources.finish()
            await self.run.deliver()
            if not self.run.store_error:
                self.run.document |= await self._measured()
        except StoreError as error:
            self.run.lost(error)
        return self._loss() or verdict

    async def _end(self, reason: str) -> Verdict:
        if self.refusal:
            return Verdict("failed", self.refusal.exit_code, str(self.refusal))
        if not self._is_open:
            return Verdict("failed", ExitCode.FAILED, f"It ended before it had begun ({reason}).")
        try:
            if self.run.overtaken:
                return Verdict("failed", ExitCode.BUSY, str(self.run.overtaken))
            await self.run.end(**self._traffic())
            verdict = self._loss() or await self._judge(reason)
            await self.run.end(ended=datetime.now(UTC), **_told(verdict))
            if loss := self._loss():  # its document, which waits on disk, is to say so
                await self.run.end(**_told(loss))
            return loss or verdict
        except StoreError as error:
            return Verdict("failed", ExitCode.STORE, str(error))
        finally:
            await self.run.close()


def _told(verdict: Verdict) -> dict[str, Any]:
    """What the run document tells of a verdict."""
    return {"outcome": verdict.outcome, "reason": verdict.reason, "cause": verdict.cause}

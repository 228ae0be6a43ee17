"""`RunRecord`: what a run has done so far, which becomes its run document."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from scrapy import Request
from twisted.python.failure import Failure

from crawler.fetch.failure_reasons import OFFSITE, failure_reason
from crawler.monitor.drift.detector import DriftDetector
from crawler.run.claims import Claims
from crawler.run.tally import Tally
from crawler.store.collection import Document
from crawler.store.runs import new_run
from crawler.text.urls import registered_domain

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a run is asked to do."""

    outlet: str
    """The spider's name."""
    declared: Mapping[str, Any] = field(default_factory=dict)
    """What the outlet's document says of it: ``title``, ``home``, ..."""
    since: datetime | None = None
    until: datetime | None = None
    """The bounds of publication, aware: from `since`, and before `until`."""
    limit: int | None = None
    """How many stories it may take; None: all."""
    revisits: Sequence[timedelta] = ()
    """Ages at which stories are visited again."""
    run_id: str = ""
    """The ``_id`` of the run document; a new one where empty."""
    lease: float = 60
    """Seconds without a sign of life after which another run of the outlet may begin."""

    @property
    def bounds(self) -> Document:
        """The bounds as the run document has them."""
        return {"since": self.since, "until": self.until, "limit": self.limit}

    @property
    def is_bounded(self) -> bool:
        """Whether it has bounds: then the lateness and the look of its stories tell nothing."""
        return any(self.bounds.values())


class RunRecord:
    """What a run has done so far; it becomes the run document."""

    def __init__(self, options: RunOptions) -> None:
        self.outlet = options.outlet
        self.document = new_run(options.outlet, options.bounds, options.run_id)
        self.tally = Tally()
        self.errors: Counter[str] = Counter()
        self.pages = 0
        """Story pages that were fetched, whatever came of them."""
        self.claims = Claims()
        """Which of its stories have which address."""
        self.led_to: Counter[str] = Counter()
        """Domains that are not the outlet's, by the stories and sources that redirect there."""
        self.doubtful: str | None = None
        """A stored story whose page says less than it does, and is not believed."""
        self.kept_apart: set[str] = set()
        """Stories stored under their own addresses, for the canonical ones are other stories'."""
        self.replayed = 0
        """Writes that runs before this one had left, and that are in MongoDB now."""
        self.learnt: list[str] = []
        """Keys of the blocks of boilerplate that the run has learnt."""
        self.is_full = False
        """The run has taken as many stories in hand as it was asked for."""
        self.drift_detector: DriftDetector | None = None
        """Whether the outlet reads as it used to; none with bounds, when old pages are read."""
        self._sources: dict[str, Document] = {}

    @property
    def run_id(self) -> str:
        """The ``_id`` of the run document."""
        return str(self.document["_id"])

    @property
    def started(self) -> datetime:
        """When the run began: aware, in UTC, in whole milliseconds as the store keeps it."""
        began: datetime = self.document["started"]
        return began

    def source(self, key: str) -> Document:
        """Return the part that tells of one source; what is set there is recorded."""
        fresh = {"outcome": "unread", "reason": None, "requests": 0, "entries": 0, "leads": 0}
        return self._sources.setdefault(key, fresh | {"new": 0, "passed_over": {}, "examples": {}})

    def source_failed(self, key: str, reason: str) -> None:
        """Record that (part of) a source could not be read; the other sources go on."""
        self.source(key).update(outcome="failed", reason=reason)
        self.errors[f"source:{reason}"] += 1
        logger.warning("%s could not be read: %s.", key, reason)

    def failure_reason(self, failure: Failure) -> str:
        """Return why a request failed; note where it led if that is none of the outlet's hosts."""
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = failure_reason(failure.value)
        if reason == OFFSITE and "redirect_urls" in request.meta:
            self.led_to[registered_domain(request.url)] += 1
        return reason

    def sources(self) -> list[Document]:
        """Return the parts of all sources."""
        return [{"key": key, **part} for key, part in self._sources.items()]

    def update(self, **changes: Any) -> Document:
        """Bring the run document up to date, with `changes`; return it."""
        self.document |= changes | {
            "account": self.tally.totals(),
            "pages": self.pages,
            "limited": self.is_full,
            "sources": self.sources(),
            "errors": dict(self.errors),
            "led_to": [list(led) for led in self.led_to.most_common(1)],
            "learnt": self.learnt,
            "merged": self.claims.merged,
            "doubtful": self.doubtful,
            "kept_apart": len(self.kept_apart),
            "replayed": self.replayed,
        }
        return self.document

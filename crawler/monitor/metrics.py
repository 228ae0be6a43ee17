"""Prometheus metrics of every outlet, made of the rows of `crawler.monitor.overview`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

OUTCOMES = ("healthy", "degraded", "failed", "killed", "running")
STATES = ("pending", "stored", "skipped", "failed", "gone")

Row = Mapping[str, Any]
Samples = Iterator[tuple[tuple[str, ...], float]]
"""Values of the labels after ``outlet``, and the value; none where there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One metric of outlets; all are gauges."""

    name: str
    """After ``dateline_``."""
    meaning: str
    samples: Callable[[Row, datetime], Samples]
    labels: tuple[str, ...] = ()
    """Beside ``outlet``."""


def _value(*path: str) -> Callable[[Row, datetime], Samples]:
    """Make the sample of the value at a path of keys of the row, where there is one."""

    def samples(row: Row, now: datetime) -> Samples:
        value: Any = row
        for name in path:
            value = None if value is None else value.get(name)
        if value is not None:
            yield (), value.timestamp() if isinstance(value, datetime) else float(value)

    return samples


def _age(row: Row, now: datetime) -> Samples:
    if row["run"]:
        yield (), (now - row["run"]["started"]).total_seconds()


def _duration(row: Row, now: datetime) -> Samples:
    if row["run"] and row["run"]["ended"]:
        yield (), (row["run"]["ended"] - row["run"]["started"]).total_seconds()


def _outcomes(row: Row, now: datetime) -> Samples:
    if row["run"]:
        yield from (((outcome,), float(row["run"]["outcome"] == outcome)) for outcome in OUTCOMES)


def _leads(row: Row, now: datetime) -> Samples:
    yield from (((state,), float(row["leads"].get(state, 0))) for state in STATES)


def _freshness(row: Row, now: datetime) -> Samples:
    if delays := row["freshness"]:
        yield from ((("0.5",), delays["p50"]), (("0.95",), delays["p95"]))


GAUGES = (
    Gauge("last_run_timestamp_seconds", "When the last run began.", _value("run", "started")),
    Gauge("last_run_age_seconds", "Seconds since the last run began.", _age),
    Gauge("last_run_outcome", "1 for how the last run ended, else 0.", _outcomes, ("outcome",)),
    Gauge("last_run_duration_seconds", "Duration of the last run, if it has ended.", _duration),
    Gauge("last_run_requests", "Requests that the last run made.", _value("run", "requests")),
    Gauge("last_run_stored", "Stories that the last run stored, new or edited.",
          _value("run", "account", "stored")),
    Gauge("next_due_timestamp_seconds", "When the outlet is due next.", _value("next_due")),
    Gauge("overdue", "1 if the outlet was due and missed twice, else 0.", _value("overdue")),
    Gauge("articles", "Stored articles.", _value("articles")),
    Gauge("articles_today", "Articles stored since midnight in the outlet's zone.",
          _value("today")),
    Gauge("leads", "Addresses in the ledger, by state.", _leads, ("state",)),
    Gauge("freshness_seconds", "Time from publication to storing, over the last seven days.",
          _freshness, ("quantile",)),
    Gauge("freshness_stories", "Stories measured for that.", _value("freshness", "stories")),
    Gauge("completeness_ratio", "Estimated share of all stories that any source showed.",
          _value("completeness", "share")),
    Gauge("completeness_error_ratio", "Standard error of that estimate.",
          _value("completeness", "error")),
)  # fmt: skip

UP = ("dateline_mongodb_up", "1 if MongoDB answers; without it there are no other metrics.")
WAITING = ("dateline_waiting_writes", "Writes that wait on this machine's disk for MongoDB.")


def families(rows: Sequence[Row] | None, waiting: int, now: datetime) -> Iterator[Metric]:
    """Yield all metrics; `rows` is None where MongoDB does not answer."""
    yield GaugeMetricFamily(*UP, value=float(rows is not None))
    yield GaugeMetricFamily(*WAITING, value=waiting)
    for gauge in GAUGES if rows is not None else ():
        labels = ("outlet", *gauge.labels)
        family = GaugeMetricFamily(f"dateline_{gauge.name}", gauge.meaning, labels=labels)
        for row in rows or ():
            for values, value in gauge.samples(row, now):
                family.add_metric([row["outlet"], *values], value)
        yield family


@dataclass(frozen=True, slots=True)
class OutletCollector(Collector):
    """Measures anew each time it is asked."""

    measure: Callable[[], Iterable[Metric]]
    """Gives what `families` returns."""

    def collect(self) -> Iterable[Metric]:
        """Measure now."""
        return self.measure()


def registry(measure: Callable[[], Iterable[Metric]]) -> CollectorRegistry:
    """Return a registry of these metrics alone, without those of the Python process."""
    own = CollectorRegistry(auto_describe=False)  # to register it is no reason to measure
    own.register(OutletCollector(measure))
    return own


def exposition(metrics: Iterable[Metric]) -> str:
    """Return the text that Prometheus reads."""
    return generate_latest(registry(lambda: metrics)).decode()

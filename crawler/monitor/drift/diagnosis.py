"""The cause behind the deviations of an outlet's last stories, and clauses that show it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from crawler.monitor.causes_and_reasons import Cause, cause_of_failure
from crawler.monitor.drift.deviations import Deviation
from crawler.monitor.drift.observation import IMPLAUSIBLE, MERGED, MIN_MERGED, REPEATED
from crawler.outlet import Selectors

BROKEN_TEXT_TRAITS = {*IMPLAUSIBLE, *REPEATED} - {"misread published", "impossible date"}
"""Traits of wrong values: where they mean a broken page, no article that has them is stored."""

DECISIVE: Mapping[str, Cause] = {"encoding": "encoding", MERGED: "merged_stories"}
"""Traits that are not explained by others, and the causes they show."""


def diagnose(deviations: Sequence[Deviation]) -> Cause | None:
    """Return the one cause behind all deviations, or None where there are none."""
    shown = {(deviation.trait, deviation.value) for deviation in deviations}
    traits = {deviation.trait for deviation in deviations}
    unread = [d for d in deviations if d.trait == "read" and d.value != "ok"]
    if unread:
        return cause_of_failure(max(unread, key=lambda d: d.count / d.of).value)
    if found := next((trait for trait in DECISIVE if (trait, "yes") in shown), None):
        return DECISIVE[found]
    short = ("size words", "short") in shown
    if ("repeated", "yes") in shown and (short or ("size words", "long") not in shown):
        return "blocked"
    misread = {("misread authors", "yes"), ("misread published", "yes"), ("misread title", "yes")}
    wrong = {(trait, "yes") for trait in ("byline", "headline", "repeated title")}
    if wrong & shown or "size title words" in traits or len(misread & shown) > 1:
        return "fields_swapped"
    rules = {d.trait.removeprefix("origin ") for d in deviations if d.trait.startswith("origin ")}
    if ("teaser", "yes") in shown or (short and not rules & {"body"}):
        return "teaser"
    if ("misread authors", "yes") in shown:
        return "fields_swapped"
    dated = {("misread published", "yes"), ("impossible date", "yes")} & shown
    off = {("date", value) for value in ("ahead", "far ahead", "long ago")} & shown
    if dated or off or rules == {"published"} or (traits & {"precision", "offset"} and not rules):
        return "date_format"
    if rules or short:
        return "selector_dead"
    if any(trait.startswith("shown ") for trait in traits):
        return "feed_frozen"
    return "other" if deviations else None


def describe(deviation: Deviation, rules: Selectors) -> str:
    """Describe a deviation in a clause, with the rule that may be the reason."""
    usual = f"usually {deviation.usual:.0%}"
    kind, _, name = deviation.trait.partition(" ")
    many = f"{deviation.count} of the last {deviation.of} stories"
    if kind == "origin":
        origin = "have none" if deviation.value == "none" else f"have it from {deviation.value}"
        rule = getattr(rules, name, ())
        first = rule if isinstance(rule, str) else next(iter(rule), "")
        dead = f", and {first} matches nothing" if first and deviation.value != "selector" else ""
        return f"{name}: {many} {origin} ({usual}{dead})"
    if kind == "size":
        return f"{many} are {deviation.value} in {name} ({usual})"
    if kind == "shown":
        return f"{many} were not shown by {name} ({usual} are not)"
    if kind == "read":
        return f"{many} ended as {deviation.value} ({usual})"
    if kind == MERGED:
        return f"{many} ended in one article with {MIN_MERGED} others or more ({usual})"
    return f"{deviation.trait}: {many} say {deviation.value} ({usual})"


def offset_sentence(error: timedelta, own: timedelta) -> str:
    """State a constant error of an outlet's times; `own` is the outlet's offset from UTC."""
    direction = "late" if error > timedelta() else "early"
    reason = {
        own: f": it states local time ({_signed(own)}) as UTC",
        -own: f": it states UTC as local time ({_signed(own)})",
    }.get(error, "")
    return f"Its times are {_signed(error)[1:]} too {direction}{reason}."


def _signed(offset: timedelta) -> str:
    minutes = int(abs(offset).total_seconds() // 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"

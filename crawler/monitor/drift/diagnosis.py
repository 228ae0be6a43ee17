"""From what deviates to one cause, and a sentence that names it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from crawler.monitor.drift.deviations import Deviation
from crawler.outlet import Selectors

Cause = Literal[
    "feed_gone",
    "feed_frozen",
    "selector_dead",
    "fields_swapped",
    "teaser",
    "blocked",
    "consent_page",
    "captcha_page",
    "soft_404",
    "pages_gone",
    "date_format",
    "wrong_offset",
    "encoding",
    "site_down",
    "nothing_published",
    "unreadable",
    "other",
]

NO_STORY = frozenset({"no_title", "no_body", "only_boilerplate"})
"""Why a page that should be a story makes none."""
REFUSED = frozenset(
    "http_401 http_402 http_403 http_429 http_451 blocked_page login_page disallowed".split()
)
AWAY = frozenset({"http_404", "http_410", "redirected_away"})
TEXT = frozenset(
    "headline|byline|teaser|encoding|repeated|repeated title|misread authors|misread title".split(
        "|"
    )
)
"""Traits of values that are wrong: no article that has them goes where they mean a broken page."""


def cause_of_failure(reason: str) -> Cause:
    """What a story, or a source, that could not be read with this reason tells."""
    if reason in ("captcha_page", "consent_page", "soft_404"):
        return reason  # type: ignore[return-value]
    cause = reason.removeprefix("robots_")
    if cause in REFUSED:
        return "blocked"
    if cause in AWAY:
        return "pages_gone"
    if reason in NO_STORY:
        return "selector_dead"
    if reason == "broken_template":  # the stories before have told why
        return "other"
    if cause.startswith("http_5") or cause in (
        "dns",
        "timeout",
        "connection_refused",
        "connection_lost",
        "truncated",
        "retry_later",
    ):
        return "site_down"
    return "unreadable"


def cause_of(found: Sequence[Deviation]) -> Cause | None:
    """The one cause behind all deviations; None where there is none."""
    told = {(deviation.trait, deviation.value) for deviation in found}
    traits = {deviation.trait for deviation in found}
    unread = [d for d in found if d.trait == "read" and d.value != "ok"]
    if unread:
        return cause_of_failure(max(unread, key=lambda d: d.count / d.of).value)
    if ("encoding", "yes") in told:
        return "encoding"
    short = ("size words", "short") in told
    if ("repeated", "yes") in told and (short or ("size words", "long") not in told):
        return "blocked"
    misread = {("misread authors", "yes"), ("misread published", "yes"), ("misread title", "yes")}
    wrong = {(trait, "yes") for trait in ("byline", "headline", "repeated title")}
    if wrong & told or "size title words" in traits or len(misread & told) > 1:
        return "fields_swapped"
    rules = {d.trait.removeprefix("origin ") for d in found if d.trait.startswith("origin ")}
    if ("teaser", "yes") in told or (short and not rules & {"body"}):
        return "teaser"
    if ("misread authors", "yes") in told:
        return "fields_swapped"
    dated = {("misread published", "yes"), ("impossible date", "yes")} & told
    off = {("date", value) for value in ("ahead", "far ahead", "long ago")} & told
    if dated or off or rules == {"published"} or (traits & {"precision", "offset"} and not rules):
        return "date_format"
    if rules or short:
        return "selector_dead"
    if any(trait.startswith("shown ") for trait in traits):
        return "feed_frozen"
    return "other" if found else None


def sentence(cause: Cause, found: Sequence[Deviation], rules: Selectors) -> str:
    """What to tell people: the cause, and what shows it."""
    return f"{WORDS[cause]}: {'; '.join(evidence(found, rules)[:3])}."


def evidence(found: Sequence[Deviation], rules: Selectors) -> list[str]:
    """A clause for each deviation, the surest first."""
    return [_clause(deviation, rules) for deviation in found]


def offset_sentence(error: timedelta, own: timedelta) -> str:
    """What to tell of a constant error of an outlet's times."""
    way = "late" if error > timedelta() else "early"
    reason = {
        own: f": it states local time ({_signed(own)}) as UTC",
        -own: f": it states UTC as local time ({_signed(own)})",
    }.get(error, "")
    return f"Its times are {_signed(error)[1:]} too {way}{reason}."


WORDS: Mapping[Cause, str] = {
    "feed_gone": "A source is gone",
    "feed_frozen": "A source shows nothing new",
    "selector_dead": "A rule of the outlet finds nothing any more",
    "fields_swapped": "A rule of the outlet finds something else",
    "teaser": "There is a teaser in place of the story",
    "blocked": "We are blocked",
    "consent_page": "There is a consent page in place of stories",
    "captcha_page": "There is a captcha in place of stories",
    "soft_404": "Stories answer with a page that says they are not there",
    "pages_gone": "Stories that its sources show are not there",
    "date_format": "Its dates are written in another way",
    "wrong_offset": "Its times are wrong by a constant",
    "encoding": "Its text is in another encoding than it says",
    "site_down": "The site is down",
    "nothing_published": "Nothing is published",
    "unreadable": "Its pages cannot be read",
    "other": "It is not what it was",
}


def _clause(deviation: Deviation, rules: Selectors) -> str:
    usual = f"usually {deviation.usual:.0%}"
    what, _, name = deviation.trait.partition(" ")
    many = f"{deviation.count} of the last {deviation.of} stories"
    if what == "origin":
        told = "have none" if deviation.value == "none" else f"have it from {deviation.value}"
        rule = getattr(rules, name, ())
        first = rule if isinstance(rule, str) else next(iter(rule), "")
        dead = f", and {first} matches nothing" if first and deviation.value != "selector" else ""
        return f"{name}: {many} {told} ({usual}{dead})"
    if what == "size":
        return f"{many} are {deviation.value} in {name} ({usual})"
    if what == "shown":
        return f"{many} were not shown by {name} ({usual} are not)"
    if what == "read":
        return f"{many} ended as {deviation.value} ({usual})"
    return f"{deviation.trait}: {many} say {deviation.value} ({usual})"


def _signed(offset: timedelta) -> str:
    minutes = int(abs(offset).total_seconds() // 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"

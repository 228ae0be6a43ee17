"""Dates as outlets print them, read into instants; what is not stated is not made up."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.article import Precision, Timestamp

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

_LONGEST = 64  # characters; dateparser's time grows with length, and no date is longer
_EARLIEST = 1990
_AHEAD = 2  # years after now in which a stated date is believed

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_TIME = (
    r"(?:(?:\s*[,|@–—-]\s*|\s+)(?:at\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?:\s*(?P<half>[ap])\.?m\.?)?)?"
)
# A two-digit year is believed only before a time with seconds: RFC 822 and RSS.
_YEAR = r"(?P<year>\d{4}|\d\d(?=\s+\d\d:\d\d:\d\d))"
_SHAPES = tuple(
    re.compile(shape, re.ASCII | re.IGNORECASE)
    for shape in (
        # ISO 8601 and RFC 3339, extended or basic, the T perhaps a space, slashes for hyphens.
        r"(?P<year>\d{4})(?P<dash>[-/.]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
        r"(?:(?:T|\s*,?\s*)(?P<hour>\d\d):?(?P<minute>\d\d)"
        r"(?::?(?P<second>\d\d)(?:[.,]\d{1,9})?)?)?",
        rf"{_WEEKDAY}{_DAY}[\s.-]+(?:of\s+)?{_MONTH},?[\s.-]*{_YEAR}{_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s*{_DAY},?\s+(?P<year>\d{{4}}){_TIME}",
    )
)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?", re.ASCII)
_LABEL = re.compile(
    r"(?:(?:first |last )?(?:published|posted|updated|modified|created)|date)(?: on| at)?\s*:?\s+",
    re.IGNORECASE,
)
# An offset or zone name after a time, as in `10:15 GMT+9`, `10:15:00+0500 (PKT)`, `10:15Z`.
_ZONE = re.compile(
    r"(?P<rest>.*:\d\d(?:[.,]\d{1,9})?(?:\s*[apAP]\.?[mM]\.?)?|\d{8}T\d{4,6})\s*\(?"
    r"(?:(?P<name>[A-Z]{1,5})?(?P<sign>[+−-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?"
    r"|(?P<only>(?![AP]M\b)[A-Z]{1,5}))(?:\s*\([\w\s]*\)|\[[\w/]*\]|\))?",
    re.ASCII,
)
# Names that mean one offset everywhere, minutes east of UTC; the American ones as RFC 2822 has
# them. Others (IST, BST, CST of China) are read only where the outlet's zone goes by that name.
_OFFSETS = {
    name: int(hours * 60)
    for zones in (
        "Z:0 UT:0 UTC:0 GMT:0 EST:-5 EDT:-4 CST:-6 CDT:-5 MST:-7 MDT:-6 PST:-8 PDT:-7",
        "WET:0 WEST:1 CET:1 CEST:2 EET:2 EEST:3 MSK:3 WAT:1 CAT:2 SAST:2 EAT:3",
        "PKT:5 NPT:5.75 WIB:7 SGT:8 HKT:8 JST:9 KST:9 AEST:10 AEDT:11",
    )
    for name, _, number in (zone.partition(":") for zone in zones.split())
    for hours in (float(number),)
}
# What relative dates are read against: dateparser keeps a cache for every base it is given, so
# it is given one; the odd microseconds show whether the text stated the time itself.
_BASE = datetime(2000, 6, 15, 12, 0, 0, 123457)  # noqa: DTZ001 (local by design)
_EN_RELATIVE = re.compile(r"\b(?:ago|yesterday|today|now)\b", re.IGNORECASE)
_NOT_A_DATE = re.compile(r"[\[\]{}<>;&+=*#@!?\\]")
_NUMERIC = re.compile(r"(?<!\d)([1-9]|0[1-9]|1[0-2])([/.-])([1-9]|0[1-9]|1[0-2])\2\d{4}(?!\d)")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a text states: a local time (naive), and how exactly; `offset` if it states one."""

    local: datetime
    precision: Precision
    offset: timezone | None = None
    flags: tuple[str, ...] = ()


def read_date(
    text: str, *, zone: str, source: str, language: str | None = None, now: datetime
) -> Timestamp | None:
    """Read the date that `text` states.

    Args:
        text: a date and nothing else; longer than 64 characters it is not read.
        zone: IANA zone of the outlet, assumed where the text states no offset.
        source: where the text was found, kept in the result.
        language: BCP 47, of the text; English is always understood.
        now: aware; what "2 hours ago" is relative to (flagged ``relative``).

    Returns:
        None if the text does not state a year, a month and a day between 1990 and two years
        from `now`. Flags: ``ambiguous`` (a local time that came twice: the first is taken),
        ``nonexistent`` (one that was skipped), ``ambiguous_order`` (03/04/2024 in English).
    """
    if len(text) > _LONGEST:
        return None
    printed = " ".join(text.split())
    with suppress(ValueError, OverflowError, KeyError, OSError):
        outlet = ZoneInfo(zone)
        for reading in _readings(_LABEL.sub("", printed, count=1), outlet, language, now):
            if _EARLIEST <= reading.local.year <= now.year + _AHEAD:
                return _timestamp(reading, outlet, zone, printed, source)
    return None


def is_date(text: str) -> bool:
    """Tell whether `text` is a date in figures or in English, and nothing else."""
    if len(text) > _LONGEST:
        return False
    stated = _LABEL.sub("", " ".join(text.split()), count=1)
    if zoned := _ZONE.fullmatch(stated):
        stated = zoned["rest"]
    return any(shape.fullmatch(stated) for shape in _SHAPES)


def _readings(
    text: str, outlet: ZoneInfo, language: str | None, now: datetime
) -> Iterator[_Reading]:
    if _EPOCH.fullmatch(text):
        at = datetime.fromtimestamp(int(text[:10]), UTC).replace(tzinfo=None)
        yield _Reading(at, "second", UTC)
        return
    zoned = _ZONE.fullmatch(text)
    stated = _in_shape(zoned["rest"] if zoned else text) or _by_words(
        zoned["rest"] if zoned else text, outlet, language, now
    )
    if stated is None:
        return
    if zoned is None:
        yield stated
    elif (offset := _offset(zoned, stated.local, outlet)) is not None:
        yield _Reading(stated.local, stated.precision, offset, stated.flags)


def _in_shape(text: str) -> _Reading | None:
    for shape in _SHAPES:
        if match := shape.fullmatch(text):
            part = match.groupdict()
            month = part["month"]
            year = int(part["year"])
            hour = int(part["hour"] or 0)
            if half := part.get("half"):
                hour = hour % 12 + (12 if half in "pP" else 0)
            local = datetime(  # noqa: DTZ001 (local by design)
                year if len(part["year"]) > 2 else 2000 + year,
                int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1,
                int(part["day"]),
                hour,
                int(part["minute"] or 0),
                int(part["second"] or 0),
            )
            return _Reading(
                local, "second" if part["second"] else "minute" if part["hour"] else "day"
            )
    return None


def _by_words(text: str, outlet: ZoneInfo, language: str | None, now: datetime) -> _Reading | None:
    """Read what only `dateparser` can: other languages, other orders, relative dates."""
    if _NOT_A_DATE.search(text):
        return None
    figures = re.sub(r"\d", lambda digit: str(int(digit[0])), text)
    relative = re.search(r"(?<!\d)\d{4}(?!\d)", figures) is None
    order = ""
    if _NUMERIC.search(figures) and (language or "en").lower().startswith("en"):
        order = "MDY" if _is_american(language, outlet) else "DMY"
    parser = _parser((language or "en").partition("-")[0].lower(), order, relative=relative)
    try:
        found = parser.get_date_data(text)
    except Exception:  # noqa: BLE001 - a library that guesses may fail in any way
        return None
    local = found.date_obj
    # A zone it found is one of those that mean different things in different places.
    if local is None or local.tzinfo is not None:
        return None
    if relative:
        # It takes "5 mins", as in the time a page takes to read, for five minutes ago.
        if found.locale == "en" and not _EN_RELATIVE.search(text):
            return None
        return _relative(local, now.astimezone(outlet).replace(tzinfo=None, microsecond=0))
    seconds = re.search(r":\d\d:\d\d", figures)
    timed = ":" in text or local.time() != time.min
    precision: Precision = "second" if seconds else "minute" if timed else "day"
    return _Reading(local, precision, None, ("ambiguous_order",) if order else ())


def _relative(stated: datetime, now: datetime) -> _Reading | None:
    """Move a local time stated relative to `_BASE` to where it is relative to `now`."""
    if stated.microsecond == _BASE.microsecond:  # "2 hours ago"
        local = now - (_BASE - stated)
    else:  # "yesterday at 10:30"
        local = datetime.combine(now.date() - (_BASE.date() - stated.date()), stated.time())
    # "2 weeks ago" states no day, and a date to come is no date of publication.
    if not timedelta(0) <= now - local < timedelta(days=7):
        return None
    whole_days = local.time() == now.time()
    return _Reading(local, "day" if whole_days else "minute", None, ("relative",))


@cache
def _parser(language: str, order: str, *, relative: bool) -> "DateDataParser":
    # Imported late: with its language data it takes 0.3 s, and most dates never come here.
    from dateparser.date import DateDataParser  # noqa: PLC0415

    settings = {
        "STRICT_PARSING": True,
        "REQUIRE_PARTS": ["day", "month", "year"],
        "PARSERS": ["relative-time" if relative else "absolute-time"],
        "RELATIVE_BASE": _BASE,
        **({"DATE_ORDER": order} if order else {}),
    }
    try:
        languages = list(dict.fromkeys((language, "en")))
        return DateDataParser(languages=languages, settings=settings, use_given_order=True)
    except ValueError:  # a language it does not know
        return DateDataParser(languages=["en"], settings=settings)


def _is_american(language: str | None, outlet: ZoneInfo) -> bool:
    region = (language or "").partition("-")[2].upper()
    return region == "US" or (not region and str(outlet).startswith(("America/", "US/")))


def _offset(zoned: re.Match[str], local: datetime, outlet: ZoneInfo) -> timezone | None:
    """Return the offset the text states, or None if its zone's name could mean several."""
    if sign := zoned["sign"]:
        minutes = int(zoned["hours"]) * 60 + int(zoned["minutes"] or 0)
        return timezone(timedelta(minutes=minutes if sign == "+" else -minutes))
    name = zoned["only"]
    for fold in (0, 1):
        own = local.replace(tzinfo=outlet, fold=fold)
        if own.tzname() == name:
            return timezone(_utcoffset(own))
    return timezone(timedelta(minutes=_OFFSETS[name])) if name in _OFFSETS else None


def _timestamp(reading: _Reading, outlet: ZoneInfo, zone: str, text: str, source: str) -> Timestamp:
    flags = reading.flags
    local = reading.local
    if reading.precision == "day":
        local = local.replace(hour=0, minute=0, second=0)
    where: tzinfo = reading.offset or outlet
    first, second = (_utcoffset(local.replace(tzinfo=where, fold=fold)) for fold in (0, 1))
    # PEP 495: the clock was put back where the first reading is further east, else forward.
    if first != second and reading.precision != "day":
        flags += ("ambiguous" if first > second else "nonexistent",)
    at = local.replace(tzinfo=where).astimezone(UTC)
    return Timestamp(
        at=at,
        text=text,
        offset=_printed(_utcoffset(at.astimezone(where))),
        zone=None if reading.offset else zone,
        precision=reading.precision,
        source=source,
        flags=flags,
    )


def _utcoffset(aware: datetime) -> timedelta:
    return aware.utcoffset() or timedelta(0)


def _printed(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

"""Dates as outlets print them, read into instants. What a text does not state is not made up."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from crawler.text.dates.days import find_days, western_digits
from crawler.text.dates.relative import read_relative_time
from crawler.text.dates.times import country_of, find_time_of_day, zone_offset
from crawler.text.dates.timestamp import LocalTime, Precision, Timestamp, format_offset

_MAX_LENGTH = 64  # characters; no date is longer
_MIN_YEAR = 1990
_MIN_GREGORIAN_YEAR = 1700  # before: years of the Persian or the Islamic calendar
_MAX_AHEAD = 2  # years after now in which a stated date is believed

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
        r"(?P<year>\d{4})(?P<dash>[-/. ]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
        r"(?:(?:T|\s*,?\s*)(?P<hour>\d\d|\d(?=:)):?(?P<minute>\d\d)"
        r"(?::?(?P<second>\d\d?)(?:[.,]\d{1,9})?)?)?",
        rf"{_WEEKDAY}{_DAY}[\s.-]+(?:of\s+)?{_MONTH},?[\s.-]*{_YEAR}{_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s*{_DAY},?\s+(?P<year>\d{{4}}){_TIME}",
    )
)
# Of seconds, or of thousandths, millionths or billionths of one.
_EPOCH = re.compile(r"\d{10}(?:(?:\d{3}){1,3}|\.\d{1,9})?", re.ASCII)
_MONTH_FIRST = frozenset("US PH PR GU VI AS MP FM PW MH".split())
_AMERICAN = re.compile(
    r"\b(?P<initial>[ECMP])(?:astern|entral|ountain|acific)(?: (?:Standard|Daylight))? Time\b"
)
_LABEL = re.compile(
    r"(?:(?:first |last )?(?:published|posted|updated|modified|created)|date)(?: on| at)?\s*:?\s+",
    re.IGNORECASE,
)
# An offset or zone name after a time, as in `10:15 GMT+9`, `10:15:00+0500 (PKT)`, `10:15Z`.
_ZONE = re.compile(
    r"(?P<rest>.*:\d\d?(?:[.,]\d{1,9})?(?:\s*[apAP]\.?[mM]\.?)?|\d{8}T\d{4,6})\s*\(?"
    r"(?:(?P<name>[A-Z]{1,5})?(?P<sign>[+−-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?"
    r"|(?P<only>(?![AP]M\b)[A-Z]{1,5}))(?:\s*\([\w\s]*\)|\[[\w/]*\]|\))?",
    re.ASCII,
)


def read_date(
    text: str, *, zone: str, source: str, language: str | None = None, now: datetime
) -> Timestamp | None:
    """Read the date that `text` states.

    Args:
        text: a date, perhaps with a label or a name; longer than 64 characters it is not read.
        zone: IANA zone of the outlet, assumed where the text states no offset.
        source: where the text was found, kept in the result.
        language: BCP 47, of the text; others are understood where no word means something else.
        now: aware; what "2 hours ago" is relative to (flagged ``relative``).

    Returns:
        None if the text does not state a year, a month and a day between 1990 and two years
        from `now`, or if it states several. Flags: ``ambiguous`` (a local time that came twice:
        the first is taken), ``nonexistent`` (one that was skipped), ``ambiguous_order``
        (03/04/2024 in English), ``unknown_zone`` (it names one that could be several: only the
        day is kept), ``lunar`` (a day of the Islamic calendar, which may be one off).
    """
    if len(text) > _MAX_LENGTH:
        return None
    printed = " ".join(text.split())
    stated = _AMERICAN.sub(r"\g<initial>T", _LABEL.sub("", printed, count=1))
    with suppress(ValueError, OverflowError, KeyError, OSError):
        home = ZoneInfo(zone)
        found = _read_local(stated, home, language, now)
        if found and _MIN_YEAR <= found.local.year <= now.year + _MAX_AHEAD:
            return _timestamp(found, home, zone, printed, source)
    return None


def find_dates(line: str, *, language: str | None, now: datetime) -> list[str]:
    """Return the parts of a line of text that state dates, each as `read_date` can read it."""
    figures = western_digits(line)
    found: list[str] = []
    for day in find_days(figures, language=language, american=False, latest=now.year + _MAX_AHEAD):
        clock = find_time_of_day(figures, day.start, day.end)
        start = min(day.start, clock.start) if clock else day.start
        end = max(day.end, clock.end) if clock else day.end
        # Chinese numerals are shorter or longer than the digits they stand for.
        part = (line if len(line) == len(figures) else figures)[start:end]
        found.append(part.strip())
    return found


def is_date(text: str) -> bool:
    """Tell whether `text` is a date in figures or in English, and nothing else."""
    if len(text) > _MAX_LENGTH:
        return False
    stated = _LABEL.sub("", " ".join(text.split()), count=1)
    if zoned := _ZONE.fullmatch(stated):
        stated = zoned["rest"]
    return any(shape.fullmatch(stated) for shape in _SHAPES)


def _read_local(text: str, home: ZoneInfo, language: str | None, now: datetime) -> LocalTime | None:
    if _EPOCH.fullmatch(text):
        at = datetime.fromtimestamp(int(text[:10]), UTC).replace(tzinfo=None)
        return LocalTime(at, "second", UTC)
    zoned = _ZONE.fullmatch(text)
    stated = _in_known_shape(zoned["rest"] if zoned else text)
    if stated and zoned:
        name = zoned["only"]
        if zoned["sign"]:
            name = f"{zoned['sign']}{int(zoned['hours']):02}:{zoned['minutes'] or '00'}"
        stated = _in_zone(stated, name, home, language)
    return stated or _in_line(text, home, language, now) or _ago(text, home, language, now)


def _in_line(text: str, home: ZoneInfo, language: str | None, now: datetime) -> LocalTime | None:
    """Read the one day that a line states, with the time beside it."""
    figures = western_digits(text)
    days = find_days(
        figures,
        language=language,
        american=_is_american(language, home),
        latest=now.year + _MAX_AHEAD,
    )
    # Where the same day is given in two calendars, the Gregorian one leaves no doubt.
    days.sort(key=lambda day: day.calendar != "gregorian")
    if not days or len({day.day for day in days if day.calendar == days[0].calendar}) > 1:
        return None
    day = days[0]
    flags: tuple[str, ...] = ("ambiguous_order",) if day.ambiguous else ()
    flags += ("lunar",) if day.calendar == "hijri" else ()
    local = datetime.combine(day.day, time.min)
    clock = find_time_of_day(figures, min(d.start for d in days), max(d.end for d in days))
    if clock is None:
        return LocalTime(local, "day", None, flags)
    local = local.replace(hour=clock.hour, minute=clock.minute, second=clock.second or 0)
    precision: Precision = "minute" if clock.second is None else "second"
    found = LocalTime(local, precision, None, flags)
    return _in_zone(found, clock.zone, home, language) if clock.zone else found


def _in_zone(found: LocalTime, name: str, home: ZoneInfo, language: str | None) -> LocalTime:
    if offset := zone_offset(name, found.local, home, language):
        return replace(found, offset=offset)
    return replace(found, precision="day", flags=(*found.flags, "unknown_zone"))


def _in_known_shape(text: str) -> LocalTime | None:
    for shape in _SHAPES:
        if match := shape.fullmatch(text):
            part = match.groupdict()
            month = part["month"]
            year = int(part["year"])
            if 100 < year < _MIN_GREGORIAN_YEAR:
                return None
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
            exact: Precision = "second" if part["second"] else "minute" if part["hour"] else "day"
            return LocalTime(local, exact)
    return None


def _ago(text: str, home: ZoneInfo, language: str | None, now: datetime) -> LocalTime | None:
    """Read a date relative to now."""
    local = now.astimezone(home).replace(tzinfo=None, microsecond=0)
    found = read_relative_time(western_digits(text), language, local)
    # A time to come is not one of publication.
    return found if found and found.local <= local else None


def _is_american(language: str | None, home: ZoneInfo) -> bool:
    """Tell whether the month comes first: in English, where the language's region or else the
    outlet's zone is of a country with that habit.
    """
    base, _, region = (language or "en").partition("-")
    return base.lower() == "en" and (region.upper() or country_of(home)) in _MONTH_FIRST


def _timestamp(found: LocalTime, home: ZoneInfo, zone: str, text: str, source: str) -> Timestamp:
    flags = found.flags
    local = found.local
    if found.precision == "day":
        local = local.replace(hour=0, minute=0, second=0)
    where: tzinfo = found.offset or home
    first, second = (_utcoffset(local.replace(tzinfo=where, fold=fold)) for fold in (0, 1))
    # PEP 495: the clock was put back where the first reading is further east, else forward.
    if first != second and found.precision != "day":
        flags += ("ambiguous" if first > second else "nonexistent",)
    at = local.replace(tzinfo=where).astimezone(UTC)
    return Timestamp(
        at=at,
        text=text,
        offset=format_offset(_utcoffset(at.astimezone(where))),
        zone=None if found.offset else zone,
        precision=found.precision,
        source=source,
        flags=flags,
    )


def _utcoffset(aware: datetime) -> timedelta:
    return aware.utcoffset() or timedelta(0)

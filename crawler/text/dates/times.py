"""Times of day and zones, as they are printed beside a date."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from crawler.text.dates.timestamp import parse_offset

_AM = r"a\.?\s?m\b\.?|午前|上午|早上|凌晨|오전|صباح[اً]*|ص|ق\.?ظ\.?|π\.?μ\.?|de\.|sa|sáng|पूर्वाह्न"
_PM = r"p\.?\s?m\b\.?|午後|下午|晚上|오후|مساء[اً]*|م|ب\.?ظ\.?|μ\.?μ\.?|du\.|ch|chiều|tối|अपराह्न"
_DAY_HALF = rf"(?:{_AM}|{_PM})"
_CLOCK = re.compile(
    rf"(?:(?P<before>{_DAY_HALF})\s?)?(?<![\d:.,/-])(?P<hour>\d{{1,2}})"
    r"(?:\s?[:：h時时點点시]\s?(?P<minute>[0-5]\d)(?!\d)"
    r"(?:\s?[:：分분m.]\s?(?P<second>[0-5]?\d)(?!\d)(?:[.,]\d{1,9})?)?"
    r"|\.(?P<pointed>[0-5]\d)(?![\d.])"
    rf"|(?=\s?{_DAY_HALF}(?!\w))|h(?!\w)|(?=\s?(?:uhr|時|时|點|点|시)))"
    rf"\s?[分분秒초]?(?:\s?(?P<after>{_DAY_HALF})(?!\w))?(?:\s?(?:uhr|hrs?|uur|น|h|ч)(?!\w)\.?)?"
    r"(?-i:\s?[,(]?\s?\(?(?:(?P<name>[A-Z]{1,5})?(?P<sign>[+−-])(?P<hours>\d{1,2})"
    r"(?::?(?P<minutes>\d\d))?(?![\d:])|(?P<only>[A-ZА-Я]{1,5})(?!\w))\)?)?",
    re.IGNORECASE,
)
_MAX_GAP = 24  # characters between a day and its time
# Names that mean one offset everywhere, minutes east of UTC; the American ones as RFC 2822 has
# them.
_OFFSETS = {
    name: int(float(hours) * 60)
    for zones in (
        "Z:0 UT:0 UTC:0 GMT:0 EST:-5 EDT:-4 CST:-6 CDT:-5 MST:-7 MDT:-6 PST:-8 PDT:-7",
        "AKST:-9 AKDT:-8 HST:-10 NST:-3.5 NDT:-2.5 ADT:-3 BRT:-3 ART:-3",
        "WET:0 WEST:1 CET:1 CEST:2 MEZ:1 MESZ:2 EET:2 EEST:3 MSK:3 МСК:3 TRT:3 IRST:3.5",
        "WAT:1 CAT:2 SAST:2 EAT:3 PKT:5 NPT:5.75 ICT:7 WIB:7 WITA:8 WIT:9 SGT:8 MYT:8 HKT:8",
        "PHT:8 AWST:8 JST:9 KST:9 ACST:9.5 ACDT:10.5 AEST:10 AEDT:11 NZST:12 NZDT:13",
    )
    for name, _, hours in (zone.partition(":") for zone in zones.split())
}
# Names that mean different offsets in different countries, and the countries.
_SHARED_NAMES = {
    "IST": {"IN": 330, "IL": 120, "IE": 60},
    "BST": {"GB": 60, "BD": 360},
    "CST": {"CN": 480, "TW": 480, "CU": -300},
    "AST": {"SA": 180, "CA": -240, "PR": -240},
    "GST": {"AE": 240, "OM": 240},
    "AMT": {"BR": -240, "AM": 240},
    "PST": {"PH": 480},
}
_COUNTRIES = {"hi": "IN", "he": "IL", "ga": "IE", "bn": "BD", "zh": "CN", "ar": "SA", "hy": "AM"}
_COUNTRIES |= dict.fromkeys(("ta", "te", "ml", "kn", "mr", "gu", "pa"), "IN")
_AMERICAN = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}

_DOMAINS = {"UK": "GB"}  # countries whose domain is not their code in ISO 3166


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day found in a line of text, and its position."""

    hour: int
    minute: int
    second: int | None
    zone: str | None
    """The name of a zone, or an offset such as ``+05:30``."""
    start: int
    end: int


def find_time_of_day(text: str, start: int, end: int) -> TimeOfDay | None:
    """Find the time beside the day that stands from `start` to `end`: after it, else before.

    ``Sat Nov 30 10:15:00 2024``, as C prints it, has it inside.
    """
    for match in (
        _CLOCK.search(text, end, end + 2 * _MAX_GAP + 16),
        *list(_CLOCK.finditer(text, max(0, start - 2 * _MAX_GAP), start))[-1:],
        _CLOCK.search(text, start, end),
    ):
        if match and _is_beside(match, text, start, end):
            return _time_of_day(match)
    return None


def _is_beside(match: re.Match[str], text: str, start: int, end: int) -> bool:
    if match.start() >= end:
        gap = text[end : match.start()]
    elif match.end() <= start:
        gap = text[match.end() : start]
    else:
        return match["second"] is not None
    return len(gap) <= _MAX_GAP and not any(map(str.isdigit, gap))


def _time_of_day(match: re.Match[str]) -> TimeOfDay | None:
    hour = int(match["hour"])
    if (half := match["before"] or match["after"]) and hour <= 12:
        hour = hour % 12 + (12 if re.fullmatch(_PM, half, re.IGNORECASE) else 0)
    if hour > 23:
        return None
    zone = match["only"]
    if match["sign"]:
        sign = "+" if match["sign"] == "+" else "-"
        zone = f"{sign}{int(match['hours']):02}:{match['minutes'] or '00'}"
    second = match["second"]
    return TimeOfDay(
        hour,
        int(match["minute"] or match["pointed"] or 0),
        int(second) if second else None,
        zone if zone and (match["sign"] or is_zone(zone)) else None,
        *match.span(),
    )


def is_zone(name: str) -> bool:
    """Tell whether capitals after a time are meant as a zone, known or not."""
    return name in _OFFSETS or name in _AMERICAN or (len(name) > 2 and name.endswith("T"))


def zone_offset(
    zone: str, local: datetime, outlet: ZoneInfo, language: str | None
) -> timezone | None:
    """Return the offset a zone's name means at a local time, or None if it could be several.

    A name by which the outlet's own zone goes is that, with or without the A of Australia; one that
    several countries use is that of the country of `language` (BCP 47), else of the outlet's zone.
    """
    if zone[0] in "+-":
        return timezone(parse_offset(zone))
    for fold in (0, 1):
        own = local.replace(tzinfo=outlet, fold=fold)
        if own.tzname() in (zone, f"A{zone}"):
            return timezone(own.utcoffset() or timedelta(0))
    if name := _AMERICAN.get(zone):
        return timezone(local.replace(tzinfo=ZoneInfo(name)).utcoffset() or timedelta(0))
    base, _, rest = (language or "").partition("-")
    country = rest.rpartition("-")[2].upper() or _COUNTRIES.get(base.lower()) or country_of(outlet)
    stated = _SHARED_NAMES.get(zone, {}).get(country, _OFFSETS.get(zone))
    return None if stated is None else timezone(timedelta(minutes=stated))


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name in the IANA's database, e.g. ``Asia/Karachi``.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in _zone_names():  # files beside them have other names, e.g. right/UTC, localtime
        raise ValueError("use e.g. Asia/Karachi")
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


def country_offset(country: str, at: datetime) -> str | None:
    """Return the offset in force at an instant in all of a country, e.g. ``+01:00``.

    Args:
        country: its letters in a domain, e.g. ``it``.
        at: aware.
    """
    zones = _zones().get(_DOMAINS.get(country.upper(), country.upper()), [])
    offsets = {f"{at.astimezone(ZoneInfo(zone)):%z}" for zone in zones}
    return f"{(offset := offsets.pop())[:3]}:{offset[3:5]}" if len(offsets) == 1 else None


@cache
def country_of(zone: ZoneInfo) -> str:
    """Return the code in ISO 3166 of a zone's country, e.g. ``IT``; nothing for ``UTC``."""
    return next((country for country, zones in _zones().items() if zone.key in zones), "")


@cache
def _zones() -> dict[str, list[str]]:
    """Return the zones of each country, by the table of the tz database."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    zones: dict[str, list[str]] = defaultdict(list)
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones[country].append(zone)
    return zones

"""The dates of publication and last change, chosen among all that a page states or prints."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from parsel import Selector

from crawler.article import DATE_CONFLICT, Article
from crawler.extract.candidates import Candidates
from crawler.extract.dates.shown_dates import read_shown_dates
from crawler.outlet import ExtractionConfig
from crawler.text.dates.parser import read_date
from crawler.text.dates.times import country_offset
from crawler.text.dates.timestamp import Timestamp, format_offset
from crawler.text.tidy import tidy

# A day in an address: /2024/11/30/, /2024-11-30-, /20241130/, /2024/nov/30/, /30-11-2024-,
# /30112024-.
_IN_ADDRESS = re.compile(
    r"(?<!\d)(?:(?P<y>(?:19|20)\d\d)(?P<dash>[/_-]?)(?P<m>\d\d|[a-z]{3})(?P=dash)(?P<d>\d\d)"
    r"|(?P<day>\d\d)(?P<to>-?)(?P<month>\d\d)(?P=to)(?P<year>20\d\d))(?!\d)"
)
_IN_SCRIPT = re.compile(
    r"\b(?:date_?published|(?:first_?)?published?_?(?:at|on|time|date|first)?|first-publication"
    r"|pub_?date|publication_?date|article_?date|erscheinungsdatum)"
    r"""\\?["']?\s*:\s*\\?["']([^"'\\]{8,40})\\?["']""",
    re.IGNORECASE,
)
_NUMERIC_DATE = re.compile(r"(\d\d)/(\d\d)(/\d{4}\b.*)")
_MAX_SCRIPT = 500_000  # characters
_MAX_IN_SCRIPTS = 50
_ZERO = timedelta(0)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_TWO_DAYS = timedelta(days=2)
_HALF_DAY = timedelta(hours=12)
_HALF_HOUR = timedelta(minutes=30)  # nearly every zone is so many from UTC
_MAX_HALF_HOURS = 14 * 2


def fill_dates(
    article: Article,
    url: str,
    config: ExtractionConfig,
    candidates: list[Candidates],
    root: Selector,
) -> None:
    """Fill in `published` and `modified`, each from the first of `candidates` that states it.

    Where none does, from what the page prints, and at last the day of publication from its
    address. Where the day is stated without a time, or in UTC by a page of an unknown zone, the
    page is asked for the time, or for the local time of the same instant. A page that presents the
    day of its last change as its date is flagged ``update_shown``.
    """
    read = partial(_read, article=article, config=config)
    modified = [date for source in candidates for date in read(source.modified, source.origin)]
    dates = [date for source in candidates for date in read(source.published, source.origin)]
    day = _day_in(url)
    days = {day} if day else set()
    if not dates or _needs_printed_dates(dates, modified[:1], config, day):
        shown = read_shown_dates(root, article.title, article.language, article.fetched)
        modified += read(shown.modified, "generic")
        printed = read(shown.published, "generic")
        beside = read(shown.beside, "generic")
        days |= {date.day for date in beside if date.zone}
        if dates and len({date.day for date in beside}) == 1:
            if _shows_update(dates[0], modified[:1], beside[0]):
                article.flags.append("update_shown")
            # Meta tags hold the time a page was made, or moved to another system, as often.
            elif dates[0].source == "meta" and abs(beside[0].at - dates[0].at) > _TWO_DAYS:
                dates = []
        if dates and (order := _NUMERIC_DATE.match(dates[0].text)):
            # Systems made for America write 11/01/2024 into pages that print 1.11.2024.
            swapped = read([f"{order[2]}/{order[1]}{order[3]}"], dates[0].source)
            if {date.day for date in swapped} & {date.day for date in printed}:
                dates = [replace(swapped[0], text=dates[0].text)]
        dates += printed
    dates = dates or _unambiguous(read(_in_scripts(root), "generic"))
    # An address that names a day to come is about an event.
    dates = dates or [date for date in read([day or ""], "generic") if date.at <= article.fetched]
    if modified:
        article.modified, article.origins["modified"] = modified[0], modified[0].source
    if dates:
        chosen = _with_printed_offset(_most_precise(dates), dates)
        chosen = _with_country_offset(chosen, config, url, days)
        stated = [
            date for date in (*dates, *read([day or ""], "address")) if date.source != "generic"
        ]
        if any(abs(date.at - chosen.at) > _TWO_DAYS for date in stated):
            article.flags.append(DATE_CONFLICT)
        article.published, article.origins["published"] = chosen, chosen.source


def _read(
    texts: Iterable[str], origin: str, *, article: Article, config: ExtractionConfig
) -> list[Timestamp]:
    dates = [
        read_date(
            tidy(text),
            zone=config.timezone,
            source=origin,
            language=article.language,
            now=article.fetched,
        )
        for text in texts
    ]
    return [date for date in dates if date]


def _unambiguous(dates: list[Timestamp]) -> list[Timestamp]:
    """Return the dates if they are of one day: those of several are of several stories."""
    return dates if len({date.day for date in dates}) == 1 else []


def _needs_printed_dates(
    dates: list[Timestamp], modified: list[Timestamp], config: ExtractionConfig, day: str | None
) -> bool:
    """Tell whether what the page prints may say more, or other, than its markup for machines."""
    date = dates[0]
    if all(date.precision == "day" for date in dates) or date.source == "meta":
        return True
    if any(change.day != date.day for change in modified) or _NUMERIC_DATE.match(date.text):
        return True
    in_utc = config.timezone == "UTC" and all(each.offset == "+00:00" for each in dates)
    return in_utc and date.zone is None and f"{date.at:%Y-%m-%d}" != day


def _shows_update(published: Timestamp, modified: list[Timestamp], printed: Timestamp) -> bool:
    """Tell whether the day printed as the story's is that of its last change."""
    if not modified or not published.day != modified[0].day == printed.day:
        return False
    # A change within a day of a time in UTC may have been on the same day where the outlet is.
    in_utc = published.zone is None and published.offset == "+00:00"
    return "relative" not in printed.flags and (not in_utc or modified[0].at - published.at > _DAY)


def _with_country_offset(
    date: Timestamp, config: ExtractionConfig, url: str, days: Collection[str | None]
) -> Timestamp:
    """Give a date in UTC the offset of the country in its address, where the page, or the address,
    names the day it was there: ``2024-11-29T23:01Z`` under ``.it``, and "30 novembre".
    """
    if date.zone or config.timezone != "UTC" or date.offset != "+00:00" or date.day in days:
        return date
    country = (urlsplit(url).hostname or "").rpartition(".")[2]
    offset = country_offset(country, date.at)
    if offset is None:
        return date
    local = replace(date, offset=offset)
    return local if local.day in days else date


def _in_scripts(root: Selector) -> list[str]:
    """Return the dates of publication in the page's scripts, in JSON broken or embedded."""
    return [
        match[1]
        for script in root.xpath("//script[not(@src)]/text()").getall()
        for match in _IN_SCRIPT.finditer(script[:_MAX_SCRIPT])
    ][:_MAX_IN_SCRIPTS]


def _most_precise(dates: list[Timestamp]) -> Timestamp:
    """Return the first date, or if it states no time another of the same day that does.

    A meta tag's bare day is at times that of another event in a system's life, such as the
    creation of a draft: what is printed beside the headline is believed before it.
    """
    first = dates[0]
    if first.precision != "day":
        return first
    if fuller := [d for d in dates if d.precision != "day" and d.day == first.day]:
        return fuller[0]
    printed = [date for date in dates if date.source == "generic"]
    return printed[0] if first.source == "meta" and printed else first


def _with_printed_offset(date: Timestamp, others: list[Timestamp]) -> Timestamp:
    """Give a date in UTC the offset of the outlet's place, where the page also states its local
    time: ``2024-02-25T02:25:54Z`` and ``February 24, 2024, 9:25 pm`` are the same at -05:00.
    """
    if date.zone or date.precision == "day" or date.offset != "+00:00":
        return date
    for other in others:
        if other.zone not in (None, "UTC"):  # the outlet's zone is known
            continue
        if other.precision == "day":
            # A day kept as the first moment of it, in UTC: 2024-11-29T23:00Z is the 30th at +01:00.
            ahead = other.at - date.at
            if _ZERO < ahead <= _HALF_DAY and not ahead % _HOUR:
                return replace(date, offset=format_offset(ahead))
            continue
        if other.zone is None:
            if other.offset != date.offset and abs(other.at - date.at) < _MINUTE:
                return replace(date, offset=other.offset)
            continue
        ahead = other.at - date.at + other.utcoffset
        halves = round(ahead / _HALF_HOUR)
        # What is printed has no seconds.
        if 0 < abs(halves) <= _MAX_HALF_HOURS and -_MINUTE < ahead - halves * _HALF_HOUR <= _ZERO:
            return replace(date, offset=format_offset(halves * _HALF_HOUR))
    return date


def _day_in(url: str) -> str | None:
    """Return the only day an address states in full."""
    days = {
        f"{match['y'] or match['year']}-{match['m'] or match['month']}-{match['d'] or match['day']}"
        for match in _IN_ADDRESS.finditer(urlsplit(url).path.lower())
    }
    return days.pop() if len(days) == 1 else None

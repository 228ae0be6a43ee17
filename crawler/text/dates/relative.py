"""Dates relative to the time of reading: ``2 hours ago``, ``hier à 10:30``."""

import re
from datetime import datetime, time, timedelta
from functools import cache

from crawler.text.dates.months import cldr_words
from crawler.text.dates.times import find_time_of_day
from crawler.text.dates.timestamp import LocalTime

_MAX_AGO = timedelta(days=7)  # "2 weeks ago" states no day
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
# In each language "today" and "yesterday"; the CLDR has them, Babel's copy of it has not.
_DAYS = """
en today yesterday
de heute gestern
fr aujourd'hui|aujourd’hui hier
es hoy ayer
it oggi ieri
pt hoje ontem
nl vandaag gisteren
pl dzisiaj|dziś wczoraj
cs dnes včera
sk dnes včera
hu ma tegnap
ro astăzi|azi ieri
sv idag|i dag igår|i går
da i dag|idag i går|igår
nb i dag i går
nn i dag i går
fi tänään eilen
is í dag í gær
et täna eile
lv šodien vakar
lt šiandien vakar
sl danes včeraj
hr danas jučer
sr danas|данас juče|јуче
bs danas jučer
mk денес вчера
bg днес вчера
el σήμερα χθες|χτες
tr bugün dün
az bu gün dünən
sq sot dje
ru сегодня вчера
uk сьогодні вчора
be сёння ўчора
kk бүгін кеше
he היום אתמול
ar اليوم أمس
fa امروز دیروز
ur آج گزشتہ کل|کل
hi आज कल|बीता कल
bn আজ গতকাল
ta இன்று நேற்று
te ఈ రోజు నిన్న
th วันนี้ เมื่อวาน|เมื่อวานนี้
vi hôm nay hôm qua
id hari ini kemarin
ms hari ini semalam
fil ngayong araw kahapon
sw leo jana
ja 今日|本日 昨日
ko 오늘 어제
zh 今天|今日 昨天|昨日
ca avui ahir
gl hoxe onte
eu gaur atzo
"""
_ONE = r"an?|one|einem|einer|une?|una|um|uma|én|en|ett|één|een|jeden|jedną|jednu|jednou|один|одну"
_MORE = {
    ("en", "minute"): ("{0} mins ago", "{0} min ago"),
    ("en", "hour"): ("{0} hrs ago", "{0} hr ago"),
    ("nb", "minute"): ("{0} minutter siden", "{0} minutt siden", "{0} min siden"),
    ("nb", "hour"): ("{0} timer siden", "{0} time siden"),
    ("da", "minute"): ("for {0} minutter siden", "for {0} min. siden", "{0} min siden"),
    ("da", "hour"): ("for {0} timer siden", "for {0} time siden"),
}
_MAX_LABEL = 16  # characters
_JUST_NOW = frozenset(("now", "just now", "gerade eben", "à l'instant", "ahora", "刚刚", "방금"))


_RELATIVE = ("relative",)  # the flag of such a date


def read_relative_time(text: str, language: str | None, now: datetime) -> LocalTime | None:
    """Read a time within the last week, in the page's language or in English.

    Args:
        text: all of the text about the time.
        language: BCP 47.
        now: the local time of the outlet, naive.
    """
    line = " ".join(text.split()).strip(" .,·•|–—-()")
    if line.lower() in _JUST_NOW:
        return LocalTime(now, "minute", flags=_RELATIVE)
    base = (language or "en").partition("-")[0].lower()
    for name in dict.fromkeys((base, "en")):
        for pattern, unit, number in _patterns("nb" if name == "no" else name):
            match = pattern.search(line)
            if match and _is_label(line[: match.start()] + line[match.end() :]):
                count = number or (int(match[1]) if match[1].isdecimal() else 1)
                local = now - count * _UNITS[unit]
                if now - local < _MAX_AGO:
                    return LocalTime(local, "day" if unit == "day" else "minute", flags=_RELATIVE)
        for back, words in enumerate(_days().get(name, ())):
            if (match := words.match(line)) or (match := words.search(line)):
                rest = line[: match.start()] + line[match.end() :]
                return _on(now - timedelta(days=back), rest)
    return None


def _is_label(rest: str) -> bool:
    """Tell whether what stands beside a time is no more than a label: ``Updated``."""
    return len(rest) <= _MAX_LABEL and not any(map(str.isdigit, rest))


def _on(day: datetime, rest: str) -> LocalTime | None:
    """Return the day, or the time on it that is all of `rest`."""
    if not any(map(str.isalnum, rest)):
        return LocalTime(day, "day", flags=_RELATIVE)
    line = f". {rest}"
    clock = find_time_of_day(line, 0, 1)
    # Beside a zone of its own the day may be another.
    if clock is None or clock.zone or not _is_label(line[: clock.start] + line[clock.end :]):
        return None
    at = time(clock.hour, clock.minute, clock.second or 0)
    return LocalTime(datetime.combine(day.date(), at), "minute", flags=_RELATIVE)


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str, int]]:
    """Return patterns of "so long ago", their units, and the numbers some of them imply."""
    found: list[tuple[re.Pattern[str], str, int]] = []
    for unit in _UNITS:
        for text in (
            *cldr_words().get((language, unit), ()),
            *_MORE.get((language, unit), ()),
        ):
            number, _, pattern = text.rpartition("=")
            shape = rf"(?<!\w){re.escape(pattern)}(?!\w)".replace(r"\{0\}", rf"(\d{{1,3}}|{_ONE})")
            found.append((re.compile(shape, re.IGNORECASE), unit, int(number or 0)))
    return found


@cache
def _days() -> dict[str, tuple[re.Pattern[str], ...]]:
    """Return for each language patterns of "today" and "yesterday"."""
    days: dict[str, tuple[re.Pattern[str], ...]] = {}
    for line in _DAYS.strip().split("\n"):
        language, *words = line.split(" ")
        days[language] = tuple(
            re.compile(rf"(?<!\w)(?:{word.replace(chr(0xA0), ' ')})(?![^\W\d])", re.IGNORECASE)
            for word in words
        )
    return days

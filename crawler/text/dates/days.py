"""Days printed in a line of text, in whatever order, script and calendar."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from crawler.text.dates import calendars
from crawler.text.dates.months import Calendar, month_named

_MAX_WORDS = 40  # looked at in one line
_SEPARATED = r"(?P<a>\d{1,2})(?P<dash>\s?[-/.|]\s?)(?P<b>\d{1,2})(?P=dash)"
_YEAR_LAST = re.compile(rf"(?<![\w./-]){_SEPARATED}(?P<y>\d{{4}}|\d\d)(?![\d/-]|[.:]\d)", re.ASCII)
_YEAR_FIRST = re.compile(
    r"(?<![\d./-])(?P<y>\d{3,4})(?P<dash>\s?[-/.]\s?)(?P<m>\d{1,2})(?P=dash)(?P<d>\d{1,2})"
    r"(?![\d/-]|\.\d)",
    re.ASCII,
)
_CHARACTERS = re.compile(
    r"(?:(?P<era>令和|平成|昭和|民國|民国)\s?)?(?<!\d)(?P<y>\d{1,4}|元)\s?(?:年|년|оны?)\s?"
    r"(?P<m>\d{1,2})\s?(?:-?р\s)?(?:月|월|сарын)\s?(?P<d>\d{1,2})(?!\d)\s?[日號号일]?",
    re.ASCII,
)
_VIETNAMESE = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})\s?tháng\s?(?P<m>\d{1,2}),?(?:\snăm)?\s(?P<y>\d{4})(?!\d)", re.IGNORECASE
)
# Around the name of a month. What may stand between is short: an ordinal's ending, "de", "of".
_GAP = r"[^\w]{0,3}"
_ENDING = r"(?:st|nd|rd|th|er|re|ère|de|te|adik|[aeºª°]|يوم)?"
_RIGHT_DAY_YEAR = re.compile(
    rf"{_GAP}(?P<d>\d{{1,2}})(?!\d){_ENDING}(?:\W{{1,3}}(?:de|del|of)\b)?{_GAP}"
    r"(?:\d\d?:\d\d(?::\d\d)?\s(?-i:[+-]\d{4}\s|[A-Z]{3,4}\s)?)?(?<!\d)(?P<y>\d{4})(?!\d|:|-\d)",
    re.IGNORECASE,
)
_RIGHT_YEAR = re.compile(
    rf"{_GAP}(?:(?:[พค]\.ศ\.|\(?[^\W\d]{{1,10}}[)/.]?){_GAP})??(?<!\d)(?P<y>\d{{4}}|(?P<short>['’]?\d\d))(?!\d|:\d|[.]\d)"
)
_DIGIT = re.compile(r"\d")
_RIGHT_DAY = re.compile(rf"{_GAP}(?P<d>\d{{1,2}})(?![\d:])")
_LEFT_DAY = re.compile(
    rf"(?:(?P<y>\d{{4}})[^\d]{{1,9}})?(?<![\d:./])(?<!\d,)(?P<d>\d{{1,2}})\)?{_GAP}"
    rf"(?:[^\W\d]{{1,4}}{_GAP})?(?:[^\W\d]{{1,3}}{_GAP})?$"
)
_LEFT_YEAR = re.compile(rf"(?<!\d)(?P<y>\d{{4}}){_GAP}(?:[^\W\d]{{1,6}}{_GAP})?$")
_WORD = re.compile(r"[^\s\d,:;/|()\[\]<>–—،\-]+")
_HAN = re.compile("[〇零一二三四五六七八九十]+")
_YEAR_LEADS = frozenset(("ja", "ko", "zh", "hu", "lt", "mn"))
_BUDDHISTS = frozenset(("th", "lo", "km"))
_THAI = re.compile("[\u0e00-\u0eff]")


@dataclass(frozen=True, slots=True)
class Day:
    """A date without time found in a line of text, and its position."""

    day: date
    start: int
    end: int
    calendar: Calendar = "gregorian"
    ambiguous: bool = False
    """The order of day and month could be another."""


def western_digits(text: str) -> str:
    """Write every digit as one of 0 to 9; Chinese numerals too, where they state a date."""
    text = re.sub(r"[^\D0-9]", lambda digit: str(int(digit[0])), text)
    if "年" in text and _HAN.search(text):
        text = _HAN.sub(lambda numeral: _of_han(numeral[0]), text)
    return text


def find_days(text: str, *, language: str | None, american: bool, latest: int) -> list[Day]:
    """Find the days that `text` states in full, in the order of the text.

    Args:
        text: one line, with digits as `western_digits` writes them.
        language: BCP 47, of the text.
        american: whether 3/4 is the fourth of March.
        latest: the last year that is believed.
    """
    if not _DIGIT.search(text):
        return []
    context = _Context((language or "").partition("-")[0].lower(), language, american, latest)
    found: list[Day] = []
    for day in sorted(context.candidates(text), key=lambda day: day.start):
        if not found or day.start >= found[-1].end:
            found.append(day)
    return found


@dataclass(frozen=True, slots=True)
class _Context:
    base: str
    language: str | None
    american: bool
    latest: int

    def candidates(self, text: str) -> Iterator[Day]:
        for match in _CHARACTERS.finditer(text):
            number = 1 if match["y"] == "元" else int(match["y"])
            with suppress(ValueError, KeyError):
                year = calendars.from_era(match["era"], number) if match["era"] else number
                if year < 200 and not match["era"]:
                    year = calendars.from_era("民國", year) if year > 99 else 2000 + year
                yield from self._day(year, match["m"], match["d"], match.span(), text)
        for match in _VIETNAMESE.finditer(text):
            yield from self._day(int(match["y"]), match["m"], match["d"], match.span(), text)
        for match in _YEAR_FIRST.finditer(text):
            yield from self._year_first(match, text)
        for match in _YEAR_LAST.finditer(text):
            yield from self._year_last(match, text)
        yield from self._by_name(text)

    def _year_first(self, match: re.Match[str], text: str) -> Iterator[Day]:
        year, calendar = int(match["y"]), "gregorian"
        if len(match["y"]) == 3:
            if self.base != "zh":
                return
            year = calendars.from_era("民國", year)
        elif year < 1600:
            calendar = "hijri" if self.base == "ar" else "persian"
        yield from self._day(year, match["m"], match["d"], match.span(), text, calendar)

    def _year_last(self, match: re.Match[str], text: str) -> Iterator[Day]:
        first, second, last = int(match["a"]), int(match["b"]), match["y"]
        if len(last) == 2:
            if len(match["a"] + match["b"]) < 4 and "/" not in match["dash"]:
                return
            if self.base in _YEAR_LEADS:
                yield from self._day(2000 + first, match["b"], last, match.span(), text)
                return
        month_first = second > 12 or (self.american and first <= 12)
        day, month = (match["b"], match["a"]) if month_first else (match["a"], match["b"])
        unclear = first <= 12 and second <= 12 and first != second
        year = int(last)
        calendar = "persian" if 1300 <= year < 1600 else "gregorian"
        if calendar == "persian" and self.base == "ar":
            calendar = "hijri"
        for found in self._day(year, month, day, match.span(), text, calendar):
            ambiguous = unclear and self.base in ("", "en")
            yield Day(found.day, found.start, found.end, found.calendar, ambiguous)

    def _by_name(self, text: str) -> Iterator[Day]:
        words = list(_WORD.finditer(text))[:_MAX_WORDS]
        for index, word in enumerate(words):
            # Names of several words are written in Arabic letters only.
            longest = 3 if word[0] > "\u0590" else 1
            for last in reversed(words[index : index + longest]):
                name = text[word.start() : last.end()]
                if len(name) > 30 or not _DIGIT.search(
                    text, max(0, word.start() - 9), last.end() + 9
                ):
                    continue
                if month := month_named(name, self.language):
                    yield from self._around(text, word.start(), last.end(), *month)
                    break

    def _around(
        self, text: str, start: int, end: int, calendar: Calendar, month: int
    ) -> Iterator[Day]:
        if right := _RIGHT_DAY_YEAR.match(text, end):
            span = (start, right.end())
            yield from self._day(int(right["y"]), month, right["d"], span, text, calendar)
            return
        before = text[max(0, start - 24) : start]
        if left := _LEFT_DAY.search(before):
            span = (start - len(before) + left.start(), end)
            if right := _RIGHT_YEAR.match(text, end):
                year = int(right["y"].lstrip("'’"))
                span = (start - len(before) + left.start("d"), right.end())
                yield from self._day(year, month, left["d"], span, text, calendar)
            elif left["y"]:
                yield from self._day(int(left["y"]), month, left["d"], span, text, calendar)
            return
        if (left := _LEFT_YEAR.search(before)) and (right := _RIGHT_DAY.match(text, end)):
            span = (start - len(before) + left.start(), right.end())
            yield from self._day(int(left["y"]), month, right["d"], span, text, calendar)

    def _day(
        self,
        year: int,
        month: str | int,
        day: str | int,
        span: tuple[int, int],
        text: str,
        calendar: str = "gregorian",
    ) -> Iterator[Day]:
        if year < 100:
            buddhist = calendar == "gregorian" and _THAI.search(text)
            year += 2500 if buddhist else 1400 if calendar == "hijri" else 2000
            if calendar == "gregorian" and not buddhist and year > self.latest:
                year -= 100
        if year > 2400 and (self.base in _BUDDHISTS or _THAI.search(text)):
            year -= calendars.BUDDHIST_ERA
        with suppress(ValueError):
            if calendar == "persian":
                yield Day(calendars.from_persian(year, int(month), int(day)), *span, "persian")
            elif calendar == "hijri":
                yield Day(calendars.from_hijri(year, int(month), int(day)), *span, "hijri")
            else:
                yield Day(date(year, int(month), int(day)), *span)


def _of_han(numeral: str) -> str:
    digits = "〇一二三四五六七八九"
    numeral = numeral.replace("零", "〇")
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return "".join(str(digits.index(digit)) for digit in numeral)
    return str(10 * (digits.find(tens) if tens else 1) + (digits.find(ones) if ones else 0))

"""Dates that a page prints beside its headline, where no markup for machines states them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import NamedTuple

from lxml import etree
from parsel import Selector

from crawler.extract.dates import date_labels as labels
from crawler.extract.dates.boxes import class_and_id, is_box
from crawler.extract.dates.date_places import (
    MAX_LINE,
    date_places,
    find_heading,
    in_rows,
    text_before,
    text_of,
)
from crawler.text.dates.parser import find_dates, read_date
from crawler.text.dates.timestamp import Timestamp
from crawler.text.tidy import tidy

# What follows a date that opens the first paragraph: "27.1.2022 - The ferry ...".
_AFTER_OPENING_DATE = re.compile(r"\)?\s*[-–—|).:]")
_BESIDE, _ABOVE, _BELOW = range(3)  # places relative to the headline
_MAX_RANK_BESIDE = 12  # ranks of dates that are beside the headline are up to this
_RANK_FAR = 13  # ranks of dates that are not near the headline are above
_MAX_BESIDE_DATE = 70  # characters beside the date that make a line a sentence, not a dateline
_MAX_BESIDE_LONE_DATE = 15  # characters beside a date that stands alone
_MAX_OPENING = 60  # characters in which a paragraph may open with a date
_LONG_PARAGRAPH = 140  # characters of a paragraph of the story
_MAX_PARAGRAPHS = 2  # such paragraphs, and what follows is no more beside the headline
_MAX_PLACES = 400  # candidates looked at
_MAX_LEVELS = 4  # levels from the headline to where a date before it may stand
_TWO_DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _ShownDate:
    text: str
    rank: int
    """The lower, the likelier to be the story's; 0 is not at all."""
    modified: bool
    visible: bool = True
    """A reader sees it: it is not in an attribute alone."""


class ShownDates(NamedTuple):
    """The dates that a page prints, as texts, the likeliest first."""

    published: list[str]
    modified: list[str]
    beside: list[str]
    """Those of `published` that a reader finds beside the headline."""


def read_shown_dates(root: Selector, title: str, language: str | None, now: datetime) -> ShownDates:
    """Read the dates that a page prints.

    First what microdata and RDFa mark, then what is near the headline `title`, then a date alone in
    the rest of the story. Boxes about other stories, comments, menus, lists of dates and running
    text are left out.
    """
    shown = _DateFinder(root.root, tidy(title), language, now).dates()
    shown.sort(key=lambda date: date.rank)
    published = [date for date in shown if not date.modified]
    return ShownDates(
        published=[date.text for date in published],
        modified=[date.text for date in shown if date.modified],
        beside=[date.text for date in published if date.visible and date.rank <= _MAX_RANK_BESIDE],
    )


class _DateFinder:
    """One pass over the candidates of a page, in its order."""

    def __init__(
        self, root: etree._Element, title: str, language: str | None, now: datetime
    ) -> None:
        # A line is read again for each piece of it.
        self.find_dates = lru_cache(_MAX_PLACES)(partial(find_dates, language=language, now=now))
        self.language = language
        self.now = now
        self.heading = find_heading(root, title)
        self.found = date_places(root, self.heading)
        above = self.heading.iterancestors() if self.heading is not None else ()
        self.above = {element: level for level, element in enumerate(above)}
        self.boxed: dict[etree._Element, bool] = {}

    def dates(self) -> list[_ShownDate]:
        shown: list[tuple[_ShownDate, etree._Element]] = []
        seen = self.heading is None
        paragraphs = 0
        looked = 0
        for owner, text, element in self.found:
            if owner is self.heading:
                seen = True
            is_plain = owner.tag == "p" and "itemprop" not in owner.attrib
            if text is None and (owner is self.heading or is_plain):
                if owner is not self.heading and seen and paragraphs < _MAX_PARAGRAPHS:
                    paragraphs += len(text_of(owner)) > _LONG_PARAGRAPH
                continue
            looked += 1
            if looked > _MAX_PLACES:
                break
            # The text after an element that holds the headline is met before the headline.
            after = seen or (element is not owner and owner in self.above)
            beside = self.above and paragraphs < _MAX_PARAGRAPHS
            place = (_BESIDE if beside else _BELOW) if after else _ABOVE
            if not self._is_boxed(element):
                read = (
                    self._read_marked(element, place)
                    if text is None
                    else self._read_text(text, element, place)
                )
                if text is None and not self.find_dates(tidy(text_of(element))):
                    read = [replace(date, visible=False) for date in read]
                shown += [(date, element) for date in read]
        # Far from the headline stand the dates of other stories, too; and in lines that do not
        # call them dates, those of all the story tells of.
        far = self._days(date for date, _ in shown if date.rank > _RANK_FAR)
        unnamed = self._days(date for date, _ in shown if date.rank == _MAX_RANK_BESIDE)
        listed = in_rows([element for _, element in shown], self.above)
        unsure = {_MAX_RANK_BESIDE} if len(unnamed) > 1 else set()
        unsure |= {_RANK_FAR + 1} if len(far) > 1 else set()
        return [
            date
            for (date, _), is_listed in zip(shown, listed, strict=True)
            if not is_listed and (date.modified or min(date.rank, _RANK_FAR + 1) not in unsure)
        ]

    def _days(self, shown: Iterable[_ShownDate]) -> set[str]:
        """Return the days of the dates of publication; of those too long ago, the texts."""
        texts = {date.text for date in shown if not date.modified}
        if len(texts) < 2:
            return texts
        return {date.day if (date := self._read(text)) else text for text in texts}

    def _read_text(self, text: str, element: etree._Element, place: int) -> list[_ShownDate]:
        if element.tag == "time" or next(element.iterancestors("time"), None) is not None:
            return []  # read as an element
        if len(text) > MAX_LINE:
            return self._read_opening(tidy(text[: 3 * _MAX_OPENING]), place)
        line, before, holder = self._line(text, element)
        parts = self.find_dates(line)
        if not parts or _width(line) - sum(map(_width, parts)) > _MAX_BESIDE_DATE:
            return self._read_opening(line, place)
        marks = class_and_id(holder)
        found: list[_ShownDate] = []
        end = 0
        for part in parts:
            start = max(line.find(part, end), end)
            label = line[end:start] if end else f"{before} {line[:start]}"
            end = start + len(part)
            if labels.NOW.search(f"{label} {marks}"):
                continue
            labelled = bool(labels.PUBLISHED.search(f"{label} {'' if end > len(part) else marks}"))
            hinted = labelled or labels.DATED.search(marks) is not None
            if not hinted and _width(line) - _width(part) > _MAX_BESIDE_DATE // 2:
                continue  # a short sentence
            rank = self._rank(element, place, hinted=hinted, labelled=labelled)
            if not rank and place == _BELOW and len(line) < len(part) + _MAX_BESIDE_LONE_DATE:
                rank = _RANK_FAR + 3
            if rank == _RANK_FAR and self._is_today(part):
                continue  # a masthead
            if rank:
                found += _shown(part, rank, label, marks)
        return found

    def _read_opening(self, line: str, place: int) -> list[_ShownDate]:
        """Read the date a first paragraph opens with: ``27.1.2022 - The ferry ...``."""
        for part in self.find_dates(line[:_MAX_OPENING])[:1] if place != _ABOVE else ():
            start = line.find(part)
            is_opening = start < 3 or line[start - 2 : start - 1] in ",("
            if is_opening and _AFTER_OPENING_DATE.match(line, start + len(part)):
                return [_ShownDate(part, 12 if place == _BESIDE else 14, modified=False)]
        return []

    def _line(self, text: str, element: etree._Element) -> tuple[str, str, etree._Element]:
        """Return the line about a text that holds a date, what is before it, and its element."""
        line = tidy(text)
        parts = self.find_dates(line)
        holder = element
        for _ in range(3):
            wider = tidy(text_of(element))
            parent = element.getparent()
            if len(wider) > MAX_LINE or parent is None:
                break
            if parts and wider != line:
                # The time may stand in another element than the day.
                fuller = self.find_dates(wider)
                if len(fuller) == len(parts) and sum(map(len, fuller)) > sum(map(len, parts)):
                    return wider, "", holder
                return line, wider[: max(0, wider.find(line))][-40:], holder
            if not parts:
                line, parts, holder = wider, self.find_dates(wider), element
            element = parent
        return line, "", holder

    def _read_marked(self, element: etree._Element, place: int) -> list[_ShownDate]:
        attributes = element.attrib
        marks = class_and_id(element)
        stated = attributes.get("title" if element.tag == "abbr" else "datetime")
        text = tidy(stated or attributes.get("content") or text_of(element))
        if stated and (printed := self._contradicted(stated, tidy(text_of(element)))):
            text = printed
        unread = element.tag == "abbr" and not stated
        if unread or not any(map(str.isdigit, text)) or len(text) > MAX_LINE:
            return []
        if not (stated or "content" in attributes):
            text = next(iter(self.find_dates(text)), "")
        about = f"{attributes.get('itemprop', '')} {attributes.get('property', '')}".lower().strip()
        if not text:
            return []
        if "datepublished" in about or ("pubdate" in attributes and place != _BELOW):
            return [_ShownDate(text, 2 if element.tag == "meta" else 1, modified=False)]
        if about.endswith(("created", "issued")):
            return [_ShownDate(text, 3, modified=False)]
        before = text_before(element)
        labelled = labels.PUBLISHED.search(f"{marks} {before}") is not None
        rank = self._rank(element, place, hinted=True, labelled=labelled)
        return _shown(text, rank, f"{about} {before}", marks) if rank else []

    def _contradicted(self, stated: str, line: str) -> str | None:
        """Return the date that `line` prints as that of publication, if it is of another day than
        the one `stated` for machines, which some systems set at each change.
        """
        parts = self.find_dates(line) if labels.PUBLISHED.search(line) else []
        printed, meant = (self._read(text) for text in (parts[0] if parts else "", stated))
        if printed and (meant is None or abs(printed.at - meant.at) > _TWO_DAYS):
            return parts[0]
        return None

    def _read(self, text: str) -> Timestamp | None:
        return read_date(text, zone="UTC", source="generic", language=self.language, now=self.now)

    def _rank(self, element: etree._Element, place: int, *, hinted: bool, labelled: bool) -> int:
        if place == _BESIDE:
            return 10 if hinted else 12
        if place == _BELOW:
            return 14 if labelled else 15 if hinted else 0
        if labelled:
            return 11
        up = next((self.above[e] for e in element.iterancestors() if e in self.above), 99)
        return (11 if hinted else _RANK_FAR) if up <= _MAX_LEVELS else 15 if hinted else 0

    def _is_today(self, text: str) -> bool:
        date = self._read(text)
        return date is not None and abs(date.at - self.now) < timedelta(days=2)

    def _is_boxed(self, element: etree._Element) -> bool:
        """Tell whether an element stands in a part of the page that is not of the story."""
        path: list[etree._Element] = []
        boxed = False
        for ancestor in (element, *element.iterancestors()):
            if ancestor in self.above or ancestor.tag == "body":
                break
            if (known := self.boxed.get(ancestor)) is not None:
                boxed = known
                break
            path.append(ancestor)
        for ancestor in reversed(path):
            boxed = boxed or is_box(ancestor)
            self.boxed[ancestor] = boxed
        return boxed


def _shown(text: str, rank: int, label: str, marks: str) -> list[_ShownDate]:
    labelled = labels.MODIFIED.search(label) is not None
    if labelled or not labels.MODIFIED.search(marks):
        return [_ShownDate(text, rank, labelled)]
    # The microformat hAtom demands the class `updated`, and many themes print no other date.
    is_hatom = "updated" in marks.split()
    published = [_ShownDate(text, max(rank, _RANK_FAR), modified=False)] if is_hatom else []
    return [_ShownDate(text, rank, modified=True), *published]


def _width(text: str) -> int:
    """Return the length of a text in letters: a sign of Chinese stands for about three."""
    return len(text) + 2 * sum(sign > "\u2e80" for sign in text)

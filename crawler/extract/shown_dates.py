"""The date a page prints beside its headline, where no markup for machines says it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from lxml import etree
from parsel import Selector

from crawler.extract.boxes import is_box, marks_of
from crawler.extract.stated import Stated
from crawler.text.dates import dates_in, read_date
from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

_MARKED = etree.XPath('//*[contains(@itemprop, "date") or contains(@property, "date")]')
_LEVELS = etree.XPath("//*[self::h1 or self::h2 or self::h3]")
_TITLED = etree.XPath("//body//*[not(*) and normalize-space() = $title]")
# What a text must hold to be looked at: a year, a date in figures, or a short piece of a date.
_MAYBE = re.compile(r"\d{4}|\d\d?[/.-]\s?\d\d?[/.-]|[’'\s-]\d\d(?!\d)|^\D{0,4}\d\d?\D{0,9}$|年")
_UNREAD = frozenset(("script", "style", "noscript", "option", "textarea", "svg", "template"))
_HOLDERS = frozenset(("p", "time", "abbr"))
_MODIFIED = re.compile(
    r"modif|updat|edited|revis|aktuali[sz]|geändert|bearbeitet|mise? [àa] jour|maj\b"
    r"|a[ck]?tuali[sz]|aggiorna|bijgewerkt|gewijzigd|zmien|uppdater|oppdater|opdater|päivitet|muokat|güncelle"
    r"|обновл|оновл|изменен|ažurir|posodob|frissít|módosít|upraven|ενημ|更新|修改|수정|업데이트"
    r"|cập nhật|diperbarui|تحديث|به‌روز",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"publi|\bdat(?:um|e|a|o)\b\s*:|\bpost(?:ed)?\b|post-?date|pub-?date|date-?line|entry-date"
    r"|issued|timestamp|byline|written|veröff|erstellt|creat|geplaatst|opublik|dodan|vydán|megjelen"
    r"|yayın|eklen|опубл|дата|objav|julkaist|δημοσ|פורסם|نشر|انتشار|公開|掲載|发布|發布|입력|등록"
    r"|đăng|diterbit|mise? en ligne",
    re.IGNORECASE,
)
_DATED = re.compile(r"date|time|meta|info|stand|data|fecha|datum", re.IGNORECASE)
# What follows a date that opens the first paragraph: "27.1.2022 - The ferry ...".
_OPENS = re.compile(r"\)?\s*[-–—|).:]")
_BESIDE, _ABOVE, _BELOW = range(3)  # places relative to the headline
_FAR = 13  # ranks of dates that are not near the headline are above
_LINE = 160  # characters of a line that may be a dateline
_PROSE = 70  # characters beside the date that make a line a sentence, not a dateline
_OPENING = 60  # characters in which a paragraph may open with a date
_LONG = 140  # characters of a paragraph of the story
_MOST = 400  # candidates looked at
_UP = 4  # levels from the headline to where a date before it may stand


_Candidate = tuple[etree._Element, str | None, etree._Element]  # owner, text, where it stands


@dataclass(frozen=True, slots=True)
class _Shown:
    text: str
    rank: int
    """The lower, the likelier to be the story's; 0 is not at all."""
    modified: bool


def read_shown_dates(root: Selector, title: str, *, language: str | None, now: datetime) -> Stated:
    """Read the dates that stand in the page for all to see, the likeliest first.

    First what microdata and RDFa mark, then what is near the headline `title`, then a date alone in
    the rest of the story. Boxes about other stories, comments, menus and running text are left out.
    """
    shown = _Walk(root.root, tidy(title), language, now).dates()
    shown.sort(key=lambda date: date.rank)
    return Stated(
        origin="generic",
        published=[date.text for date in shown if not date.modified],
        modified=[date.text for date in shown if date.modified],
    )


def _candidates(root: etree._Element, heading: etree._Element | None) -> Iterator[_Candidate]:
    marked = set(cast("list[etree._Element]", _MARKED(root)))
    maybe = _MAYBE.search
    for element in root.iter(etree.Element):
        tag = element.tag
        if tag in _HOLDERS or element in marked or element is heading:
            yield element, None, element
        text = element.text
        if text and tag not in _UNREAD and maybe(text, 0, _LINE):
            yield element, text, element
        tail = element.tail
        if tail and maybe(tail, 0, _LINE):
            parent = element.getparent()
            if parent is not None and parent.tag not in _UNREAD:
                yield element, tail, parent


class _Walk:
    """One pass over the candidates of a page, in its order."""

    def __init__(
        self, root: etree._Element, title: str, language: str | None, now: datetime
    ) -> None:
        self.dates_in = partial(dates_in, language=language, now=now)
        self.language = language
        self.now = now
        self.heading = _headline(root, title)
        self.found = _candidates(root, self.heading)
        above = self.heading.iterancestors() if self.heading is not None else ()
        self.above = {element: level for level, element in enumerate(above)}
        self.boxed: dict[etree._Element, bool] = {}

    def dates(self) -> list[_Shown]:
        shown: list[_Shown] = []
        seen = self.heading is None
        paragraphs = 0
        looked = 0
        for owner, text, element in self.found:
            if owner is self.heading:
                seen = True
            if text is None and (owner is self.heading or _is_plain(owner)):
                paragraphs += owner is not self.heading and seen and len(_text(owner)) > _LONG
                continue
            looked += 1
            if looked > _MOST:
                break
            # The text after an element that holds the headline is met before the headline.
            after = seen or (element is not owner and owner in self.above)
            place = _ABOVE if not after else _BESIDE if self.above and paragraphs < 2 else _BELOW
            if not self._is_boxed(element):
                shown += (
                    self._read_marked(element, place)
                    if text is None
                    else self._read_text(text, element, place)
                )
        # Far from the headline stand the dates of other stories, too.
        far = {date.text for date in shown if date.rank > _FAR and not date.modified}
        return [date for date in shown if date.rank <= _FAR or date.modified or len(far) == 1]

    def _read_text(self, text: str, element: etree._Element, place: int) -> list[_Shown]:
        if element.tag == "time" or next(element.iterancestors("time"), None) is not None:
            return []  # read as an element
        if len(text) > _LINE:
            return self._read_opening(tidy(text[: 3 * _OPENING]), place)
        line, before, holder = self._line(text, element)
        parts = self.dates_in(line)
        if not parts or len(line) - sum(map(len, parts)) > _PROSE:
            return self._read_opening(line, place)
        marks = marks_of(holder)
        found: list[_Shown] = []
        end = 0
        for part in parts:
            start = max(line.find(part, end), end)
            label = line[end:start] if end else f"{before} {line[:start]}"
            end = start + len(part)
            labelled = _PUBLISHED.search(f"{label} {'' if end > len(part) else marks}") is not None
            hinted = labelled or _DATED.search(marks) is not None
            if not hinted and len(line) - len(part) > _PROSE // 2:
                continue  # a short sentence
            rank = self._rank(element, place, hinted=hinted, labelled=labelled)
            if not rank and place == _BELOW and len(line) < len(part) + 6:
                rank = _FAR + 3
            if rank == _FAR and self._is_today(part):
                continue  # a masthead
            if rank:
                found += _shown(part, rank, label, marks)
        return found

    def _read_opening(self, line: str, place: int) -> list[_Shown]:
        """Read the date a first paragraph opens with: ``27.1.2022 - The ferry ...``."""
        for part in self.dates_in(line[:_OPENING])[:1] if place != _ABOVE else ():
            start = line.find(part)
            is_opening = start < 3 or line[start - 2 : start - 1] in ",("
            if is_opening and _OPENS.match(line, start + len(part)):
                return [_Shown(part, 12 if place == _BESIDE else 14, modified=False)]
        return []

    def _line(self, text: str, element: etree._Element) -> tuple[str, str, etree._Element]:
        """Return the line about a text that holds a date, what is before it, and its element."""
        line = tidy(text)
        parts = self.dates_in(line)
        holder = element
        for _ in range(3):
            wider = tidy(_text(element))
            parent = element.getparent()
            if len(wider) > _LINE or parent is None:
                break
            if parts and wider != line:
                # The time may stand in another element than the day.
                fuller = self.dates_in(wider)
                if len(fuller) == len(parts) and sum(map(len, fuller)) > sum(map(len, parts)):
                    return wider, "", holder
                return line, wider[: max(0, wider.find(line))][-40:], holder
            if not parts:
                line, parts, holder = wider, self.dates_in(wider), element
            element = parent
        return line, "", holder

    def _read_marked(self, element: etree._Element, place: int) -> list[_Shown]:
        attributes = element.attrib
        marks = marks_of(element)
        stated = attributes.get("title" if element.tag == "abbr" else "datetime")
        text = tidy(stated or attributes.get("content") or _text(element))
        unread = element.tag == "abbr" and not stated
        if unread or not any(map(str.isdigit, text)) or len(text) > _LINE:
            return []
        if not (stated or "content" in attributes):
            text = next(iter(self.dates_in(text)), "")
        about = f"{attributes.get('itemprop', '')} {attributes.get('property', '')}".lower().strip()
        if not text:
            return []
        if "datepublished" in about or "pubdate" in attributes:
            return [_Shown(text, 2 if element.tag == "meta" else 1, modified=False)]
        if about.endswith(("created", "issued")):
            return [_Shown(text, 3, modified=False)]
        before = _before(element)
        labelled = _PUBLISHED.search(f"{marks} {before}") is not None
        rank = self._rank(element, place, hinted=True, labelled=labelled)
        return _shown(text, rank, f"{about} {before}", marks) if rank else []

    def _rank(self, element: etree._Element, place: int, *, hinted: bool, labelled: bool) -> int:
        if place == _BESIDE:
            return 10 if hinted else 12
        if place == _BELOW:
            return 14 if labelled else 15 if hinted else 0
        if labelled:
            return 11
        up = next((self.above[e] for e in element.iterancestors() if e in self.above), 99)
        return (11 if hinted else _FAR) if up <= _UP else 15 if hinted else 0

    def _is_today(self, text: str) -> bool:
        date = read_date(text, zone="UTC", source="generic", language=self.language, now=self.now)
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


def _shown(text: str, rank: int, label: str, marks: str) -> list[_Shown]:
    labelled = _MODIFIED.search(label) is not None
    if labelled or not _MODIFIED.search(marks):
        return [_Shown(text, rank, labelled)]
    # The microformat hAtom demands the class `updated`, and many themes print no other date.
    is_hatom = "updated" in marks.split()
    published = [_Shown(text, max(rank, _FAR), modified=False)] if is_hatom else []
    return [_Shown(text, rank, modified=True), *published]


def _headline(root: etree._Element, title: str) -> etree._Element | None:
    """Return the heading that is `title`, else the only ``h1``, else the text that is `title`."""
    headings = cast("list[etree._Element]", _LEVELS(root))
    wanted = fold(title)
    for heading in sorted(headings, key=lambda heading: heading.tag):
        if _is_same(fold(_text(heading)), wanted):
            return heading
    first = [heading for heading in headings if heading.tag == "h1"]
    titled = first if len(first) == 1 else cast("list[etree._Element]", _TITLED(root, title=title))
    return next(iter(titled), None)


def _is_plain(element: etree._Element) -> bool:
    return element.tag == "p" and "itemprop" not in element.attrib


def _is_same(heading: str, title: str) -> bool:
    """Tell whether a heading is the title, or one of them goes on after the other."""
    short, long = sorted((heading, title), key=len)
    return bool(short) and (short == long or (len(short) > 15 and short in long))


def _before(element: etree._Element) -> str:
    """Return the text just before an element, which may be its label."""
    previous = next(element.itersiblings(etree.Element, preceding=True), None)
    if previous is not None:
        return (tidy(previous.tail or "") or _text(previous))[-40:]
    parent = element.getparent()
    return tidy(parent.text or "")[-40:] if parent is not None else ""


def _text(element: etree._Element) -> str:
    """Return an element's text; of a long one, more than a line's worth of its beginning."""
    pieces: list[str] = []
    length = 0
    for piece in cast("Iterator[str]", element.itertext()):
        pieces.append(piece)
        length += len(piece.strip())
        if length > _LINE:
            break
    return " ".join(pieces)

"""The agency, the place and the correction that a story's own text states."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from crawler.text.tidy import tidy

_DATELINE_PARAGRAPHS = 3  # paragraphs among which a dateline stands
_SOURCE_PARAGRAPHS = 3  # paragraphs among which a source stands
_MAX_HEADING = 60  # characters of a line that stands above a correction
_MAX_CORRECTION = 1_000  # characters of a correction
_MAX_LINE = 200  # characters in which a dateline stands, or of a line that names a source

# Agencies by the names they are printed under.
_AGENCY = (
    r"(?:The Associated Press|Associated Press|Agence France-Presse|Thomson Reuters(?: Foundation)?"
    r"|The Canadian Press|The Press Association|PA Media|Press Trust of India|Asian News"
    r" International|Indo-Asian News Service|Anadolu(?: Agency)?|Xinhua(?: News Agency)?|Europa"
    r" Press|Reuters|Bloomberg(?: News)?|Interfax(?:-Ukraine)?|Kyodo(?: News)?|Yonhap|Bernama"
    r"|Antara|Notimex|Télam|Belga|Ritzau|Lusa|Agerpres|Tanjug|Ukrinform|Xinhuanet|dpa(?:-infocom|/\w+)?"
    r"|epd|KNA|SID|APA|AP|AFP|UPI|EFE|ANSA|IANS|ANI|PTI|UNI|APP|INP|TASS|WAM|SPA|QNA|KUNA|MENA|NNA"
    r"|NAN|APS|TAP|MAP|VNA|TNA|CNA|ANP|NTB|TT|STT|PAP|ČTK|MTI|HINA|BTA|AAP|AA|CP|PA|ТАСС"
    r"|РИА Новости|Интерфакс|Укринформ|Укрінформ|УНН)"
)
_AGENCIES = rf"{_AGENCY}(?:\s?[/,&]\s?{_AGENCY}|\s(?:and|und|et|y)\s{_AGENCY}){{0,3}}"
_UPPER = r"A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĘĚĞĢĪİĶŁŃŅŇŌŐŘŚŞŠŢŤŪŮŰŹŻŽΑ-ΫА-ЯЁЄІЇҐ"
_CAPITALS = rf"[{_UPPER}][{_UPPER}.'’-]*[{_UPPER}]\.?"
_REGION = r"(?:, [^\W\d_]+\.?(?:[ ’'.-]{1,2}[^\W\d_]+\.?){0,3})?"
# A city in capitals, perhaps with its country; or in any case before an agency's name.
_PLACE = rf"(?P<place>{_CAPITALS}(?:[ /]{_CAPITALS}){{0,3}}{_REGION})"
_ANY_PLACE = rf"(?P<place>[{_UPPER}][\w.'’-]+(?:[ /][^\W\d]+){{0,3}}{_REGION})"
_DATE = r"(?:[^\W\d_]{3,10}\.? \d{1,2}|\d{1,2}\.? ?[^\W\d_]{3,10}\.?)(?:,? \d{4})?"
_DAY = rf"(?:,? {_DATE})?"
# Without an agency capitals may be anything, but for one word, or two that begin as cities do.
_CITY = (
    rf"(?P<place>(?:(?:NEW|SAN|SANTA|SAINT|ST\.|LOS|LAS|LA|EL|PORT|FORT|CAPE|TEL|ABU|KUALA|HONG|ADDIS"
    rf"|BUENOS|RIO DE|SÃO|SAO|PHNOM|MEXICO|GUATEMALA|PANAMA|NORTH|SOUTH|EAST|WEST|DAR ES|SRI) )?"
    rf"{_CAPITALS})"
)
_DATELINES = tuple(
    map(
        re.compile,
        (
            rf"{_PLACE}{_DAY},? ?[(/](?P<credit>{_AGENCIES})[)/] ?(?:[-–—:.]+|$)",
            rf"{_ANY_PLACE}{_DAY},? ?[(/](?P<credit>{_AGENCIES})[)/] ?(?:[-–—:.]+|$)",
            rf"[(/](?P<credit>{_AGENCIES})[)/] ?[-–—:.]+ ?{_PLACE}(?:, \d|{_DAY} [-–—])",
            rf"(?P<place>)(?:{_DATE} )?[(/](?P<credit>{_AGENCIES})[)/] ?[-–—:]",
            rf"{_PLACE}, \d{{1,2}} \w{{3,8}} ?[-–—] ?(?P<credit>{_AGENCY})\.",
            r"(?P<credit>新华社|中新社|中新网)(?P<place>[\u4e00-\u9fff]{2,6}?)?\d{1,2}月\d{1,2}日电",
            r"[（(](?P<credit>中央社)(?:記者)?.{0,20}?(?P<place>)\d{1,2}日[專综綜]?[電电]",
        ),
    )
)
# Without an agency, after a dash, or at the very start after a colon.
_DASHED = re.compile(rf"{_PLACE}{_DAY} ?(?:[–—]|--) ?(?=[^\W\d_]|[“\"'‘«])")
_COLONED = re.compile(rf"{_CITY}: (?=[^\W\d_]|[“\"'‘«])")
_SOURCES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\W*(?:source|sources|quelle|quellen|fuente|fonte|bron|kilde|källa|źródło|kaynak|sursa"
        r"|источник|джерело)\s?[:：]\s*(?P<credit>[^.:;!?]{2,80})\W*",
        rf"\W*(?:with|from) (?:\w+ )?(?:inputs?|reports?|reporting) (?:from|by) "
        rf"(?P<credit>(?-i:{_AGENCIES}))\W*",
        rf"\W*(?P<credit>(?-i:{_AGENCIES}))\W*",
        rf"\W*(?:©|copyright|\(c\))\s?(?:\d{{4}} )?(?P<credit>(?-i:{_AGENCIES}))\b.*",
        r"[（(](?P<credit>共同|時事|ロイター|新华社|中央社|연합뉴스)[）)]",
    )
)
_CORRECTION = re.compile(
    r"[\W_]{0,9}(?:"
    r"(?:corrections?|clarifications?|corrigendum|erratum|korrektur|richtigstellung|correctif"
    r"|rectificatif|correction apportée|corrección|fe de (?:errores|erratas)|rectificación"
    r"|correzione|rettifica|correção|errata|rättelse|rettelse|retting|oikaisu|rectificatie|correctie"
    r"|sprostowanie|oprava|düzeltme|pembetulan|koreksi|ralat|уточнение|поправка|исправление"
    r"|更正|訂正|정정|바로잡습니다)"
    r"(?:\s?[(（,].{1,40}?[)）]?)?\s?[:：—–]"
    r"|(?:(?:editor['’]?s?|editors['’]) (?:note|correction)\W{1,3})?"
    r"(?:this|an earlier version of this|a previous version of this) "
    r"(?:story|article|post|report|piece|headline|page|column)\b(?! (?:of|which|that)\b).{0,80}"
    r"\b(?:correct(?:ed|s|ion)|amended|misstated|misspelled|misidentified|mistakenly|incorrectly"
    r"|erroneously|wrongly|inaccurately)\b"
    r"|in einer (?:früheren|vorherigen|ersten) (?:version|fassung)"
    r"|(?:une|dans une) (?:première )?version (?:précédente|antérieure)"
    r"|(?:una|en una) versión (?:anterior|previa) de est[ea]"
    r")",
    re.IGNORECASE,
)


class Credit(NamedTuple):
    """The agency that filed a story and the place it was filed from, as printed."""

    credit: str | None
    """The agency or agencies."""
    dateline: str | None
    """The place."""


def read_credit(paragraphs: Sequence[str]) -> Credit:
    """Return whom a story's own text names as its source, and the place it is filed from.

    They are read from the dateline with which agencies begin a story (“SEOUL, Dec 1 (Reuters) -”),
    or else the source from a line of its own below it.
    """
    credit = place = None
    starts = [paragraph[:_MAX_LINE] for paragraph in paragraphs[:_DATELINE_PARAGRAPHS]]
    for pattern in _DATELINES:
        if match := next(filter(None, map(pattern.match, starts)), None):
            place, credit = (tidy(match[name] or "") or None for name in ("place", "credit"))
            break
    else:
        dashed = filter(None, map(_DASHED.match, starts))
        if match := next(dashed, None) or (_COLONED.match(starts[0]) if starts else None):
            place = tidy(match["place"])
    if not credit:
        for paragraph in reversed(paragraphs[1:][-_SOURCE_PARAGRAPHS:]):
            matches = (pattern.fullmatch(paragraph[:_MAX_LINE]) for pattern in _SOURCES)
            if match := next(filter(None, matches), None):
                credit = tidy(match["credit"])
                break
    return Credit(credit, place)


def read_correction(paragraphs: Sequence[str]) -> str | None:
    """Return what a story says was corrected in it, as printed."""
    for index, text in enumerate(paragraphs):
        if len(text) <= _MAX_CORRECTION and _CORRECTION.match(text):
            below = paragraphs[index + 1 : index + 2] if len(text) < _MAX_HEADING else []
            return " ".join([text, *below])
    return None

"""The link from a listing to its next page, found by what pagers have in common."""

import re
from collections.abc import Sequence
from operator import itemgetter
from os.path import commonprefix

from crawler.sources.listings.links import Link

# "Next" and "older" as pagers of blogs and news sites say it, alone or beside a word or two.
_NEXT = (
    r"next|older|weiter|nächste|ältere|suivante?s?|plus anciens?|siguientes?"
    r"|pr[oó]xim[oa]s?|seguinte|antig[oua]+s|successiv[oa]|avanti|prossim[oa]|meno recenti"
    r"|volgende|oudere|nästa|äldre|næste|neste|ældre|eldre|seuraava|vanhemmat|następn[aey]"
    r"|dalej|starsze|další|starší|ďalšia|staršie|következő|régebbi(?:ek)?|următo\w+"
    r"|mai vechi|sljedeć[ae]|sledeć[ae]|starij[ei]|naslednja|sonraki|ileri|següents?|kitas"
    r"|toliau|nākam\w+|järgmi\w+|следующ\w+|дал[ее]е|впер[её]д|наступн\w+|далі|следваща"
    r"|по-стари|следећ[ае]|επόμεν\w+|παλαιότερ\w+|التالية?|الأقدم|بعدی|اگل[اےی]|הבאה?"
    r"|ישנים|अगल[ाेी]|पुराने|পরবর্তী|அடுத்த|తదుపరి|ถัดไป|หน้าถัดไป|tiếp|trang sau|cũ hơn"
    r"|berikutnya|selanjutnya|seterusnya|下一?[页頁]|次へ|次のページ(?:へ)?|次|다음"
)
# "Load more" is the button of a pager, too, where it leads to a page number.
_WORDED = re.compile(
    rf"(?:\S+ ){{0,2}}(?:{_NEXT}|continued|more|mehr|plus|más|mais|altr[ie]|meer|mer|flere"
    r"|więcej|více|daha|ещё|еще|більше|المزيد|بیشتر|और|更多|もっと見る|더\s?보기)(?: \S+){0,2}",
    re.IGNORECASE,
)
_ARROW = re.compile(r"[>›»→≫▶►⟩❯⏵]+")
_TRIMMED = " \t\r\n\xa0.…:|<>«»‹›→←≫≪▶►◀⟩❯⏵[]()"
_PAGE = re.compile(
    r"(?:/page/|[/-]p(?=\d+/?$)|[?&](?:paged?|pg|page_?n(?:o|um(?:ber)?))=)(\d{1,5})(?!\d)",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"(?<!\d)(?:\d{1,3}[.,]\d{3}|\d{1,4})(?!\d)")
_SHORT_NUMBER = re.compile(r"(?<!\d)\d{1,6}(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")  # of a calendar, or of an archive
_MAX_LABEL = 40  # characters of what a pager says
_SLUG = re.compile(r"[^\W\d_]{2,}-[^\W\d_]{2,}")
_MAX_DIFFERENCE = 60
"""Characters by which addresses of two pages of one listing differ, at most."""
_MAX_ENTRIES = 200


def find_older_page(links: Sequence[Link], url: str) -> Link | None:
    """Return the link to the next page of a listing; None where there is none.

    Its signs, from the strongest: ``rel=next``; the word for it; a class; an arrow; the number
    after that of this page. All but ``rel=next`` have other uses, too (a gallery's next picture),
    and count only where the address differs from this page's in a page number.

    Args:
        links: all of the page's.
        url: the page's address, normalised.
    """
    host = _host(url)
    near = [link for link in links if link.url != url and _host(link.url) == host]
    if _is_last(near, url):
        return None
    for sign in _SIGNS:
        step = _near if sign is _is_numeral else _step
        found = [link for link in near if sign(link)]
        steps = [(step(url, link.url) or 0, link) for link in found]
        # A greater one is no page's: the number of a story, say.
        steps = [pair for pair in steps if 0 < abs(pair[0]) <= _MAX_ENTRIES]
        if ahead := [pair for pair in steps if pair[0] > 0]:
            return min(ahead, key=itemgetter(0))[1]
        # Where the last page is the newest, the numbers of older ones fall.
        if steps and sign is not _is_numeral:
            return max(steps, key=itemgetter(0))[1]
        if found and sign is _has_rel:
            return found[0]
    return None


def _is_last(links: list[Link], url: str) -> bool:
    """Tell whether this is the last page: the one number that is not a link is the highest."""
    numbered = [link for link in links if _is_numeral(link, 0) and _near(url, link.url) is not None]
    if len(numbered) < 2:
        return False
    linked = {_count(link.text) for link in numbered}
    pager = numbered[-1].element.getparent()
    while pager is not None and sum(1 for _ in pager.iter("a")) < 2:
        pager = pager.getparent()
    if pager is None:
        return False
    shown = {_count(text) for text in _NUMERAL.findall(" ".join(map(str, pager.itertext())))}
    return len(shown - linked) == 1 and max(shown - linked) > max(linked)


def _host(url: str) -> str:
    return url.split("/", 3)[2].removeprefix("www.")


def _has_rel(link: Link) -> bool:
    return "next" in link.element.get("rel", "").lower().split()


def _has_word(link: Link) -> bool:
    return any(_WORDED.fullmatch(words) for words in _labels(link))


def _labels(link: Link) -> list[str]:
    element = link.element
    said = (link.text, element.get("title", ""), element.get("aria-label", ""))
    return [text.strip(_TRIMMED) for text in said if 0 < len(text) <= _MAX_LABEL]


def _has_class(link: Link) -> bool:
    element = link.element
    parent = element.getparent()
    is_alone = element.getnext() is None and element.getprevious() is None  # `len` counts them all
    above = parent.get("class", "") if parent is not None and is_alone else ""
    said = f"{element.get('class', '')} {above}".lower()
    if "next" not in said and "older" not in said:
        return False
    return any(
        ("next" in name or "older" in name) and "prev" not in name and "newer" not in name
        for name in said.split()
    )


def _is_arrow(link: Link) -> bool:
    return bool(_ARROW.fullmatch(link.text))


def _is_numeral(link: Link, above: int = 1) -> bool:
    """Tell whether a link's text is the number of a page, which its address has, too."""
    if not _NUMERAL.fullmatch(link.text):
        return False
    count = _count(link.text)
    numbers = map(int, _SHORT_NUMBER.findall(link.url))
    return count > above and any(_is_of_page(number, count) for number in numbers)


def _is_of_page(number: int, count: int) -> bool:
    """Tell whether it is the page's number, from 1 or from 0, or that of its first entry."""
    size, rest = divmod(number, count - 1) if count > 1 else (number, 0)
    return number == count or (not rest and size <= _MAX_ENTRIES)


def _count(numeral: str) -> int:
    return int(re.sub(r"\D", "", numeral))


def _step(own: str, other: str) -> int | None:
    """Return how far the page number of an address is above this page's; None without one."""
    named, before = _PAGE.search(other), _PAGE.search(own)
    if named:
        return int(named[1]) - (int(before[1]) if before else 0)
    return _difference(*_differing_parts(own, other))


def _near(own: str, other: str) -> int | None:
    """Do the same for an address that differs from this page's in nothing else."""
    here, there = _differing_parts(own, other)
    is_other = re.search(r"[^\W\d_]", here) and not re.search(r"\d", here)
    return None if is_other else _difference(here, there)


def _difference(here: str, there: str) -> int | None:
    numbers, others = re.findall(r"\d+", here), re.findall(r"\d+", there)
    if not others or len(there) > _MAX_DIFFERENCE or _YEAR.search(there) or _SLUG.search(there):
        return None
    return int(others[-1]) - (int(numbers[-1]) if numbers else 0)


def _differing_parts(own: str, other: str) -> tuple[str, str]:
    """Return the parts in which two addresses differ; numbers stay whole."""
    own, other = (url.partition("://")[2].removeprefix("www.") for url in (own, other))
    start = _shared_length(own, other)
    own, other = own[start:], other[start:]
    end = _shared_length(own[::-1], other[::-1])
    return own[: len(own) - end], other[: len(other) - end]


def _shared_length(one: str, other: str) -> int:
    """Count the characters two texts begin with alike, without a number that goes on."""
    return len(commonprefix((one, other)).rstrip("0123456789"))  # noqa: RUF071 (characters)


_SIGNS = (_has_rel, _has_word, _has_class, _is_arrow, _is_numeral)

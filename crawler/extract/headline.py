"""The headline a page prints, told from its logo, its kicker and its search-engine title."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree
from parsel import Selector

from crawler.extract.candidates import Candidates
from crawler.extract.plausible import is_shortened
from crawler.text.fingerprint import fold
from crawler.text.tidy import tidy

_SEPARATOR = re.compile(r"\s+[|–—·•∙»«›‹:~⋆/-]+\s+|\s*[|»›│ㅣ｜]\s*|(?<=\s)::\s|:(?=\S*$)")
_MAX_TITLE = 500  # characters of a title
_MAX_HEADINGS = 20  # headings of one level looked at
_MAX_PARTS = 12  # elements of one heading looked at
_MIN_LIKENESS = 0.3  # share of letter groups a printed headline has in common with what is stated
_MIN_NAME = 4  # letters of a host's name that is not found in other words by chance
_UNREAD = frozenset(("script", "style", "svg", "rt", "rp", "noscript", "template", "button"))
_KICKER_MARKS = " :|–—-•·"  # what stands between a kicker and a headline


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings a page prints that may be its headline."""

    main: list[list[str]]
    """Of each ``h1`` the texts of its parts: the kicker, the headline, a subtitle."""
    minor: list[str]
    """Of the first ``h2``, and what microdata calls the headline."""
    below: list[str] = field(default_factory=list)
    """Where the ``h1`` ends the breadcrumbs: the parts of the first ``h2``, which may be the
    headline, while the ``h1`` has words for search engines."""

    @property
    def printed(self) -> list[str]:
        """Each ``h1`` as one text."""
        return [" ".join(parts) for parts in self.main]


def read_headings(root: Selector) -> Headings:
    """Read the headings that may be the page's headline."""
    found = [heading.root for heading in root.xpath("//h1")[:_MAX_HEADINGS]]
    below: list[str] = []
    if found and all(map(_is_last_breadcrumb, found)):
        below = next((_parts(heading.root) for heading in root.xpath("(//h2)[1]")), [])
    main = [parts for heading in found if not _is_logo(heading) and (parts := _parts(heading))]
    # Bounded before they are joined: libxml2 takes time with the square of the joined.
    minor = root.xpath(
        f"(//h2)[position() <= {_MAX_HEADINGS}]"
        f' | (//@itemprop[. = "headline"])[position() <= {2 * _MAX_HEADINGS}]'
        "/parent::*[not(self::meta)]"
    )[:_MAX_HEADINGS]
    return Headings(main, [tidy(" ".join(_parts(heading.root))) for heading in minor], below)


def choose_title(
    headings: Headings, candidates: list[Candidates], site: Collection[str]
) -> tuple[str, str] | None:
    """Return the story's headline and its origin.

    The outlet's selector decides; then the ``h1`` that resembles what JSON-LD, meta tags, the lead
    or the page's ``title`` state, for these are often written for search engines and carry the
    outlet's name, while several ``h1`` or a logo's can stand on a page; then what is stated.

    Args:
        site: the outlet's names, folded.
    """
    shown = set(map(fold, [*headings.printed, *headings.minor])) - {""}
    claims = [
        (title, part.origin)
        for part in candidates
        for text in part.titles
        if (title := clean_title(text, site, shown))
    ]
    claims = sorted(claims[:_MAX_HEADINGS], key=lambda claim: is_shortened(claim[0]))
    if own := [claim for claim in claims if claim[1] == "selector"]:
        return own[0]
    if headings.below:
        printed = _printed(headings.below, claims)
        if printed[1] != "generic":
            return printed
    mains = [parts for parts in headings.main if fold(" ".join(parts)) not in site]
    claimed = [_trigrams(title) for title, _ in claims]
    texts = [" ".join(parts) for parts in mains]
    ranked = [(_likeness(text, claimed), len(text), at) for at, text in enumerate(texts)]
    likeness, _, best = max(ranked, default=(0.0, 0, 0))
    if likeness >= _MIN_LIKENESS:
        return _printed(mains[best], claims)
    trusted = [claim for claim in claims if claim[1] != "generic" and not is_shortened(claim[0])]
    if not trusted and len(mains) == 1:
        return " ".join(mains[0]), "generic"
    return next(iter(trusted or claims), None)


def clean_title(text: str, site: Collection[str], headings: Collection[str] = ()) -> str | None:
    """Return a headline without the outlet's name at either end; None if nothing else is there.

    Args:
        site: the outlet's names, folded.
        headings: what the page shows as headings, folded: what goes on before or after one of
            these is not part of the title, whatever it is.
    """
    text = tidy(text)
    while text:
        if fold(text) in site or len(text) > _MAX_TITLE:
            return None
        if fold(text) in headings:
            return text
        marks = [mark for mark in _SEPARATOR.finditer(text) if text[mark.end() :].strip()]
        before = [text[: mark.start()].strip() for mark in marks]
        after = [text[mark.end() :].strip() for mark in marks]
        if shown := [part for part in (*before[::-1], *after) if fold(part) in headings]:
            return max(shown, key=len)
        if marks and _is_site(after[-1], site):
            text = before[-1]
        elif marks and _is_site(before[0], site):
            text = after[0]
        else:
            break
    return text or None


def texts_of(element: etree._Element, unread: Collection[str] = _UNREAD) -> Iterator[str]:
    """Yield the texts of an element in order, but for those of elements that are not read."""
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "start" and node.tag not in unread:
            yield from _texts_from(node.text, next(node.iterchildren(), None))
        elif event == "start":
            walk.skip_subtree()
        elif node is not element:
            yield from _texts_from(node.tail, node.getnext())


def _texts_from(text: str | None, node: etree._Element | None) -> Iterator[str]:
    """Yield a text, and what follows the comments behind it, for which a walk takes too long."""
    yield text or ""
    while isinstance(node, etree._Comment | etree._ProcessingInstruction):
        yield node.tail or ""
        node = node.getnext()


def _printed(parts: list[str], claims: list[tuple[str, str]]) -> tuple[str, str]:
    """Return the printed headline, without the kicker or subtitle that no claim has with it."""
    stated = {fold(title): (title, origin) for title, origin in reversed(claims)}
    for title, origin in claims:
        for mark in _SEPARATOR.finditer(title):
            stated.setdefault(fold(title[: mark.start()]), (title[: mark.start()].strip(), origin))
    runs = [" ".join(parts)]
    for cut in range(1, len(parts)):
        runs += [" ".join(run).strip(_KICKER_MARKS) for run in (parts[cut:], parts[:-cut])]
    for text in runs:
        if fold(text) in stated:
            title, origin = stated[fold(text)]
            # Elements set apart by style alone leave spaces, or no mark, where others are seen.
            alike = len(parts) > 1 or _unspaced(title) == _unspaced(text)
            return title if alike else text, origin
    return runs[0], "generic"


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _likeness(text: str, claims: list[set[str]]) -> float:
    """Return the share of letter groups that `text` and the claim most like it have in common."""
    groups = _trigrams(text)
    return max((2 * len(groups & o) / (len(groups) + len(o)) for o in claims), default=0.0)


def _trigrams(text: str) -> set[str]:
    """Return the groups of three letters in a text: like words, in any script."""
    letters = fold(text[:_MAX_TITLE])
    return {letters[at : at + 3] for at in range(max(1, len(letters) - 2))}


def _is_site(text: str, site: Collection[str]) -> bool:
    """Tell whether `text` is the outlet's name, or little more than it: ``Daily Post Online``."""
    letters = fold(text)
    return any(
        letters == name
        or (len(name) >= _MIN_NAME and name in letters and len(letters) < 2 * len(name))
        for name in site
    )


def _is_logo(heading: etree._Element) -> bool:
    """Tell whether a heading leads to the front page."""
    for link in heading.iter("a"):
        href = link.get("href", "#")
        if not href.startswith("#") and urlsplit(href).path in ("", "/"):
            return True
    return False


def _is_last_breadcrumb(heading: etree._Element) -> bool:
    """Tell whether a heading is the last of the breadcrumbs."""
    around = [heading, *islice(heading.iterancestors(), 3)]
    if any("breadcrumb" in element.get("class", "").lower() for element in around):
        return True
    item = next((element for element in around if element.tag == "li"), None)
    parent = item.getparent() if item is not None else None
    return parent is not None and parent.tag == "ol" and len(parent) > 1


def _parts(heading: etree._Element) -> list[str]:
    parts: list[str] = []
    length = 0
    for part in filter(None, map(tidy, texts_of(heading))):
        length += len(part)
        if length > _MAX_TITLE:  # left open, it holds the rest of the page
            return []
        parts.append(part)
    return parts if len(parts) <= _MAX_PARTS else [" ".join(parts)]

"""The odds that one link leads to a story, by its address and its words alone."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from crawler.text.urls import registered_domain

# A date, as archives by day have it: /2024/11/30/, /2024/nov/30/, /20241130-, 2024-11-30.
_DATE = re.compile(
    r"/(?:19|20)\d\d[/_-]?(?:\d{1,2}|[a-z]{3})(?:[/_-]?\d{1,2})?(?=[/_-]|$)"
    r"|/(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d|(?:19|20)\d\d-\d\d-\d\d"
)
# The number, hash or UUID that a database gave the story.
_ID = re.compile(
    r"\d{5,}|(?<![a-z\d])(?=[a-z]*\d)[a-z\d]{10,}|[\da-f]{8}-[\da-f]{4}|[-,_.]\d{4,}(?=$|\.)"
)
# The same as a parameter: /?p=1204, /news.php?newsid=1204.
_QUERY_ID = re.compile(
    r"(?:^|&)(?:p|[ans]?id|(?:article|content|doc|item|news|post|story)_?(?:id|no)?)=\d{2,}(?:&|$)",
    re.IGNORECASE,
)
_ID_LAST = re.compile(r"(?:^|[-_.,a-z])(?:\d{6,}|[\da-f-]{16,})(?:\.\w+)?$")
_WORD = re.compile(r"[^\W\d_]+")
_PART = re.compile(r"[^\W_]+")
_EXTENSION = re.compile(r"\.[a-z]{2,5}$")
_FILE = re.compile(r"\.(?:pdf|jpe?g|png|gif|svg|webp|zip|mp[34]|m3u8?|docx?|xlsx?|xml|rss)$")
# What an address leads to that lists other pages: one directory further there may be anything.
_LISTS = frozenset(
    "anchor archive archives auteur auteurs author authors autor autores byline by categoria"
    " categorias categorie category categories channel collection collections columnist columnists"
    " contributor contributors etiqueta etiquetas kategoria kategorie label labels latest location"
    " locations most-popular newsletter newsletters page people person personalities podcast"
    " podcasts profile profiles program programs rubric rubrik rubrique rubriques schedule search"
    " seccion section sections series sezione show shows staff subject tag tags team tema temas"
    " thema themen theme topic topics user users writer writers".split()
)
# What sites have beside stories, as the first or the last directory of an address.
_SERVICES = frozenset(
    "about about-us aboutus accessibility account accounts ads advertise advertising app apps"
    " calendar careers cart checkout classified classifieds contact contact-us contacto contatti"
    " contests coupons datenschutz deals digital directory donate e-edition eedition epaper ethics"
    " event events faq faqs feed feedback feeds galleries gallery games help horoscope impressum"
    " imprint jobs kontakt legal listen live login masthead member membership mobile my-account"
    " newsletter-signup obituaries our-team photos podcast podcasts policies policy press print"
    " privacidad privacy privacy-policy puzzles radio real-estate recipes register rss shop"
    " sign-in sign-up signin signup sitemap sponsors store submit subscribe subscription"
    " subscriptions support terms terms-of-service terms-of-use tips tos traffic tv video videos"
    " watch weather".split()
)
_STORIES = frozenset(
    "article articles artikel articolo articulo nachricht noticia noticias notizia post posts"
    " story stories".split()
)
_SMALL_PRINT = re.compile(r"cookie|copyright|privacy|datenschutz|impressum|terms-of|terms-and")
_PAID = re.compile(
    r"(?:sponsor(?:ed)?|partner|paid|brand(?:ed)?|promoted|promo|native)[-_ ]?"
    r"(?:content|post|stud\w+|lab)"
    r"|sponsored|advertorials?"
)
_SERVICE_HOST = re.compile(
    r"(?:about|accounts?|ads?|advertis\w*|apps?|careers?|classifieds?|cloud|corporate|email|events?"
    r"|feeds?|games?|help|investors?|jobs?|legal|login|manage|members?|my|newsletters?|obituaries"
    r"|play|privacy|profile|radio|rss|secure|session|shop|static|store|subscri\w*|support|tickets?"
    r"|weather)\d*\."
)
# Words that stand on a link to a story and name none, digits and signs aside: they tell nothing.
_SAYS_NOTHING = re.compile(
    r"(?:read|learn|see) more|more|read on|read full(?: \w+)?|continue(?: reading.*)?"
    r"|full (?:story|article)|weiterlesen|mehr|lire la suite|leer m[aá]s|leggi tutto|lees meer"
    r"|(?:(?:no|leave a|post a|view|add) )?(?:comments?|kommentare?|commentaires?|comentarios?)"
    r"(?: posted| none(?: posted)?)?|shares?|likes?|views?|replies|"
)
_MAX_NOTHING = 40  # characters that say nothing, at most
# Scripts without spaces: Thai, Lao, Burmese, Khmer, kana, Han. Two and a half letters make a word.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
)

SERVICE_HOST = "service host"
# What each trait adds to the log odds: fitted to 1,400 links of 170 home pages and rounded;
# but "query id", which none of them has, like the other ids.
_WEIGHTS = {
    "any": -0.6,
    "elsewhere": -1.0,
    SERVICE_HOST: -1.1,
    "paid": -0.9,
    "home": -1.5,
    "query": -0.2,
    "query id": 2.0,
    "date": 1.9,
    "id": 1.3,
    "id last": 0.7,
    "short last": -1.4,
    "below stories": 1.3,
    "below a list": -1.5,
    "list": -0.1,
    "below a service": -0.4,
    "service": -0.6,
    "small print": -1.0,
    "file": 0.1,
    **{f"slug {n}": weight for n, weight in enumerate((0, -0.9, -0.4, -0.8, 0.4, 0.6, 1.6))},
    **{f"depth {n}": weight for n, weight in enumerate((-0.4, 0.7, 0.5, 0), 1)},
    **{
        f"words {n}": weight
        for n, weight in enumerate((0.5, -0.1, -1.6, -1.5, -1.0, -0.1, 0.6, 0.8, 1.8), -1)
    },
}

NEVER = frozenset({"home", SERVICE_HOST, "file", "small print"})
"""Traits that no story on a page of its outlet has."""


def story_odds(traits_found: Iterable[str]) -> float:
    """Return the log odds that a link with these traits leads to a story: above 0, it is likely."""
    return sum(map(_WEIGHTS.__getitem__, traits_found))


def link_traits(url: str, text: str, site: str | None) -> Iterator[str]:
    """Yield the names of traits that tell a link to a story from other links.

    Args:
        url: the address of the link, normalised.
        text: its text.
        site: the registered domain of the page it stands on, if that is known.
    """
    yield "any"
    yield f"words {_bin(_words(text), (1, 2, 3, 4, 5, 6.5, 9))}"
    _, _, host, where = url.split("/", 3)
    path, _, query = where.partition("?")
    path = f"/{unquote(path) if '%' in path else path}".lower()
    host = host.removeprefix("www.")
    if site and registered_domain(host) != site:
        yield "elsewhere"
    if _SERVICE_HOST.match(host):
        yield SERVICE_HOST
    if _PAID.search(path) or _PAID.match(text.lower()):
        yield "paid"
    segments = [segment for segment in path.split("/") if segment]
    if _QUERY_ID.search(query):
        yield "query id"
        return
    if not segments:
        yield "home"
        return
    yield from _path_traits(path, segments)
    if query:
        yield "query"


def _path_traits(path: str, segments: list[str]) -> Iterator[str]:
    names = [_EXTENSION.sub("", segment) for segment in segments]
    yield f"slug {min(6, max(len(_WORD.findall(segment)) for segment in segments))}"
    yield f"depth {min(4, len(segments))}"
    dated = _DATE.search(path)
    found = {
        "date": dated,
        "id": _ID.search(_DATE.sub("/", path) if dated else path),
        "id last": _ID_LAST.search(segments[-1]),
        "short last": len(_PART.findall(segments[-1])) <= 2,
        "below a list": not _LISTS.isdisjoint(names[:-1]),
        "list": names[-1] in _LISTS,
        "below a service": names[0] in _SERVICES,
        "service": names[-1] in _SERVICES,
        "below stories": not _STORIES.isdisjoint(names[:-1]),
        "small print": _SMALL_PRINT.search(path),
        "file": _FILE.search(path),
    }
    yield from (name for name, has in found.items() if has)


def _words(text: str) -> float:
    if len(text) < _MAX_NOTHING and _SAYS_NOTHING.fullmatch(" ".join(_WORD.findall(text.lower()))):
        return 0
    spaced, unspaced = _UNSPACED.subn(" ", text)
    return len(spaced.split()) + unspaced / 2.5


def _bin(number: float, bounds: tuple[float, ...]) -> int:
    return sum(number >= bound for bound in bounds) if number else -1

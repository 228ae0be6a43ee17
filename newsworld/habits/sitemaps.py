"""Bad habits of sitemaps. They change what an entry says besides, or how it says it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newsworld.habits.scene import Change, Scene, TextChange, old_stories
from newsworld.messages import SiteResponse, http_date
from newsworld.render import environment

LARGE = 60_000
"""Entries of a very large sitemap."""
_ENTRY = re.compile(r"(<url>)(.*?)(</url>)", re.DOTALL)
_LOC = re.compile(r"<loc>(.*?)</loc>")
_LASTMOD = re.compile(r"<lastmod>(.*?)</lastmod>")
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_ROOT = re.compile(r"<(urlset|sitemapindex)\b")
_OWN = re.compile(r"<(/?)(urlset|sitemapindex|url|sitemap|loc|lastmod)\b")

_PICTURE = (
    "<image:image><image:loc>{base}/pictures/{at}.jpg</image:loc><image:title>The quay, no. {at}"
    "</image:title><image:caption>Seen from {base}/pier</image:caption></image:image>"
)
_EXTENSIONS = {
    "sitemap_pictures": (
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"',
        _PICTURE,
    ),
    "sitemap_videos": (
        'xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"',
        "<video:video><video:title>Film {at}</video:title><video:thumbnail_loc>{base}/films/{at}"
        ".jpg</video:thumbnail_loc><video:content_loc>{base}/films/{at}.mp4</video:content_loc>"
        "<video:player_loc>{base}/player?film={at}</video:player_loc><video:publication_date>"
        "2011-02-03T04:05:06+00:00</video:publication_date></video:video>",
    ),
    "sitemap_languages": (
        'xmlns:xhtml="http://www.w3.org/1999/xhtml"',
        '<xhtml:link rel="alternate" hreflang="fr" href="{base}/fr/{at}"/>'
        '<xhtml:link rel="amphtml" href="{base}/amp/{at}"/>',
    ),
    "sitemap_namespaces": (
        'xmlns:x="https://harbour.example/schemas/story"',
        "<x:loc>{base}/x/{at}</x:loc><x:lastmod>2009-08-07T06:05:04Z</x:lastmod><x:title>No "
        'title</x:title><PageMap xmlns="http://www.google.com/schemas/sitemap-pagemap/1.0">'
        "<DataObject><loc>{base}/map/{at}</loc><lastmod>2009-08-07</lastmod></DataObject>"
        "</PageMap>",
    ),
    "sitemap_undeclared": ("", _PICTURE),
}
"""By habit: the declaration of a namespace, and what each entry has of it."""


def _extended(declaration: str, markup: str) -> TextChange:
    """Say more in each entry, before its own address and date or after them."""

    def change(text: str, scene: Scene) -> str:
        count = iter(range(1, 1_000_000))

        def extend(entry: re.Match[str]) -> str:
            at = next(count)
            more = markup.format(base=scene.base, at=at)
            first, last = (more, more.replace(f"/{at}", f"/{at}b")) if at % 2 else ("", more)
            return f"{entry[1]}{first}{entry[2]}{last}{entry[3]}"

        return _ENTRY.sub(extend, _ROOT.sub(rf"<\1 {declaration}", text, count=1))

    return change


_FORMS: tuple[Callable[[datetime], str], ...] = (
    http_date,
    lambda at: str(int(at.timestamp())),
    lambda at: f"{at:%Y/%m/%d %H:%M:%S}",
    lambda at: f"{at:%d/%m/%Y %H:%M}",
    lambda at: f"{at:%Y-%m-%d%H:%M:%S}+00:00",  # one T is missing
    lambda at: f"{at.day} {at:%B %Y}",
    lambda at: f"{at:%d.%m.%Y}",
    lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
)
"""Other ways to write a ``lastmod``."""


def _dated(date: Callable[[datetime, int, Scene], str]) -> TextChange:
    """State other dates; of a number, each entry is told how many were before it."""

    def change(text: str, scene: Scene) -> str:
        count = iter(range(1_000_000))

        def state(match: re.Match[str]) -> str:
            at = datetime.fromisoformat(match[1]).astimezone(UTC)
            return f"<lastmod>{date(at, next(count), scene)}</lastmod>"

        return _LASTMOD.sub(state, text)

    return change


def _one_form(at: datetime, count: int, scene: Scene) -> str:
    return _FORMS[scene.seed % len(_FORMS)](at)


def _located(address: Callable[[str, int], str]) -> TextChange:
    """Write the entries' own addresses in another way."""

    def change(text: str, scene: Scene) -> str:
        count = iter(range(1_000_000))
        return _ENTRY.sub(
            lambda entry: _LOC.sub(
                lambda loc: f"<loc>{address(loc[1], next(count))}</loc>", entry[0]
            ),
            text,
        )

    return change


def _tracked(joint: str) -> Callable[[str, int], str]:
    return lambda url, _: f"{url}{joint if '?' in url else '?'}utm_source=map{joint}utm_medium=xml"


def _commented(url: str, at: int) -> str:
    forms = (f"<!-- story -->{url}", f"\n\t{url}\n", f"<![CDATA[{url}]]>", f"{url}<!-- /old -->")
    return forms[at % len(forms)]


def _slashes(url: str, at: int) -> str:
    """Escape what needs no escape: as XML has it, and as only HTML has."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://" + rest.replace("/", ("&#x2F;", "&sol;")[at % 2])


def _unordered(text: str, scene: Scene) -> str:
    entries = [entry[0] for entry in _ENTRY.finditer(text)]
    scene.rng(scene.ask.target).shuffle(entries)
    shuffled = iter(entries)
    return _ENTRY.sub(lambda _: next(shuffled), text)


def _prefixed(text: str, scene: Scene) -> str:
    return _OWN.sub(r"<\1sm:\2", text).replace(" xmlns=", " xmlns:sm=", 1)


def _old_namespace(text: str, scene: Scene) -> str:
    url = ("http://www.google.com/schemas/sitemap/0.84", "https://www.sitemaps.org/schemas/0.9/")
    return text.replace(_SCHEMA, url[scene.seed % 2], 1)


def _large(text: str, scene: Scene) -> str:
    """Put before or after the entries those of years ago, which no page is left of."""
    if "<url>" not in text:
        return text
    old = old_stories(
        f"<url><loc>{scene.old}</loc><lastmod>2009-08-07T06:05:04Z</lastmod></url>", LARGE
    )
    if scene.seed % 2:
        return re.sub(r"(?=<url>)", old, text, count=1)
    return text.replace("</urlset>", f"{old}</urlset>")


TEXTS: dict[str, TextChange] = {
    **{kind: _extended(*parts) for kind, parts in _EXTENSIONS.items()},
    "sitemap_prefixed": _prefixed,
    "sitemap_old_namespace": _old_namespace,
    "sitemap_unordered": _unordered,
    "sitemap_lastmod_constant": _dated(lambda at, _, scene: scene.world.start.isoformat()),
    "sitemap_lastmod_past": _dated(lambda at, _, scene: "2015-01-01T00:00:00+00:00"),
    "sitemap_lastmod_future": _dated(lambda at, *_: (at + timedelta(days=1100)).isoformat()),
    "sitemap_lastmod_forms": _dated(_one_form),
    "sitemap_lastmod_mixed": _dated(lambda at, count, _: _FORMS[count % len(_FORMS)](at)),
    "sitemap_lastmod_nonsense": _dated(lambda at, count, _: ("", "now", "0000-00-00")[count % 3]),
    "sitemap_ampersands": _located(_tracked("&")),
    "sitemap_escaped_twice": _located(_tracked("&amp;amp;")),
    "sitemap_entities": _located(_slashes),
    "sitemap_comments": _located(_commented),
    "sitemap_large": _large,
}


def _entries(page: SiteResponse) -> list[tuple[str, datetime | None]]:
    """Return the addresses of a sitemap's own entries, with their dates."""
    found = []
    for entry in _ENTRY.finditer(page.body.decode()):
        loc, date = _LOC.search(entry[2]), _LASTMOD.search(entry[2])
        assert loc
        found.append((loc[1], datetime.fromisoformat(date[1]) if date else None))
    return found


def _as_text(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Say the addresses alone, one a line."""
    if not (entries := _entries(page)):
        return page
    body = "\r\n".join(url.replace("&amp;", "&") for url, _ in entries) + "\r\n"
    return replace(page, body=body.encode(), content_type="text/plain; charset=utf-8")


def _as_feed(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Put a feed where a sitemap was: RSS or Atom."""
    if not (entries := _entries(page)):
        return page
    atom = scene.seed % 2
    date = environment().filters["rss_date"]
    items = "".join(
        f'<entry><id>{url}</id><link href="{url}"/>'
        + (f"<updated>{at.isoformat()}</updated>" if at else "") + "</entry>"
        if atom
        else f"<item><link>{url}</link>"
        + (f"<pubDate>{date(at)}</pubDate>" if at else "") + "</item>"
        for url, at in entries
    )  # fmt: skip
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Map</title>{items}</feed>'
        if atom
        else f'<rss version="2.0"><channel><title>Map</title>{items}</channel></rss>'
    )
    return replace(page, body=f'<?xml version="1.0" encoding="UTF-8"?>{body}'.encode())


def cut(page: SiteResponse, scene: Scene) -> SiteResponse:
    """End the file in the middle of an address, three fifths down."""
    text = page.body.decode("latin-1")
    near = [at.end() for at in re.finditer(re.escape(f"//{scene.edition.paper.host}/"), text)]
    if len(near) < 3:
        return page
    kept = text[: near[len(near) * 3 // 5] + 3]
    # Half of an object tells nothing; RDF has its addresses in tables and attributes, too.
    rdf = kept.partition("</items>")[2]
    told = kept[: kept.rfind("}")] if kept[0] == "{" else rdf or kept
    end = "<" if rdf else "[<\"']"
    shows = tuple(
        url for url in page.shows if re.search(re.escape(url.partition("://")[2]) + end, told)
    )
    return replace(page, body=kept.encode("latin-1"), shows=shows)


def _among_others(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Name the files of an index between others, and date none, as WordPress does."""
    if "?of=" in scene.ask.target:
        body = f'<urlset xmlns="{_SCHEMA}"><url><loc>{scene.base}/</loc></url></urlset>'
        return replace(page, body=body.encode(), shows=())
    if b"<sitemapindex" not in page.body:
        return page
    pages, users = (
        f"<sitemap><loc>{scene.base}/sitemap.xml?of={name}</loc></sitemap>"
        for name in ("pages", "users")
    )
    text = _LASTMOD.sub("", page.body.decode()).replace(
        "</sitemapindex>", f"{users}</sitemapindex>"
    )
    return replace(page, body=re.sub(r"(?=<sitemap>)", pages, text, count=1).encode())


ANSWERS: dict[str, Change] = {
    "sitemap_text": _as_text,
    "sitemap_feed": _as_feed,
    "sitemap_cut": cut,
    "sitemap_among_others": _among_others,
}

"""Newsworld's bad habits: what each makes of an answer, and what it leaves."""

import gzip
import html
import http.client
import json
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from newsworld.client import running
from newsworld.habits import feeds, outlets, pages, posts, sitemaps
from newsworld.habits.habit import CHANGES, KINDS, Behaviour, Habit, habits_from
from newsworld.messages import SiteRequest, SiteResponse, conditional
from newsworld.press.papers import papers
from newsworld.server import site_of
from newsworld.world import World
from tests.newsworld.test_server import fetch

PAPERS = papers(20)
ATOM, QUERY, GZIPPED, JSON_FEED, NUMBERED = 2, 5, 2, 4, 6
"""Numbers of papers that have such a thing; the first has all the others."""


class Web:
    """The press with some habits of one paper's."""

    def __init__(self, world: World, *kinds: str, paper: int = 1, seed: int = 0) -> None:
        self.world, self.paper, self._habits = world, PAPERS[paper - 1], Behaviour()
        self._habits.now_on = [Habit(self.paper.host, kind, seed) for kind in kinds]
        self.stories = world.press[self.paper.host].stories(world.clock)

    def ask(self, target: str, host: str = "") -> SiteResponse:
        """The answer to a path, or to an address."""
        ask = SiteRequest(f"https://{host or self.paper.host}", target)
        return self._habits.answer(self.world, ask, self._plain)

    def text(self, target: str) -> str:
        """The answer's body, a byte a character."""
        return self.ask(target).body.decode("latin-1")

    def _plain(self, ask: SiteRequest) -> SiteResponse:
        site = site_of(self.world, ask.host)
        assert site
        return site(self.world, ask) or SiteResponse(status=404)


@pytest.fixture(scope="module")
def world() -> World:
    return World(days=5, press=20, press_stories=30)


MONTH = "/sitemaps/2024-11.xml"
MARKS: dict[str, tuple[str, str]] = {
    "sitemap_pictures": (MONTH, r"<url><image:image><image:loc>https.*?<loc>.*?</loc>"),
    "sitemap_videos": (MONTH, r"</lastmod><video:video>.*?2011-02-03T04:05:06"),
    "sitemap_languages": (MONTH, r'<xhtml:link rel="alternate" hreflang="fr" href="[^"]*/fr/1"/>'),
    "sitemap_namespaces": (MONTH, r"<x:loc>.*?<x:lastmod>2009-.*?<PageMap xmlns"),
    "sitemap_undeclared": (MONTH, r"<urlset  xmlns=[^>]*0\.9\">\n<url><image:image>"),
    "sitemap_prefixed": (MONTH, r'<sm:urlset xmlns:sm="[^"]*0\.9">\n<sm:url><sm:loc>'),
    "sitemap_old_namespace": (MONTH, r"google\.com/schemas/sitemap/0\.84"),
    "sitemap_lastmod_constant": ("/sitemap.xml", r"<lastmod>2024-12-01T12:00:00\+00:00</lastmod>"),
    "sitemap_lastmod_past": ("/sitemap.xml", r"<lastmod>2015-01-01"),
    "sitemap_lastmod_future": ("/sitemap.xml", r"<lastmod>2027-"),
    "sitemap_lastmod_forms": (MONTH, r"<lastmod>[SMTWF]\w\w, \d\d Nov 2024 \d\d:\d\d:\d\d GMT<"),
    "sitemap_lastmod_mixed": (MONTH, r"(?s)<lastmod>\d{10}<.*<lastmod>\d\d/\d\d/2024 \d\d:\d\d<"),
    "sitemap_lastmod_nonsense": (MONTH, r"<lastmod>now<"),
    "sitemap_ampersands": (MONTH, r"<loc>[^<?]*\?utm_source=map&utm_medium=xml</loc>"),
    "sitemap_escaped_twice": (MONTH, r"utm_source=map&amp;amp;utm_medium=xml</loc>"),
    "sitemap_entities": (MONTH, r"(?s)<loc>https://paper-01\.example&#x2F;2024.*&sol;2024"),
    "sitemap_comments": (MONTH, r"(?s)<loc><!-- story -->https.*<loc>\n\thttps.*<!\[CDATA\["),
    "feed_cut_letter": ("/feed", r"<title>\S+\xc3 \S"),
    "feed_stray_bytes": ("/feed", r"<title>\S+\x08 \S"),
    "feed_entities": ("/feed", r"<title>\S+&nbsp; \S"),
    "feed_adverts": ("/feed", r"<link>https://offers\.example/2024/1\d/\d\d/[\w-]+\?</link>"),
    "feed_languages": ("/feed", r'<item><atom:link rel="alternate" hreflang="fr"'),
    "feed_amp": ("/feed", r'<item><atom:link rel="amphtml" href="[^"]*/amp"/>'),
    "feed_enclosure": ("/feed", r'<item><enclosure url="[^"]*\.mp3"'),
    "feed_related": ("/feed", r'<item><atom:link rel="related"[^>]*/><comments>https'),
    "feed_authors": ("/feed", r"<author>mailto:desk@paper-01\.example \(\w+ \w+\)</author>"),
    "feed_guid_code": ("/feed", r"<guid>\d+ at The Harbour Herald 1</guid>"),
    "feed_guid_same": ("/feed", r"(?s)<guid>paper_01</guid>.*<guid>paper_01</guid>"),
    "feed_session": ("/feed", r"<link>[^<?]*\?sid=[0-9a-f]{24}</link>"),
    "feed_own_name": ("/feed", r"<link>[^<?]*\?ref=paper-01\.example</link>"),
    "listing_session": ("/latest", r'<h2><a href="[^"?]*\?sid=[0-9a-f]{24}">'),
    "listing_own_name": ("/latest", r'<h2><a href="[^"?]*\?ref=paper-01\.example">'),
}  # fmt: skip
"""By habit: what to ask for, and what its answer has and had not before."""


@pytest.mark.parametrize("kind", MARKS)
def test_what_a_channel_says_besides(world: World, kind: str) -> None:
    target, mark = MARKS[kind]
    plain, found = Web(world).ask(target), Web(world, kind).ask(target)
    assert not re.search(mark, plain.body.decode("latin-1"))
    assert re.search(mark, found.body.decode("latin-1")), found.body[:2000]
    assert found.shows == plain.shows
    assert found.etag != plain.etag or found.etag is None
    assert Web(world, kind, paper=3).ask("/robots.txt") == Web(world, paper=3).ask("/robots.txt")


@pytest.mark.parametrize("kind", [kind for kind in MARKS if kind.startswith("sitemap")])
def test_the_entries_of_a_sitemap_are_its_own_addresses(world: World, kind: str) -> None:
    """To a reader that goes by structure, undoes what was escaped, and knows campaigns."""
    found = Web(world, kind).ask(MONTH)
    text = re.sub(r"&(?=utm)", "&amp;", found.body.decode().replace("&sol;", "/"))
    root = etree.fromstring(text.encode(), etree.XMLParser(recover=True))
    assert isinstance(root, etree._Element)
    own = [
        str(loc.xpath("string()"))
        for loc in root.iterfind("{*}url/{*}loc")
        if etree.QName(loc).namespace == etree.QName(root).namespace and loc.prefix in (None, "sm")
    ]
    plain = [re.sub(r"[?&]utm.*", "", html.unescape(url)).strip() for url in own]
    assert [url for url in plain if "/pictures/" not in url] == list(found.shows)


def test_packed_sitemaps_have_habits_too(world: World) -> None:
    found = Web(world, "sitemap_pictures", paper=GZIPPED).ask(f"{MONTH}.gz")
    assert b"<image:loc>" in gzip.decompress(found.body)


def test_each_seed_has_its_form_of_lastmod(world: World) -> None:
    forms = {
        re.sub(r"\d", "9", re.sub(r"[a-z]+", "a", web.text(MONTH).partition("<lastmod>")[2][:9]))
        for web in (Web(world, "sitemap_lastmod_forms", seed=seed) for seed in range(8))
    }
    assert len(forms) == 8 - 1  # with a T less, and with a blank instead, they begin alike


def test_entries_lose_their_order_and_nothing_else(world: World) -> None:
    plain, found = (
        re.findall("<url>.*?</url>", Web(world, *kinds).text(MONTH))
        for kinds in ((), ("sitemap_unordered",))
    )
    assert plain != found
    assert sorted(plain) == sorted(found)


def test_other_things_in_place_of_a_sitemap(world: World) -> None:
    plain = Web(world).ask(MONTH)
    found = Web(world, "sitemap_text").ask(MONTH)
    assert tuple(found.body.decode().split("\r\n")[:-1]) == plain.shows
    assert found.content_type.startswith("text/plain")
    for seed, root in ((0, b"<rss "), (1, b"<feed ")):
        found = Web(world, "sitemap_feed", seed=seed).ask(MONTH)
        assert root in found.body
        assert all(url.encode() in found.body for url in plain.shows)
        index = "/sitemap.xml"
        assert Web(world, "sitemap_feed", seed=seed).ask(index) == Web(world).ask(index)


def test_an_index_that_names_its_files_among_others(world: World) -> None:
    web = Web(world, "sitemap_among_others")
    locations = re.findall(r"<loc>(.*?)</loc>", web.ask("/sitemap.xml").body.decode())
    own = re.findall(r"<loc>(.*?)</loc>", Web(world).ask("/sitemap.xml").body.decode())
    assert [locations[0][-8:], *locations[1:-1], locations[-1][-8:]] == [
        "of=pages",
        *own,
        "of=users",
    ]
    assert b"<lastmod>" not in web.ask("/sitemap.xml").body
    assert re.findall(rb"<loc>(.*?)</loc>", web.ask("/sitemap.xml?of=pages").body) == [
        b"https://paper-01.example/"
    ]
    assert web.ask(MONTH) == Web(world).ask(MONTH)


@pytest.mark.parametrize(("kind", "target"), [("sitemap_cut", MONTH), ("feed_cut", "/feed")])
def test_a_file_that_ends_early_shows_less(world: World, kind: str, target: str) -> None:
    plain, found = Web(world).ask(target), Web(world, kind).ask(target)
    assert plain.body.startswith(found.body)
    assert re.search(rb"https://paper-01\.example/[^<]{3}$", found.body)
    assert 0 < len(found.shows) < len(plain.shows)
    assert set(found.shows) == {url for url in plain.shows if f"{url}<".encode() in found.body}


@pytest.mark.parametrize(
    ("kind", "paper", "target", "mark", "count"),
    [
        ("sitemap_large", 1, MONTH, "<url>", sitemaps.LARGE),
        ("sitemap_large", QUERY, "/maps/stories.xml", "<url>", sitemaps.LARGE),
        ("feed_large", 1, "/feed", "<item>", feeds.LARGE),
        ("feed_large", ATOM, "/atom.xml", "<entry>", feeds.LARGE),
        ("feed_large", JSON_FEED, "/feed.json", '"id": ', feeds.LARGE),
        ("listing_large", 1, "/latest", "<li><a ", feeds.LARGE),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_large_channels_are_cheap(
    world: World, kind: str, paper: int, target: str, mark: str, count: int, seed: int
) -> None:
    plain, web = Web(world, paper=paper), Web(world, kind, paper=paper, seed=seed)
    assert web.text(target).count(mark) == plain.text(target).count(mark) + count
    begun = time.process_time()
    assert web.ask(target).shows == plain.ask(target).shows
    assert time.process_time() - begun < 2
    if target == "/feed.json":
        assert len(json.loads(web.ask(target).body)["items"]) > count
    elif target != "/latest":
        etree.fromstring(web.ask(target).body, etree.XMLParser(huge_tree=True))


def test_old_stories_look_like_stories_and_are_gone(world: World) -> None:
    web = Web(world, "sitemap_large")
    (url,) = re.findall(r"<loc>([^<]*/2009/08/07/old-7)</loc>", web.text(MONTH))
    assert web.ask(urlsplit(url).path).status == 404


def test_links_of_atom(world: World) -> None:
    web = Web(world, "feed_languages", "feed_plain_link", paper=ATOM)
    links = re.findall(r"<entry>\s*(<link[^>]*>)\s*<title[^>]*>[^<]*</title>\s*(<link [^>]*>)",
                       web.text("/atom.xml"))  # fmt: skip
    assert len(links) == 20
    for other, own in links:
        assert 'hreflang="fr"' in other
        assert "rel=" not in own


def test_a_session_is_another_at_each_reading_and_leads_to_the_story(world: World) -> None:
    for kind, target, paper in (
        ("feed_session", "/feed", 1),
        ("feed_session", "/index.rdf", QUERY),
        ("feed_session", "/feed.json", JSON_FEED),
        ("listing_session", "/latest", 1),
    ):
        web = Web(world, kind, paper=paper)
        first, second = (re.findall(r"sid=(\w+)", web.text(target)) for _ in range(2))
        assert first
        assert set(first).isdisjoint(second)
        (link, *_) = re.findall(r"https://[^<\"]*sid=\w+", web.text(target))
        parts = urlsplit(html.unescape(link))
        assert web.ask(f"{parts.path}?{parts.query}").story == web.ask(target).shows[0]


def walk(web: Web, per_page: int) -> list[SiteResponse]:
    """All pages of the posts, as long as there is something on them."""
    found: list[SiteResponse] = []
    while len(found) < 9:
        target = f"/wp-json/wp/v2/posts?per_page={per_page}&page={len(found) + 1}&_fields=link"
        found.append(web.ask(target))
        if not found[-1].shows:
            break
    return found


@pytest.mark.parametrize(
    ("kind", "headers", "size", "end"),
    [
        ("rest_bare", set(), 20, 400),
        ("rest_bare_empty", set(), 20, 200),
        ("rest_link", {"Link"}, 20, 400),
        ("rest_total", {"X-WP-Total"}, 20, 400),
        ("rest_capped", {"X-WP-Total", "X-WP-TotalPages"}, 10, 400),
        ("rest_capped_bare", set(), 10, 400),
        ("rest_capped_bare_empty", set(), 10, 200),
        ("rest_capped_link", {"Link"}, 10, 400),
    ],
)
def test_posts_behind_a_proxy(
    world: World, kind: str, headers: set[str], size: int, end: int
) -> None:
    web = Web(world, kind)
    *found, last = walk(web, 20)
    whole = [url for page in walk(Web(world), 20) for url in page.shows]
    assert [url for page in found for url in page.shows] == whole
    assert [len(page.shows) for page in found[:-1]] == [size] * (len(whole) // size)
    assert found[0].extra.keys() == headers
    assert last.status == end
    assert (json.loads(last.body) == []) == (end == 200)
    if "Link" in headers:
        page_2 = "/wp-json/wp/v2/posts?per_page=20&page=2&_fields=link"
        assert found[0].extra["Link"] == f'<https://paper-01.example{page_2}>; rel="next"'
        assert "Link" not in found[-1].extra


def test_posts_of_which_only_few_can_be_asked_for(world: World) -> None:
    web = Web(world, "rest_small_only")
    assert web.ask("/wp-json/wp/v2/posts?per_page=100").status == 400
    assert len(web.ask(f"/wp-json/wp/v2/posts?per_page={posts.CAP}").shows) == posts.CAP


LIES: dict[str, Callable[[str], bool]] = {
    "canonical_section": lambda path: path == "/news/",
    "canonical_home": lambda path: path == "/",
    "canonical_404": lambda path: path == "/404",
    "canonical_undefined": lambda path: path in ("/undefined", "/null", "/news/undefined"),
    "canonical_template": lambda path: bool(re.search(r"\[slug\]|\{\{|:slug", path)),
    "canonical_shared": lambda path: True,
}


@pytest.mark.parametrize("kind", LIES)
def test_canonical_lies(world: World, kind: str) -> None:
    for seed in range(3):
        web = Web(world, kind, seed=seed)
        said = set()
        for story in web.stories:
            page = web.ask(story.path)
            (url,) = re.findall(r'rel="canonical" href="([^"]*)"', page.body.decode())
            assert LIES[kind](urlsplit(url).path or "/")
            assert ("og:url" in page.body.decode()) == (seed % 2 == 1)
            assert (page.story, story.title in html.unescape(page.body.decode())) == (
                story.url,
                True,
            )
            said.add(url)
        assert len(said) == 1


def test_a_third_of_canonicals_are_another_storys(world: World) -> None:
    web = Web(world, "canonical_other")
    wrong = 0
    for number, story in enumerate(web.stories):
        (url,) = re.findall(r'rel="canonical" href="([^"]*)"', web.text(story.path))
        wrong += url == web.stories[abs(number - 1)].url
        assert url in (story.url, web.stories[abs(number - 1)].url)
    assert 0 < wrong < len(web.stories) / 2


def test_canonicals_without_what_tells_stories_apart(world: World) -> None:
    web = Web(world, "canonical_without_query", paper=QUERY)
    assert f'rel="canonical" href="{web.paper.home}"' in web.text(web.stories[0].path)


@pytest.mark.parametrize("kind", [*pages.LESS, *pages.SOME])
def test_a_third_of_stories_is_less_than_it_was(world: World, kind: str) -> None:
    web, plain = Web(world, kind), Web(world)
    changed = 0
    for story in web.stories:
        before, after = plain.ask(story.path), web.ask(story.path)
        assert (after.body != before.body) == (after.story != before.story)
        if after.story:
            continue
        changed += 1
        text = html.unescape(after.body.decode())
        assert after.status == 200
        assert (story.title in text) == (kind != "story_other")
        assert (story.paragraphs[-1] in text) == (kind == "story_older_date")
        assert f"{story.local:%Y-%m-%d}" not in text or kind != "story_older_date"
        assert not after.validators
    assert 0 < changed < len(web.stories) / 2


@pytest.mark.parametrize("kind", pages.EARLY)
def test_some_pages_are_not_ready_at_once(world: World, kind: str) -> None:
    web, plain = Web(world, kind), Web(world)
    early = 0
    for story in web.stories:
        first, *_, last = (web.ask(story.path) for _ in range(1 + pages.LATE))
        assert last == plain.ask(story.path)
        early += first != last
        assert (first != last) == (not first.story)
    assert 0 < early < len(web.stories)


def test_what_is_there_of_a_body_that_is_cut_short(world: World) -> None:
    def first(kind: str) -> SiteResponse:
        web = Web(world, kind)
        return next(page for page in (web.ask(story.path) for story in web.stories)
                    if not page.story)  # fmt: skip

    half = first("cut_length")
    assert half.sent
    assert b"<p>" in half.body[: half.sent]
    assert b"</article>" not in half.body[: half.sent]
    packed = first("cut_gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    with pytest.raises(EOFError):
        gzip.decompress(packed.body)
    part = first("cut_206")
    assert (part.status, b"</article>" in part.body) == (206, False)
    assert part.headers["Content-Range"].startswith(f"bytes 0-{len(part.body) - 1}/")


def test_pages_send_on_to_a_session(world: World) -> None:
    web = Web(world, "story_session")
    story = web.stories[3]
    found = web.ask(story.path)
    assert (found.status, found.story) == (302, "")
    target = found.headers["Location"].removeprefix(web.paper.base)
    assert target != story.path
    assert web.ask(target).story == story.url


def test_maintenance_for_an_hour() -> None:
    world = World(days=5, press=1, press_stories=5)
    begin, end = world.clock + timedelta(hours=1), world.clock + timedelta(hours=2)
    for kind, mark in (("maintenance", b"back soon"), ("maintenance_json", b'{"status"')):
        told = []
        for minutes in (0, 60, 119, 120):
            web = Web(World(days=5, press=1, press_stories=5))
            web.world.advance(world.clock + timedelta(minutes=minutes))
            web._habits.now_on = [
                Habit(web.paper.host, kind, since=begin.isoformat(), until=end.isoformat())
            ]
            answers = [web.ask(path) for path in ("/feed", "/", web.stories[0].path)]
            assert {page.status for page in answers} == {200}
            told.append([mark in page.body for page in answers])
        assert told == [[False] * 3, [True] * 3, [True] * 3, [False] * 3]


def test_an_outlet_moves(world: World) -> None:
    web = Web(world, "moved")
    story, host = web.stories[0], "paper-01-now.example"
    for path in ("/robots.txt", "/feed", "/", story.path, "/nothing"):
        found = web.ask(path)
        assert (found.status, found.headers["Location"]) == (301, f"https://{host}{path}")
    feed = web.ask("/feed", host)
    assert feed.shows == Web(world).ask("/feed").shows
    assert f"https://{host}/2024".encode() in feed.body
    assert b"paper-01.example" not in feed.body
    assert web.ask(story.path, host).story == story.url


@pytest.mark.parametrize(
    ("kind", "codecs"),
    [("robots_misspelt", ["ascii"] * 3), ("robots_utf16", ["utf-16"] * 2)],
)
def test_robots_that_few_can_read(world: World, kind: str, codecs: list[str]) -> None:
    for seed, codec in enumerate(codecs):
        web = Web(world, kind, paper=QUERY, seed=seed)
        text = web.ask("/robots.txt").body.decode(codec)
        assert "https://paper-05.example/maps/stories.xml" in text
        assert web.stories[0].path in text
        assert web._habits.forbidden(world) == {web.stories[0].url}
        if kind == "robots_misspelt":
            assert not re.search(r"(?m)^User-agent: \*$(.|\n)*^Disallow: /\S", text)


def test_absurd_entity_tags(world: World) -> None:
    def tag(kind: str, seed: int = 0) -> str:
        return Web(world, kind, seed=seed).ask("/feed").headers["ETag"]

    assert len(tag("etag_huge")) > 15_000
    assert len({tag("etag_odd", seed) for seed in range(4)}) == 4
    assert all(not re.fullmatch(r'(W/)?"[^"]*"', tag("etag_odd", seed)) for seed in range(4))
    constant, changing = Web(world, "etag_constant"), Web(world, "etag_changing")
    assert {constant.ask(path).headers["ETag"] for path in ("/feed", "/latest")} == {'"1"'}
    first, second = (changing.ask("/feed") for _ in range(2))
    assert first.body == second.body
    assert first.headers["ETag"] != second.headers["ETag"]
    assert conditional(constant.ask("/latest"), {"If-None-Match": '"1"'}).status == 304


def test_habits_add_up_and_those_of_others_do_not_show(world: World) -> None:
    text = Web(world, "feed_session", "feed_adverts", "feed_cut_letter").text("/feed")
    assert "sid=" in text
    assert "offers.example" in text
    assert "\xc3 " in text
    assert Web(world, "feed_session").ask("/latest") == Web(world).ask("/latest")


def test_every_habit_is_looked_at_here() -> None:
    source = Path(__file__).read_text()
    tables = {*pages.LESS, *pages.SOME, *pages.EARLY, *MARKS, *LIES}
    assert [kind for kind in CHANGES if kind not in tables and f'"{kind}"' not in source] == []
    assert len(CHANGES) == sum(map(len, KINDS.values())) > 70


def test_habits_over_http_and_what_the_log_says_of_them() -> None:
    with running(days=3, press=1, press_stories=30) as client:
        host = PAPERS[0].host
        rules = [{"host": host, "kind": "cut_length"}, {"host": host, "kind": "robots_utf16"}]
        client.habits(rules)
        truth = [row for row in client.truth() if row["outlet"] == "paper_01"]
        assert [row["url"] for row in truth if row["forbidden"]] == [truth[0]["url"]]
        assert fetch(client, f"https://{host}/feed")[0] == 200
        assert client.log()[-1]["shows"] == [
            row["url"] for row in truth[::-1] if "/feed" in row["channels"]
        ]
        outcomes = set()
        for row in truth:
            try:
                assert fetch(client, row["url"])[0] == 200
            except http.client.IncompleteRead:
                outcomes.add("")
                assert client.log()[-1]["story"] == ""
            else:
                outcomes.add("whole")
                assert client.log()[-1]["story"] == row["url"]
        assert outcomes == {"", "whole"}
        client.habits([])
        assert fetch(client, truth[0]["url"])[0] == 200


@pytest.mark.parametrize(
    "rule",
    [{"host": "h", "kind": "fire"}, {"host": "h"}, {"host": "h", "kind": "moved", "at": 1},
     {"host": "h", "kind": "moved", "since": "2024-12-01T00:00"}],
)  # fmt: skip
def test_a_bad_habit_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"habit|offset"):
        habits_from([rule])
    with pytest.raises(ValueError, match="list"):
        habits_from(rule)
    assert outlets.former_host(outlets.new_host("a.example")) == "a.example"

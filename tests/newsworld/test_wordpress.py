"""Feeds, sitemaps and the REST API of the two WordPress sites."""

import gzip
import html
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest
from lxml import etree

from newsworld.messages import SiteResponse
from newsworld.story import ASIANLITE, NATIONAL_TIMES, Outlet, Story
from newsworld.world import World

Get = Callable[[str], SiteResponse]

HOME = "https://asianlite.com"
ENG = "https://nationaltimes.pk/eng/"
SPACES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}
ROUTES = (
    (ASIANLITE, f"{HOME}/wp-json/wp/v2/posts?"),
    (ASIANLITE, f"{HOME}/?rest_route=/wp/v2/posts&"),
    (NATIONAL_TIMES, f"{ENG}?rest_route=/wp/v2/posts&"),
)


def posts(get: Get, route: str, **query: object) -> tuple[SiteResponse, Any]:
    answer = get(route + urlencode(query))
    return answer, json.loads(answer.body)


def expect_feed(body: bytes, stories: Sequence[Story], home: str) -> None:
    feed = feedparser.parse(body)
    assert not feed.bozo
    assert feed.version == "rss20"
    assert len(feed.entries) == len(stories)
    for entry, story in zip(feed.entries, stories, strict=True):
        assert entry.title == story.title
        assert entry.id == f"{home}?p={story.id}"
        assert not entry.guidislink
        assert entry.author == story.author
        assert entry.published.endswith(" +0000")
        assert entry.published_parsed[:6] == story.published.timetuple()[:6]
        assert entry.tags[0].term == story.truth()["section"]
        assert html.unescape(entry.summary).startswith(story.text[:200])


def test_feeds_of_asian_lite(world: World, get: Get) -> None:
    latest = world.latest(ASIANLITE)
    expect_feed(get(f"{HOME}/feed").body, latest[:20], f"{HOME}/")
    for category in ASIANLITE.categories:
        body = get(f"{HOME}/category/{category.slug}/feed").body
        expect_feed(body, world.latest(ASIANLITE, category)[:20], f"{HOME}/")
    first = feedparser.parse(get(f"{HOME}/feed").body).entries[0].link
    mark = f"utm_source=rss&utm_medium=rss&utm_campaign={latest[0].slug}"
    assert first == f"{latest[0].url}?{mark}"


def test_feed_of_national_times(world: World, get: Get) -> None:
    latest = world.latest(NATIONAL_TIMES)[:20]
    body = get(f"{ENG}?feed=rss2").body
    expect_feed(body, latest, ENG)
    assert [e.link for e in feedparser.parse(body).entries] == [story.url for story in latest]
    assert get(f"{ENG}?feed=atom").status == 404


@pytest.mark.parametrize(("outlet", "route"), ROUTES)
def test_rest_pages_through_everything(world: World, get: Get, outlet: Outlet, route: str) -> None:
    stories = world.latest(outlet)
    first, _ = posts(get, route, per_page=30)
    pages = int(first.headers["X-WP-TotalPages"])
    assert first.headers["X-WP-Total"] == str(len(stories))
    assert pages == -(-len(stories) // 30)
    rows = [row for n in range(1, pages + 1) for row in posts(get, route, per_page=30, page=n)[1]]
    assert [row["link"] for row in rows] == [story.url for story in stories]
    assert len(posts(get, route)[1]) == 10


@pytest.mark.parametrize(("outlet", "route"), ROUTES)
def test_a_post_says_what_the_truth_says(
    world: World, get: Get, outlet: Outlet, route: str
) -> None:
    _, rows = posts(get, route, per_page=20, _embed="")
    for row, story in zip(rows, world.latest(outlet)[:20], strict=True):
        assert row["date_gmt"] + "+00:00" == story.published.isoformat()
        assert row["date"] == story.local.replace(tzinfo=None).isoformat()
        assert (row["modified"], row["modified_gmt"]) == (row["date"], row["date_gmt"])
        assert row["slug"] == story.slug
        assert row["guid"]["rendered"].endswith(f"/?p={story.id}")
        assert "&" not in row["title"]["rendered"].replace("&#8", "").replace("&#038;", "")
        assert not set("‘’“”") & set(row["title"]["rendered"])
        assert row["content"]["rendered"].startswith("<p>")
        assert row["excerpt"]["rendered"].endswith("[&hellip;]</p>\n")
        assert row["_embedded"]["author"][0] == {"id": row["author"], "name": story.author}
        terms = row["_embedded"]["wp:term"]
        assert [term["id"] for term in terms[0]] == row["categories"]
        names = [term["name"] for term in terms[0]]
        assert names == sorted(names)
        assert story.truth()["section"] in names
        assert [term["name"] for term in terms[1]] == list(story.tags)
        (picture,) = row["_embedded"]["wp:featuredmedia"]
        assert picture["id"] == row["featured_media"]
        assert get(picture["source_url"]).content_type == "image/png"
        assert len(row["tags"]) == len(set(row["tags"])) == len(story.tags)


def test_rest_bounds_are_exclusive_instants(world: World, get: Get) -> None:
    for outlet, route in ROUTES:
        stories = world.latest(outlet)
        old, new = stories[30], stories[10]
        expected = [story.id for story in stories[11:30]]
        for after, before in (
            (old.published.isoformat(), new.published.isoformat()),
            (f"{old.published:%Y-%m-%dT%H:%M:%S}Z", f"{new.published:%Y-%m-%dT%H:%M:%S}Z"),
            (f"{old.local:%Y-%m-%dT%H:%M:%S}", f"{new.local:%Y-%m-%dT%H:%M:%S}"),
        ):
            _, rows = posts(get, route, after=after, before=before, per_page=100)
            assert [row["id"] for row in rows] == expected
    unescaped = old.local.isoformat()
    assert get(f"{ROUTES[2][1]}per_page=100&after={unescaped}").headers["X-WP-Total"] == "30"


def test_rest_refuses_as_wordpress_does(get: Get) -> None:
    for route in (route for _, route in ROUTES):
        for query in ({"per_page": 101}, {"per_page": 0}, {"page": 0}, {"after": "soon"}):
            answer, error = posts(get, route, **query)
            assert (answer.status, error["code"]) == (400, "rest_invalid_param")
            assert set(error["data"]["params"]) == set(query)
        answer, error = posts(get, route, page=99)
        assert (answer.status, error["code"]) == (400, "rest_post_invalid_page_number")
        answer, rows = posts(get, route, after="2040-01-01T00:00:00Z")
        assert (answer.status, rows, answer.headers["X-WP-Total"]) == (200, [], "0")
    assert get(f"{HOME}/wp-json/wp/v2/nothing").status == 404
    assert get("https://nationaltimes.pk/eng/wp-json/wp/v2/posts").status == 404


def test_rest_fields_and_single_posts(world: World, get: Get) -> None:
    _, rows = posts(get, ROUTES[0][1], _fields="id,link,title.rendered", per_page=3)
    assert [set(row) for row in rows] == [{"id", "link", "title"}] * 3
    story = world.latest(ASIANLITE)[0]
    assert json.loads(get(f"{HOME}/wp-json/wp/v2/posts/{story.id}").body)["link"] == story.url
    assert get(f"{HOME}/wp-json/wp/v2/posts/1").status == 404


@pytest.mark.parametrize(
    ("query", "embedded"),
    [
        ({"_embed": "author,wp:term", "_fields": "id,_links,_embedded"}, {"author", "wp:term"}),
        ({"_embed": "author,wp:term", "_fields": "id,_links.author"}, {"author"}),
        ({"_embed": "1"}, {"author", "wp:term", "wp:featuredmedia"}),
        ({"_embed": "author", "_fields": "id,_embedded"}, None),
        ({"_fields": "_links,_embedded"}, None),
    ],
)
def test_rest_embeds_what_is_asked_for_and_left_of_the_links(
    get: Get, query: dict[str, str], embedded: set[str] | None
) -> None:
    """As WordPress does: the fields are chosen first, and embedding follows the links left."""
    for _, route in ROUTES:
        for row in posts(get, route, per_page=2, **query)[1]:
            assert row.get("_embedded", {}).keys() == (embedded or set())


def locations(body: bytes) -> list[str]:
    tree = etree.fromstring(body)
    return [str(loc.text) for loc in tree.findall(".//s:loc", SPACES)]


def test_sitemaps_list_everything(world: World, get: Get) -> None:
    for outlet, index in (
        (ASIANLITE, f"{HOME}/wp-sitemap.xml"),
        (NATIONAL_TIMES, f"{ENG}?sitemap=index"),
    ):
        (only,) = locations(get(index).body)
        body = get(only).body
        assert locations(body) == [story.url for story in world.stories(outlet)]
        stamps = [str(e.text) for e in etree.fromstring(body).findall(".//s:lastmod", SPACES)]
        assert stamps == [story.published.isoformat() for story in world.stories(outlet)]
    assert get(f"{HOME}/wp-sitemap-posts-post-2.xml").status == 404
    packed = get(f"{HOME}/sitemap.xml.gz").body
    assert locations(gzip.decompress(packed)) == [s.url for s in world.latest(ASIANLITE)]


def test_the_news_sitemap_holds_two_days(world: World, get: Get) -> None:
    body = get(f"{HOME}/sitemap-news.xml").body
    since = world.clock - timedelta(hours=48)
    recent = [story for story in world.latest(ASIANLITE) if story.published > since]
    assert locations(body) == [story.url for story in recent]
    tree = etree.fromstring(body)
    assert [e.text for e in tree.findall(".//n:title", SPACES)] == [s.title for s in recent]
    dates = [str(e.text) for e in tree.findall(".//n:publication_date", SPACES)]
    assert dates == [story.local.isoformat() for story in recent]


def test_channels_are_what_the_sources_show(world: World, get: Get) -> None:
    """The truth's channels against the sources themselves, for one page each."""
    for outlet, home in ((ASIANLITE, HOME), (NATIONAL_TIMES, "https://nationaltimes.pk")):
        for channel, stories in world.channels(outlet).items():
            answer = get(home + channel)
            assert answer.status == 200, channel
            if "feed" in channel:
                ids = [e.id for e in feedparser.parse(answer.body).entries]
                assert [i.rpartition("=")[2] for i in ids] == [str(s.id) for s in stories]


def test_robots_txt_names_the_sitemaps(get: Get) -> None:
    for home in (HOME, "https://nationaltimes.pk"):
        lines = get(f"{home}/robots.txt").body.decode().splitlines()
        assert lines[:2] == ["User-agent: *", "Disallow: /wp-admin/"]
        sitemaps = [line.partition(": ")[2] for line in lines if line.startswith("Sitemap: ")]
        assert sitemaps
        assert all(get(sitemap).status == 200 for sitemap in sitemaps)

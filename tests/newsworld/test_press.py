"""The press: twenty papers with habits, whose channels leave stories out, and say so."""

import gzip
import json
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from lxml import etree
from parsel import Selector

from newsworld.messages import SiteRequest, SiteResponse, conditional
from newsworld.press import papers
from newsworld.press.edition import NEWS_AGE, PACE, Edition, PaperStory
from newsworld.press.papers import STORIES, ChannelKind, Paper
from newsworld.server import site_of
from newsworld.world import World

Get = Callable[[str], SiteResponse]
PAPERS = papers.papers(20)
STORIES_EACH = 80
each_paper = pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.name))


def getter(world: World) -> Get:
    def get(url: str) -> SiteResponse:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        site = site_of(world, parts.netloc)
        assert site, url
        ask = SiteRequest(f"{parts.scheme}://{parts.netloc}", target)
        return site(world, ask) or SiteResponse(status=404)

    return get


@pytest.fixture(scope="module")
def world() -> World:
    """Its clock is never moved."""
    return World(days=50, per_day=1, press=20, press_stories=STORIES_EACH)


@pytest.fixture(scope="module")
def get(world: World) -> Get:
    return getter(world)


def edition(world: World, paper: Paper) -> Edition:
    return world.press[paper.host]


def shown(world: World, paper: Paper, kind: ChannelKind) -> list[str]:
    """The addresses of a channel, newest first."""
    stories = edition(world, paper).shown(kind, world.clock)
    return [story.address(kind) for story in stories]


def locations(body: bytes) -> list[str]:
    found = etree.fromstring(body).xpath("//*[local-name()='loc']/text()")
    assert isinstance(found, list)
    return [str(url) for url in found]


def test_every_habit_occurs() -> None:
    assert {paper.feed for paper in PAPERS} == {*get_args(papers.FeedKind), None}
    assert set().union(*(paper.defects for paper in PAPERS)) == set(get_args(papers.Defect))
    assert {paper.sitemap for paper in PAPERS} == {*get_args(papers.SitemapKind), None}
    assert {paper.pager for paper in PAPERS} == {*get_args(papers.Pager), None}
    assert {paper.rest for paper in PAPERS} == {*get_args(papers.Rest), None}
    assert {paper.robots for paper in PAPERS} == set(get_args(papers.RobotsKind))
    assert {paper.validators for paper in PAPERS} == set(get_args(papers.Validators))
    assert {paper.form for paper in PAPERS} == set(get_args(papers.Form))
    twins = [twin for paper in PAPERS for twin in paper.twins.values()]
    assert set(twins) == set(get_args(papers.AddressVariant))
    for habit in ("news", "moved", "gone", "linked_data"):
        assert {getattr(paper, habit) for paper in PAPERS} == {True, False}
    assert all(len(paper.channels) > 1 for paper in PAPERS)
    assert len({paper.title for paper in PAPERS}) == len(PAPERS)


def test_the_ordinary_world_has_no_press() -> None:
    assert World().press == {}
    assert site_of(World(), PAPERS[0].host) is None


def test_same_arguments_same_truth_whatever_was_asked_first(world: World) -> None:
    other = World(days=50, per_day=1, press=20, press_stories=STORIES_EACH)
    get = getter(other)
    assert [get(f"{paper.base}/feed").status for paper in reversed(PAPERS)]
    assert other.truth() == world.truth()


def test_addresses_and_titles_are_unique(world: World) -> None:
    truth = [told for told in world.truth() if str(told["outlet"]).startswith("paper")]
    assert len(truth) == len(PAPERS) * STORIES_EACH
    for field in ("url", "title", "body"):
        assert len({str(told[field]) for told in truth}) == len(truth)


def test_each_channel_leaves_out_its_share(world: World) -> None:
    shares = []
    for paper in PAPERS:
        for kind in paper.channels:
            if kind in ("feed", "news") or (kind == "rest" and paper.rest != "open"):
                continue
            shares.append(1 - len(shown(world, paper, kind)) / STORIES_EACH)
    assert len(shares) > 30
    assert all(0.01 < share < 0.4 for share in shares)
    assert 0.12 < sum(shares) / len(shares) < 0.23


def test_what_is_left_out_stays_left_out() -> None:
    world = World(days=50, press=1, press_stories=40)
    paper = PAPERS[0]
    before = {kind: shown(world, paper, kind) for kind in paper.channels}
    world.advance(world.clock + 8 * PACE)
    after = {kind: shown(world, paper, kind) for kind in paper.channels}
    for kind in ("sitemap", "rest", "listing"):
        assert after[kind][-len(before[kind]) :] == before[kind]
        assert len(after[kind]) <= len(before[kind]) + 8


def test_the_truth_names_the_channels(world: World) -> None:
    rows: dict[str, list[dict[str, Any]]] = {}
    for told in world.truth():
        rows.setdefault(str(told["outlet"]), []).append(told)
    for paper in PAPERS:
        for kind, path in paper.channels.items():
            showing = [row for row in rows[paper.name] if path in row["channels"]]
            known = {url for row in showing for url in (row["url"], *row["aliases"])}
            addresses = set(shown(world, paper, kind))
            assert addresses <= known
            assert len(showing) == len(addresses)


def test_news_comes_every_five_minutes() -> None:
    world = World(days=10, press=2, press_stories=30)
    before = len(world.stories(PAPERS[0]))
    assert before == 30
    world.advance(world.clock + 10 * PACE)
    assert len(world.stories(PAPERS[0])) == 40
    world.advance(world.clock + timedelta(hours=7))
    assert len(world.stories(PAPERS[1])) == 40 + 84
    moments = [story.published for story in world.stories(PAPERS[0])]
    assert moments == sorted(set(moments))


@each_paper
def test_feeds(paper: Paper, world: World, get: Get) -> None:
    if not paper.feed:
        return
    answer = get(paper.base + paper.channels["feed"])
    wanted = shown(world, paper, "feed")
    assert len(wanted) == 20
    assert answer.body.startswith(b"\xef\xbb\xbf") == ("bom" in paper.defects)
    if paper.feed == "json":
        items = json.loads(answer.body.removeprefix(b"\xef\xbb\xbf"))["items"]
        links = [item["url"] for item in items]
    else:
        entries = feedparser.parse(answer.body).entries
        links = [entry.get("feedburner_origlink") or entry.link for entry in entries]
    assert ("relative" in paper.defects) == (not links[0].startswith("http"))
    assert ("tracked" in paper.defects) == ("utm_source" in links[0])
    plain = [re.sub(r"[?&]utm_.*", "", urljoin(paper.home, link)) for link in links]
    assert plain == wanted


@pytest.mark.parametrize(
    ("number", "broken"),
    [(3, "not well-formed"), (6, "not well-formed"), (7, "not well-formed"), (14, "no element")],
)
def test_defects_break_a_strict_parser(number: int, broken: str, get: Get) -> None:
    body = get(f"https://paper-{number:02}.example/feed").body
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(body)
    assert feedparser.parse(body).bozo, broken


@each_paper
def test_sitemaps(paper: Paper, world: World, get: Get) -> None:
    wanted = shown(world, paper, "sitemap") if paper.sitemap else []
    match paper.sitemap:
        case "declared":
            declared = re.findall(r"Sitemap: (\S+)", get(f"{paper.base}/robots.txt").body.decode())
            assert get(f"{paper.base}/sitemap.xml").status == 404
            found = [url for address in declared for url in locations(get(address).body)]
        case "flat":
            found = locations(get(f"{paper.base}/sitemap.xml").body)
        case "monthly" | "gzipped" | "numbered":
            index = get(f"{paper.base}/sitemap.xml").body
            assert (b"lastmod" in index) == (paper.sitemap != "numbered")
            children = [get(url).body for url in locations(index)]
            if paper.sitemap == "gzipped":
                children = [gzip.decompress(child) for child in children]
            found = [url for child in children for url in locations(child)]
            if paper.sitemap == "numbered":
                found.reverse()
            else:
                assert len(children) > 1
        case None:
            found = []
    assert found == wanted


@each_paper
def test_news_sitemaps_hold_two_days(paper: Paper, world: World, get: Get) -> None:
    answer = get(f"{paper.base}/news-sitemap.xml")
    assert answer.status == (200 if paper.news else 404)
    if paper.news:
        assert locations(answer.body) == shown(world, paper, "news")
        stories = edition(world, paper).shown("news", world.clock)
        assert min(story.published for story in stories) > world.clock - NEWS_AGE


@each_paper
def test_listings(paper: Paper, world: World, get: Get) -> None:
    if not paper.pager:
        assert get(f"{paper.base}/latest").status == 404
        return
    found: list[str] = []
    pages = 1
    page = Selector(get(f"{paper.base}/latest").body.decode())
    link = ".pages b + a" if paper.pager == "numbers" else ".pages a:last-child"
    while True:
        found += page.css("article a::attr(href)").getall()
        older = page.css(f"{link}::attr(href)").get("")
        if _number(older) <= pages:  # the last page links back alone
            break
        pages += 1
        assert _number(older) == pages
        page = Selector(get(paper.base + older).body.decode())
    while paper.pager == "more":
        pages += 1
        items = json.loads(get(f"{paper.base}/api/latest?page={pages}").body)["items"]
        if not items:
            break
        found += [item["url"] for item in items]
    assert pages > 2
    assert found == shown(world, paper, "listing")
    assert get(f"{paper.base}/latest/x").status == 404


def _number(url: str) -> int:
    found = re.findall(r"\d+", url)
    return int(found[-1]) if found else 0


@each_paper
def test_the_rest_api_is_open_closed_or_broken(paper: Paper, world: World, get: Get) -> None:
    answer = get(f"{paper.base}/wp-json/wp/v2/posts?per_page=100&page=1")
    match paper.rest:
        case "open":
            wanted = shown(world, paper, "rest")
            posts = json.loads(answer.body)
            assert [post["link"] for post in posts] == wanted[:100]
            assert answer.extra["X-WP-Total"] == str(len(wanted))
        case "html":
            assert answer.content_type.startswith("text/html")
            assert answer.body.startswith(b"<!DOCTYPE html>")
        case None:
            assert answer.status == 404
        case status:
            assert answer.status == int(status)


@each_paper
def test_a_story_has_one_page_under_all_its_addresses(paper: Paper, world: World, get: Get) -> None:
    pattern = re.compile(STORIES[paper.form])
    for story in edition(world, paper).stories(world.clock):
        for url in (story.url, *story.aliases):
            assert pattern.search(url)
            answer = get(url)
            if story.gone:
                assert answer.status == story.gone
            elif story.is_moved and "draft-" in url:
                assert answer.extra["Location"] == story.url
            else:
                check_page(story, answer)
    assert not pattern.search(f"{paper.base}/latest?page=2")


def check_page(story: PaperStory, answer: SiteResponse) -> None:
    assert answer.status == 200
    page = Selector(answer.body.decode())
    assert page.css("link[rel=canonical]::attr(href)").get() == story.url
    assert page.css("h1::text").get() == story.title
    assert page.css("time::attr(datetime)").get() == story.local.isoformat()
    assert page.css(".byline a::text").get() == story.author
    paragraphs = [" ".join(text.split()) for text in page.css(".copy p::text").getall()]
    assert "\n\n".join(paragraphs) == story.body
    told = page.css("script::text").get()
    if told:
        assert json.loads(told)["datePublished"] == story.local.isoformat()
    assert bool(told) == story.outlet.linked_data


def test_some_stories_have_moved_and_some_are_gone(world: World) -> None:
    stories = [story for one in world.press.values() for story in one.stories(world.clock)]
    assert 20 < sum(story.is_moved for story in stories) < 100
    assert {story.gone for story in stories} == {None, 404, 410}
    assert 10 < sum(story.gone is not None for story in stories) < 60


def test_hosts_without_twins_lead_home(get: Get) -> None:
    answer = get("https://www.paper-01.example/latest?page=2")
    assert (answer.status, answer.extra["Location"]) == (
        301,
        "https://paper-01.example/latest?page=2",
    )
    assert get("https://www.paper-06.example/robots.txt").status == 200


@pytest.mark.parametrize(
    ("number", "validators"),
    [(1, {"ETag", "Last-Modified"}), (3, {"ETag"}), (16, {"Last-Modified"}), (10, set())],
)
def test_validators(number: int, validators: set[str], get: Get) -> None:
    answer = get(f"https://paper-{number:02}.example/feed")
    assert answer.validators.keys() == validators
    conditions = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    sent = {conditions[name]: value for name, value in answer.validators.items()}
    held = conditional(answer, sent)
    assert held.status == (304 if validators else 200)
    late = {"If-None-Match": '"x"', "If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}
    assert conditional(answer, late).status == 200


def test_a_page_is_found_and_made_fast_among_thousands() -> None:
    world = World(days=60, per_day=1, press=1, press_stories=3_000)
    get = getter(world)
    urls = [story.url for one in world.press.values() for story in one.stories(world.clock)]
    started = time.process_time()  # not of the clock: other processes are at work
    assert all(get(url).status == 200 for url in urls[::8])
    assert len(urls[::8]) / (time.process_time() - started) > 500

"""`dateline extract`: saved files of every kind, without network or database."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crawler.errors import DatelineError
from scripts.extract import FileKind, guess_kind
from scripts.main import app
from tests.desk import PROJECT

SITE = "https://ellery.example"
STORY = f"""<html lang="en"><head><title>Bridge opens again | Ellery Post</title>
<meta property="og:title" content="Bridge opens again">
<meta property="article:published_time" content="2024-11-29T18:40:00+05:00"></head>
<body><article><h1>Bridge opens again</h1>{
    "<p>The bridge over the Ellery opened to cars again on Friday, nine weeks after the flood.</p>"
    * 3
}<p>Buses follow next week, the town said.</p></article></body></html>"""
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Ellery Post</title>
<item><title>Bridge opens again</title><link>https://ellery.example/2024/bridge-opens-again</link>
<pubDate>Fri, 29 Nov 2024 13:40:00 GMT</pubDate></item></channel></rss>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "url": f"{SITE}/2024/bridge-opens-again", "title": "Bridge"}],
    }
)
SITEMAP = f"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>
<loc>{SITE}/2024/bridge-opens-again</loc><lastmod>2024-11-29</lastmod></url></urlset>"""
INDEX = f"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
<loc>{SITE}/sitemap-1.xml</loc></sitemap></sitemapindex>"""
NEWS = f"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>
<loc>{SITE}/2024/bridge-opens-again</loc><news:news><news:title>Bridge</news:title>
<news:publication_date>2024-11-29T13:40:00Z</news:publication_date></news:news></url></urlset>"""
POSTS = json.dumps(
    [
        {
            "id": 1,
            "date": "2024-11-29T18:40:00",
            "date_gmt": "2024-11-29T13:40:00",
            "link": f"{SITE}/2024/bridge-opens-again",
            "title": {"rendered": "Bridge opens again"},
        }
    ]
)
ENTRIES = "".join(
    f'<li><h2><a href="/2024/11/{day}/bridge-number-{day}-opens-to-all-cars">'
    f"Bridge number {day} opens to all cars again</a></h2><time>{day} November 2024</time></li>"
    for day in range(11, 29)
)
LISTING = f"""<html><body><nav><a href="/about">About us</a></nav><ul>{ENTRIES}</ul>
<a rel="next" href="/news?page=2">Older</a></body></html>"""
BUTTON = json.dumps({"items": [{"url": f"{SITE}/2024/bridge", "title": "Bridge opens again"}]})
ROBOTS = f"""User-agent: *
Disallow: /search
Crawl-delay: 3
Sitemap: {SITE}/sitemap.xml
"""


def extract(file: Path, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["extract", str(file), *words])
    assert done.exit_code == 0, (done.output, done.exception)
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def saved(folder: Path, content: str | bytes, name: str = "saved") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


URL = f"{SITE}/2024/bridge-opens-again"


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (FEED, "feed", {"leads": [URL], "next": None}),
        (JSON_FEED, "feed", {"leads": [URL], "next": None}),
        (SITEMAP, "sitemap", {"leads": [URL], "children": []}),
        (NEWS, "sitemap", {"leads": [URL], "children": []}),
        (INDEX, "sitemap", {"leads": [], "children": [f"{SITE}/sitemap-1.xml"]}),
        (POSTS, "rest", {"leads": [URL], "next": f"{SITE}/news?page=2"}),
        (BUTTON, "listing", {"leads": [f"{SITE}/2024/bridge"], "next": None}),
        (FEED.encode("utf-16"), "feed", {"leads": [URL], "next": None}),
        (gzip.compress(SITEMAP.encode(), mtime=0), "sitemap", {"leads": [URL], "children": []}),
    ],
)
def test_a_source_is_read_by_its_content(
    content: str | bytes, kind: str, expected: dict[str, Any], tmp_path: Path
) -> None:
    read = extract(saved(tmp_path, content), "--url", f"{SITE}/news")
    assert read["kind"] == kind
    assert {**read, "leads": [lead["url"] for lead in read["leads"]]} == {"kind": kind, **expected}


@pytest.mark.parametrize("content", [FEED, NEWS, POSTS])
def test_dates_and_titles_of_leads(content: str, tmp_path: Path) -> None:
    (lead,) = extract(saved(tmp_path, content))["leads"]
    assert lead["at"] == "2024-11-29T13:40:00+00:00"
    assert lead["title"].startswith("Bridge")


def test_a_page(tmp_path: Path) -> None:
    page = saved(tmp_path, STORY)
    read = extract(page, "--url", URL, "--fetched", "2024-11-30")
    article = read["article"]
    assert read.keys() == {"kind", "article"}
    assert (read["kind"], article["title"], article["url"]) == ("page", "Bridge opens again", URL)
    assert article["published"]["at"] == "2024-11-29T13:40:00+00:00"
    assert article["fetched"] == "2024-11-30T00:00:00+00:00"
    assert "Buses follow" in article["body"]
    assert extract(page)["article"]["url"].startswith("https://page.invalid/")


def test_a_listing_by_what_its_page_repeats(tmp_path: Path) -> None:
    page = saved(tmp_path, LISTING)
    read = extract(page, "--url", f"{SITE}/news", "--kind", "listing")
    assert len(read["leads"]) == 18
    assert read["next"] == f"{SITE}/news?page=2"
    assert extract(page, "--url", f"{SITE}/news") == read, "it makes no article"


def test_robots(tmp_path: Path) -> None:
    for words in ((), ("--url", f"{SITE}/robots.txt"), ("--kind", "robots")):
        assert extract(saved(tmp_path, ROBOTS), *words) == {
            "kind": "robots",
            "rules": [{"path": "/search", "allow": False}],
            "crawl_delay": 3.0,
            "sitemaps": [f"{SITE}/sitemap.xml"],
        }


def test_an_outlets_declaration_is_used(tmp_path: Path) -> None:
    """Its pattern of stories, its zone, and its source of that kind and address."""
    feed = FEED.replace(SITE, "https://asianlite.com").replace(" GMT", "")
    other = "https://asianlite.com/2024/news/bridge-opens-again"
    feed = feed.replace("</item>", f"</item><item><link>{other}</link></item>")
    page = saved(tmp_path, feed)
    read = extract(page, "--outlet", "asianlite", "--url", "https://asianlite.com/feed")
    assert [lead["url"] for lead in read["leads"]] == [other]
    front = saved(tmp_path, LISTING)
    read = extract(front, "--outlet", "asianlite", "--url", "https://asianlite.com/")
    assert (read["kind"], read["leads"]) == ("listing", []), "a front page is not a story"


def test_zone_and_encoding(tmp_path: Path) -> None:
    feed = FEED.replace(" GMT", "").replace("Bridge opens", "Brücke öffnet")
    words = ("--timezone", "Asia/Karachi", "--encoding", "latin-1")
    (lead,) = extract(saved(tmp_path, feed.encode("latin-1")), *words)["leads"]
    assert (lead["at"], lead["title"]) == ("2024-11-29T08:40:00+00:00", "Brücke öffnet again")


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        ("", (), "saved is not a readable page ("),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", (), "saved is not a readable page ("),
        (STORY, ("--kind", "feed"), "saved is not a readable feed (not_a_feed)"),
        (STORY, ("--kind", "sitemap"), "saved is not a readable sitemap (not_a_sitemap)"),
        (STORY, ("--kind", "rest"), "saved is not a readable rest (not_json)"),
        (LISTING, ("--kind", "page"), "saved is not a readable page ("),
        (b"\x1f\x8bnot gzip", (), "saved is a damaged gzip file"),
        (gzip.compress(STORY.encode(), mtime=0)[:-20], (), "saved is cut short"),
        (STORY, ("--encoding", "utf-99"), "--encoding utf-99 is not a known charset"),
        (STORY, ("--timezone", "Mars/Base"), "--timezone Mars/Base is not a zone"),
        (STORY, ("--fetched", "soon"), "--fetched soon is not a date"),
        (STORY, ("--url", "page"), "--url page is not a web address"),
        (STORY, ("--outlet", "nobody"), "There is no outlet nobody"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    content: str | bytes, words: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["extract", str(saved(tmp_path, content)), *words])
    assert isinstance(done.exception, DatelineError), (done.output, done.exception)
    assert sentence in str(done.exception)
    assert done.stdout == ""


def test_missing_files_and_folders_without_a_corpus(tmp_path: Path) -> None:
    for words, sentence in (
        ([], "Name a file"),
        ([str(tmp_path / "none")], "none cannot be read (No such file or directory)"),
        ([str(tmp_path)], f"{tmp_path} is not a corpus"),
        ([str(tmp_path), "--url", SITE], "A corpus is read as a whole"),
    ):
        done = CliRunner().invoke(app, ["extract", *words])
        assert isinstance(done.exception, DatelineError), done.output
        assert sentence in str(done.exception)


def test_standard_input_in_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "scripts.main", "extract", "-"]
    for content, code in ((ROBOTS, 0), ("", 1)):
        done = subprocess.run(
            command, cwd=PROJECT, input=content, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        assert bool(done.stdout) is not bool(done.stderr)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<!-- made by hand --><rss>", FileKind.FEED),
        ('<feed xmlns="http://www.w3.org/2005/Atom">', FileKind.FEED),
        ("<rdf:RDF xmlns='x'>", FileKind.FEED),
        ("\ufeff[]", FileKind.LISTING),
        ("Sitemap: https://ellery.example/s.xml", FileKind.ROBOTS),
        ("# nothing but a comment", FileKind.PAGE),
        ("Disallow: everything, they said. <p>", FileKind.PAGE),
        ("{not json", FileKind.PAGE),
    ],
)
def test_guesses(content: str, kind: FileKind) -> None:
    assert guess_kind(content.encode(), SITE) == kind

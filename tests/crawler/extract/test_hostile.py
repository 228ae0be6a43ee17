"""Hostile pages on the whole way of reading: each ends as an article or as a named failure."""

import asyncio
import importlib
import json
import pkgutil
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType

import pytest

import crawler.extract
import crawler.text
from crawler.article import Article
from crawler.errors import ParseFailure
from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig
from crawler.reparse.corpus import predict
from crawler.run.parser_pool import ParserPool
from settings.base import DOWNLOAD_MAXSIZE, ITEM_PIPELINES, PARSE_MEGABYTES, PARSE_SECONDS

MIB = 1_048_576
PROSE = "The ferry left the old pier with sixty people, two carts and a piano on board. " * 4
STORY = f"<h1>The ferry</h1><p>{PROSE}</p><p>{PROSE[::-1]}.</p>"
ITEM = '<div itemscope itemtype="https://schema.org/NewsArticle">'


def page(body: str = "", head: str = "") -> str:
    return f"<html><head>{head}</head><body><article>{STORY}{body}</article></body></html>"


def linked(text: str) -> str:
    return page(head=f'<script type="application/ld+json">{text}</script>')


def article(**fields: object) -> str:
    return json.dumps({"@type": "NewsArticle", "headline": "The ferry", **fields})


def attributes(count: int) -> str:
    return page(f"<p {' '.join(f'a{number}=1' for number in range(count))}>x</p>")


PAGES: dict[str, str | bytes] = {
    "nested 2k": page("<div>" * 2_000 + "deep"),
    "nested 200k": page("<div>" * 200_000 + "deep"),
    "nested 1.6M": page("<b>" * 1_600_000 + "deep"),
    "20k attributes": attributes(20_000),
    "500k attributes": attributes(500_000),
    "1.5 MiB of p": page("<p>" * (MIB // 2)),
    "10 MiB of p": page("<p>" * (10 * MIB // 3)),
    "20k long h1": page("".join(f"<h1>{number} {PROSE}</h1>" for number in range(20_000))),
    "prose": page(f"<p>{PROSE}</p>" * 25_000),
    "comments": page("<!-- x -->" * 300_000),
    "comments in a list": page("<li><!--x--><!--y--></li>" * 80_000),
    "processing instructions": page("<?pi x?>" * 200_000),
    "links": page("".join(f'<li><a href="/{n}">Story of {n}</a></li>' for n in range(70_000))),
    "JSON-LD nested": linked("[" * 100_000),
    "JSON-LD of objects": linked('{"@graph":' * 100_000),
    "JSON-LD with a long number": linked(article()[:-1] + ', "wordCount": ' + "9" * 20_000 + "}"),
    "JSON-LD with infinity": linked(article()[:-1] + ', "datePublished": 1e999}'),
    "JSON-LD of 5 MB": linked(article(articleBody="x" * 5 * MIB)),
    "JSON-LD with authors": linked(article(author="Ab Cd, " * 140_000)),
    "JSON-LD broken": linked(article()[:-1] + ', "author": {' * 80_000),
    "JSON-LD of many blocks": page(
        head=f'<script type="application/ld+json">{article()}</script>' * 40_000
    ),
    "microdata nested": page((ITEM + '<div itemprop="mainEntity">') * 50_000),
    "microdata side by side": page((ITEM + '<p itemprop="headline">x</p></div>') * 50_000),
    "microdata deep and wide": page(ITEM * 1_900 + '<p itemprop="author">Ab Cd</p>' * 90_000),
    "RDFa": page('<div typeof="schema:NewsArticle"><p property="schema:author">A B</p>' * 900),
    "10k time": page('<time datetime="2024-11-30">x</time>' * 10_000),
    "dates": page("<div>01.02.2024 by</div>" * 90_000),
    "script of articleBody": page("<script>" + '{"articleBody": "x' * 400_000 + "</script>"),
    "script of strings": page("<script>" + '"<p>\\' * 800_000 + "</script>"),
    "script of dates": page("<script>" + '"datePublished":"' * 300_000 + "</script>"),
    "meta tags": page(head='<meta name="author" content="A B">' * 50_000),
    "a long meta tag": page(head='<meta name="author" content="' + "Ab, " * 1_000_000 + '">'),
    "a long title": page(head="<title>" + "a - b | " * 1_000_000 + "</title>"),
    "authors": page('<a rel="author" href="/author/x" class="author">Ab Cd</a>' * 60_000),
    "a base that is no address": page(head='<base href="http://[">'),
    "marks": page("<p>a" + "\u0301\u0323" * 400_000 + "</p>"),
    "ligatures": page("<p>" + "\ufdfa" * 300_000 + "</p>"),
    "bidi": page("<p>" + "\u202e\u2066abc\u200b" * 300_000 + "</p>"),
    "mojibake": page("<p>" + "Ã©" * 600_000 + "</p>"),
    "entities": page("<p>" + "&amp;amp;" * 400_000 + "</p>"),
    "one word": page("<p>" + "x" * 5_000_000 + "</p>"),
    "blanks": page("<p>a" + "\n \n" * 2_000_000 + "</p>"),
    "bytes": bytes(range(256)) * 20_000,
    "bad bytes": b"caf\xe9<b>" * 500_000,
    "surrogates": b"\xed\xa0\x80" * 300_000,
    "escapes of ISO 2022": b"\x1b$B" * 500_000,
}
MAY_FAIL = {"500k attributes": "parse_timeout", "bytes": "parse_timeout"}
NO_TITLE = {"bytes", "bad bytes", "surrogates", "escapes of ISO 2022", "20k long h1"}
CUT_SHORT = {"10 MiB of p", "nested 200k", "comments"}
"""Pages that are not read to their end."""
TEXTS = ("marks", "ligatures", "bidi", "mojibake", "entities", "one word")
"""Pages whose text is cleaned, too."""


@pytest.fixture(scope="module")
def workers() -> Iterator[ParserPool]:
    workers = ParserPool(count=1, seconds=PARSE_SECONDS, megabytes=PARSE_MEGABYTES)
    yield workers
    workers.close()


def of(body: str | bytes, charset: str | None = None) -> FetchedPage:
    markup = body.encode() if isinstance(body, str) else body
    return FetchedPage(
        "https://a.example/ferry", markup[:DOWNLOAD_MAXSIZE], charset, datetime.now(UTC)
    )


@pytest.mark.parametrize("name", [name for name in PAGES if name not in TEXTS])
def test_a_hostile_page_is_an_article_or_a_named_failure(name: str, workers: ParserPool) -> None:
    """How long it takes by the clock depends on the machine; its processor time is limited."""
    outcome: Article | str
    try:
        outcome = asyncio.run(workers.run(read_page, of(PAGES[name]), ExtractionConfig()))
    except ParseFailure as failure:
        outcome = failure.reason
    if isinstance(outcome, str):
        assert outcome == MAY_FAIL.get(name)
    elif name not in NO_TITLE:
        assert outcome.title == "The ferry"
        assert PROSE.strip() in outcome.body
        assert name not in CUT_SHORT or "truncated_by_parser" in outcome.flags


@pytest.mark.parametrize(
    "charset",
    "base64 idna unicode_escape utf-7 rot13 punycode hex quopri johab hz zip mbcs undefined utf-16"
    " utf-32 \x00".split(),
)
def test_no_charset_loses_a_page(charset: str) -> None:
    head = f'<meta charset="{charset}">'
    for body in (page(), page(head=head)):
        assert PROSE.strip() in read_page(of(body, charset), ExtractionConfig()).body


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_read_and_cleaned_in_good_time(name: str, workers: ParserPool) -> None:
    """The pipelines run beside the crawl's own work."""
    told = asyncio.run(workers.run(predict, of(PAGES[name]), ITEM_PIPELINES))
    assert told["title"] == "The ferry"
    assert PROSE.strip() in told["text"]


# -- Regular expressions

BOUNDED = {
    "crawler.text.boilerplate._FURNITURE": 300,
    "crawler.text.boilerplate._PROMPT": 300,
    "crawler.text.credit._CORRECTION": 1_000,
    "crawler.text.credit._DATELINES": 200,
    "crawler.text.credit._SOURCES": 200,
    "crawler.text.dates.parser._ZONE": 64,
    "crawler.text.dates.days._RIGHT_YEAR": 500,
    "crawler.extract.headline._SEPARATOR": 500,
    "crawler.extract.people.names_and_roles._ACCOUNT": 100,
    "crawler.extract.people.names_and_roles._NAME_SEPARATOR": 500,
    "crawler.extract.people.names_and_roles._DEGREES": 500,
}
"""Patterns that are not linear, and the most characters that they are ever given in one piece."""
ANCHORED = {
    *(
        "crawler.extract.structured.linked_data._ARTICLE",
        "crawler.extract.dates.shown_dates._AFTER_OPENING_DATE",
    ),
    "crawler.extract.people.names_and_roles._REVERSED",
    *("crawler.extract.body.hints._IRRELEVANT", "crawler.text.credit._CORRECTION"),
    "crawler.text.boilerplate._ANNOUNCEMENT",
}
"""Patterns that are only tried at the beginning of a text."""
UNITS = [
    *(
        " ",
        "a",
        "é…",
        "я",
        "日",
        "1",
        "1 ",
        "20:",
        "01/02/",
        "<a",
        "</",
        "&#1",
        '"',
        "\\",
        "{",
        "}",
    ),
    *(",", ", ", "[", "- ", " | ", ". ", "\n ", "By A", "a.b", "www.", "a@", "_", "aA", "A B, "),
    *("é\xa0", "\u0301", "\x80", '"headline":"', 'author":{', "<p ", "Jan ", "2024/1"),
]
SIZE = 10_000
SECONDS = 0.02  # a linear pattern takes a tenth of it
YARDSTICK = 0.0015  # what `pace` measures takes where a linear pattern takes up to 0.018


def patterns() -> dict[str, re.Pattern[str]]:
    found: dict[int, tuple[str, re.Pattern[str]]] = {}

    def add(name: str, value: object) -> None:
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            found.setdefault(id(value), (name, value))
        elif isinstance(value, list | tuple):
            for item in value:
                add(name, item)
        elif isinstance(value, dict):
            add(name, list(value.values()))

    for package in (crawler.text, crawler.extract):
        for told in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module: ModuleType = importlib.import_module(told.name)
            for name, value in vars(module).items():
                add(f"{module.__name__}.{name}", value)
    names: dict[str, re.Pattern[str]] = {}
    for name, pattern in found.values():
        names[name if name not in names else f"{name}[{len(names)}]"] = pattern
    return names


PATTERNS = patterns()


def test_the_patterns_are_found() -> None:
    assert len(PATTERNS) > 60
    assert BOUNDED.keys() <= PATTERNS.keys()


def cost(name: str, text: str) -> float:
    started = time.process_time()
    if name not in ANCHORED:
        PATTERNS[name].search(text)
    PATTERNS[name].fullmatch(text)
    return time.process_time() - started


def pace() -> float:
    """How many times as long as a machine that meets `SECONDS` this one takes just now."""
    return max(1.0, min(_yardstick() for _ in range(3)) / YARDSTICK)


def _yardstick() -> float:
    started = time.process_time()
    re.search("a+b", "a" * 1500)
    return time.process_time() - started


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_explodes(name: str) -> None:
    # Tried so often because a busy machine makes a processor slower, but never faster.
    size = BOUNDED.get(name.partition("[")[0], SIZE)
    for unit in UNITS:
        text = (unit * size)[: size - 1] + "\x01"
        costs = (cost(name, text) for _ in range(20))
        assert any(took < SECONDS or took < SECONDS * pace() for took in costs), unit


def test_a_page_that_takes_all_memory_costs_only_itself() -> None:
    """What ran out of memory kept hold of it once, and the next page ended the whole pool."""
    few = ParserPool(count=1, seconds=PARSE_SECONDS, megabytes=128)
    try:
        with pytest.raises(ParseFailure, match="parse_memory"):
            asyncio.run(few.run(read_page, of(PAGES["bytes"]), ExtractionConfig()))
        for _ in range(2):
            read = asyncio.run(few.run(read_page, of(page()), ExtractionConfig()))
            assert read.title == "The ferry"
    finally:
        few.close()

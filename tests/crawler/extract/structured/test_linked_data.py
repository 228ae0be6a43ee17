import html
import json

import pytest
from parsel import Selector

from crawler.article import Image
from crawler.extract.candidates import Candidates
from crawler.extract.structured.linked_data import read_linked_data

ARTICLE = {"@type": "NewsArticle", "headline": "Ferry returns", "datePublished": "2024-11-30"}


def read(*blocks: object, headline: str = "", url: str = "") -> Candidates:
    texts = [block if isinstance(block, str) else json.dumps(block) for block in blocks]
    scripts = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    return read_linked_data(Selector(text=f"<html><head>{scripts}</head></html>"), [headline], url)


@pytest.mark.parametrize(
    "block",
    [
        ARTICLE,
        [{"@type": "WebSite", "name": "Post"}, ARTICLE],
        {"@graph": [{"@type": "Person", "name": "A"}, ARTICLE]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        {**ARTICLE, "@type": ["Thing", "http://schema.org/ReportageNewsArticle"]},
        {**ARTICLE, "@type": "BlogPosting"},
        {**ARTICLE, "headline": "<b>Ferry</b> returns"},
    ],
)
def test_the_article_is_found(block: object) -> None:
    candidates = read({"@type": "BreadcrumbList"}, block)
    assert (candidates.titles, candidates.published) == (["Ferry returns"], ["2024-11-30"])


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "NewsArticle", "headline": "Ferry returns",}',
        '<!-- {"@type": "NewsArticle", "headline": "Ferry returns"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Ferry returns"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "Ferry\treturns"};',
        html.escape('{"@type": "NewsArticle", "headline": "Ferry returns"}'),
    ],
)
def test_usual_slips_are_mended(text: str) -> None:
    assert [title.split() for title in read(text).titles] == [["Ferry", "returns"]]


@pytest.mark.parametrize(
    "bomb",
    [
        *("[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000),
        '{"@type": "NewsArticle", "wordCount": ' + "9" * 20_000 + "}",
        '"' + "x" * 2_000_000 + '"',
        '{"a": 1,' + " " * 200_000 + "x",
        *("", "not json", "null", "5", "{}", "[[[]]]"),
    ],
)
def test_a_bomb_is_contained(bomb: str) -> None:
    assert read(bomb, ARTICLE).titles == ["Ferry returns"]


def test_values_of_the_wrong_type_are_nothing() -> None:
    odd: dict[str, object] = {
        "headline": {"@value": 5},
        "author": [[["x"]], 5, {"name": {"a": 1}}],
        "datePublished": 20241130,
        "image": [[1], {"url": {"x": 1}}],
        "keywords": {"a": 1},
        "@id": [1],
        "publisher": [None],
        "inLanguage": [{"name": 1}],
        "articleBody": [1],
    }
    assert read({"@type": ["NewsArticle", 5, None], **odd}) == Candidates(origin="jsonld")


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("A. Person", ["A. Person"]),
        ({"@type": "Person", "name": "A. Person"}, ["A. Person"]),
        ([{"name": "A. Person"}, "B. Person"], ["A. Person", "B. Person"]),
        ({"@id": "#a"}, ["C. Person"]),
        ([{"name": "A. Person"}, [{"name": "B. Person"}]], ["A. Person", "B. Person"]),
        ([{"@type": "NewsMediaOrganization", "name": "Post"}, "A. Person"], ["A. Person"]),
    ],
)
def test_authors(author: object, names: list[str]) -> None:
    graph = [{**ARTICLE, "author": author}, {"@type": "Person", "@id": "#a", "name": "C. Person"}]
    assert read({"@graph": graph}).authors == names


def test_organisations_are_told_from_people() -> None:
    author = [
        {"@type": "Organization", "name": "The Post"},
        {"@type": "Person", "name": "A. Person"},
    ]
    candidates = read({**ARTICLE, "author": author})
    assert (candidates.authors, candidates.groups) == (["A. Person"], ["The Post"])


@pytest.mark.parametrize("slip", ['"keywords": "the "old" pier",', '"wordCount": 5 "x": 1,'])
def test_plain_values_are_read_of_a_broken_block(slip: str) -> None:
    text = '{"@type": "NewsArticle", "headline": "Ferry returns", "datePublished": "2024-11-30",'
    candidates = read(f'{text} {slip} "author": [{{"@type": "Person", "name": "A. Person"}}]}}')
    assert (candidates.titles, candidates.authors) == (["Ferry returns"], ["A. Person"])
    assert candidates.published == ["2024-11-30"]
    assert read(f'{{"@type": "Event", "headline": "A fair", {slip} }}') == Candidates(
        origin="jsonld"
    )


def test_of_several_articles_the_one_the_page_shows() -> None:
    other = {**ARTICLE, "headline": "Another story"}
    assert read([other, ARTICLE], headline="FERRY RETURNS").titles == ["Ferry returns"]
    assert read([other, ARTICLE]).titles == ["Another story"]
    here = {**ARTICLE, "mainEntityOfPage": {"@id": "https://a.example/ferry#page"}}
    assert read([other, here], url="https://a.example/ferry?from=feed").titles == ["Ferry returns"]


def test_the_other_fields() -> None:
    candidates = read(
        {
            **ARTICLE,
            "articleSection": ["Harbour"],
            "keywords": "ferry, pier",
            "dateModified": "2024-12-01",
            "inLanguage": "en-GB",
            "image": [{"url": "https://example.com/a.jpg", "caption": "The pier"}, "b.jpg"],
            "publisher": {"name": "The Post"},
            "articleBody": "&lt;p&gt;One &amp;amp; two.&lt;/p&gt;&lt;p&gt;Three.&lt;/p&gt;",
        }
    )
    assert candidates.sections == ["Harbour"]
    assert [tag.strip() for tag in candidates.tags] == ["ferry", "pier"]
    assert (candidates.modified, candidates.languages) == (["2024-12-01"], ["en-GB"])
    assert candidates.images == [Image("https://example.com/a.jpg", "The pier"), Image("b.jpg")]
    assert (candidates.site_names, candidates.body) == (["The Post"], ["One & two.", "Three."])


def test_a_web_page_gives_its_date_where_there_is_no_article() -> None:
    candidates = read({"@type": "WebPage", "name": "X - Post", "datePublished": "2024-11-30"})
    assert (candidates.titles, candidates.published) == ([], ["2024-11-30"])

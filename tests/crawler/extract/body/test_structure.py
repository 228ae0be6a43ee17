"""What a page says of its paragraphs survives: as HTML the story is what it was on the page."""

from datetime import UTC, datetime

import pytest

from crawler.article import Article
from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig, Selectors
from crawler.text.paragraphs import to_html
from pipelines.clean_text import CleanText
from pipelines.strip_boilerplate import StripBoilerplate
from tests.pipelines.helpers import pipeline

PROSE = [
    f"On day {day} the ferry left the old pier with sixty people & two carts on board, "
    "and nobody on shore could say when it would be back."
    for day in ("one", "two", "three", "four", "five")
]
STORY = [
    f"<p>{PROSE[0]}</p>",
    "<h2>On board</h2>",
    f"<p>{PROSE[1]}</p>",
    "<ul><li>two carts<ul><li>one of <b>salt</b></li><li>one of rope</li></ul></li>"
    "<li>a piano</li></ul>",
    "<ol><li><p>The pier was shut.</p><p>The ferry turned.</p></li><li>It sank.</li></ol>",
    "<h3>In the words of the captain</h3>",
    "<blockquote><p>It was the carts, and I said so.</p><p>Nobody heard.</p></blockquote>",
    "<blockquote>They heard me well enough when it was over.</blockquote>",
    "<table><tr><th>Day</th><th>Carts</th><th>Pianos</th></tr>"
    "<tr><td>one</td><td></td><td>1</td></tr><tr><td>two</td><td>2</td><td>0</td></tr></table>",
    f"<p>{PROSE[2]}</p>",
    "<dl><dt>Pier</dt><dd>A bridge to nowhere.</dd></dl>",
    "<pre>N 51, E 3</pre>",
    "<ul><li>nets</li></ul>",
    "<ul><li>oars</li></ul>",
    f"<p>{PROSE[3]}</p>",
]


def read(body: str, selector: str = "") -> Article:
    markup = f"<html><body><article><h1>The ferry</h1>{body}</article></body></html>".encode()
    page = FetchedPage("https://post.example/a", markup, "utf-8", datetime(2025, 5, 6, tzinfo=UTC))
    article = read_page(page, ExtractionConfig(selectors=Selectors(body=selector)))
    article = pipeline(CleanText).process_item(pipeline(StripBoilerplate).process_item(article))
    assert len(article.structure) == len(article.body.split("\n\n"))
    return article


@pytest.mark.parametrize("selector", ["", ".text", ".text > *"])
def test_what_is_read_is_what_was_written(selector: str) -> None:
    written = "".join(STORY).replace(" & ", " &amp; ")
    article = read(f'<div class="text">\n<div>{"</div> <div>".join(STORY)}</div>\n</div>', selector)
    assert to_html(article.paragraphs) == written.replace("<b>", "").replace("</b>", "")
    assert article.origins["body"] == ("selector" if selector else "generic")


def test_a_paragraph_that_is_dropped_takes_its_place_with_it() -> None:
    article = read(
        f"<p>{PROSE[0]}</p><p>Advertisement</p><ul><li>Tweet</li><li>carts</li></ul>"
        f"<table><tr><td>Read more</td><td>a</td></tr><tr><td>b</td></tr></table><p>{PROSE[1]}</p>"
    )
    assert article.structure == [
        *("p", "ul[1]/li[2]", "table[1]/tr[1]/td[2]", "table[1]/tr[2]/td[1]", "p")
    ]


def test_parts_that_are_chosen_one_by_one_stay_in_their_list_or_row() -> None:
    article = read(
        "<ul><li>carts</li><li>salt</li></ul><ul><li>rope</li></ul>"
        "<table><tr><td>a</td><td>b</td></tr></table>",
        "li, td",
    )
    assert article.structure == [
        *("ul[1]/li[1]", "ul[1]/li[2]", "ul[2]/li[1]"),
        *("table[1]/tr[1]/td[1]", "table[1]/tr[1]/td[2]"),
    ]


def test_the_places_of_a_text_nested_without_end_stay_short() -> None:
    article = read("<div class=text>" + "<ul><li>carts" * 300 + "</div>", ".text")
    assert len(article.structure) == 300
    assert max(map(len, article.structure)) < 100

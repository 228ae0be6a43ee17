import time

import pytest
from lxml import html

from crawler.extract.body.story_blocks import read_story

TITLE = "The ferry is late again"
PROSE = [
    f"On day {day} the ferry left the old pier with sixty people, two carts and a piano on board, "
    "and nobody on shore could say when it would be back."
    for day in ("one", "two", "three", "four", "five")
]
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in PROSE)
OTHER = "Elsewhere the council talked for six hours about lamps, benches and the price of salt."


def read(body: str, *standfirsts: str) -> list[str]:
    page = html.document_fromstring(f"<html><body>{body}</body></html>")
    return [part.text for part in read_story(page, "harbourpost.example", TITLE, standfirsts)]


def test_the_story_is_read_in_order_with_its_headings_lists_quotes_and_tables() -> None:
    assert read(
        f"<nav><a href='/a'>News</a></nav><article><h1>{TITLE}</h1><p>{PROSE[0]}</p>"
        f"<h2>On board</h2><p>{PROSE[1]}</p><ul><li>two carts</li><li>a piano</li></ul>"
        f"<blockquote><p>{PROSE[2]}</p></blockquote>"
        f"<figure><table><tr><th>Day</th><td>one</td></tr></table></figure><p>{PROSE[3]}</p>"
        f"</article><footer><p>{OTHER}</p></footer>"
    ) == [
        PROSE[0],
        "On board",
        PROSE[1],
        "two carts",
        "a piano",
        PROSE[2],
        "Day",
        "one",
        PROSE[3],
    ]


@pytest.mark.parametrize(
    "furniture",
    [
        f"<aside><p>{OTHER}</p></aside>",
        f'<div class="related-stories"><h3>More of it</h3><p>{OTHER}</p></div>',
        f'<div class="newsletterBox"><p>{OTHER}</p></div>',
        f"<form><p>{OTHER}</p><input></form>",
        f'<div style="display: none"><p>{OTHER}</p></div>',
        f'<div role="complementary"><p>{OTHER}</p></div>',
        "<figure><img src='a.jpg'><figcaption>A ferry at sea.</figcaption></figure>",
        "<div><img src='a.jpg'><span>A ferry, seen from the pier</span></div>",
        "<p><a href='/other'>The council talks about the price of salt and of lamps</a></p>",
        "<h3>More stories of the day</h3><p><a href='/other'>Council talks about salt</a></p>",
        "<ul>" + "<li><a href='/o'>Council talks about salt</a> 12:30</li>" * 3 + "</ul>",
        f"<p>{PROSE[0]}</p>",
        f'<blockquote class="twitter-tweet"><p>{OTHER}</p>A (@a) 1 May</blockquote>',
        f'<div class="post-embed"><p>{OTHER}</p></div>',
        '<div class="ez-toc-container"><p>In this story</p><ol><li>The pier</li></ol></div>',
        '<div>{"layout": 2, "buttons": "a long and quite useless object"}</div>',
    ],
)
def test_what_stands_within_the_story_and_is_none_of_it_is_dropped(furniture: str) -> None:
    middle = f"{PARAGRAPHS[: len(PARAGRAPHS) // 5 * 2]}"
    split = PARAGRAPHS.index("</p>", len(middle)) + len("</p>")
    body = PARAGRAPHS[:split] + furniture + PARAGRAPHS[split:]
    assert read(f"<article><h1>{TITLE}</h1>{body}</article>") == PROSE


def test_bylines_above_and_credits_below_are_dropped() -> None:
    assert read(f"<div><div>By A Person | 12 May</div>{PARAGRAPHS}<div>AB/cd</div></div>") == PROSE


@pytest.mark.parametrize(
    ("above", "stated"),
    [
        (f'<header><h1>{TITLE}</h1><p class="standfirst">{OTHER}</p></header>', ()),
        (f"<header><h1>{TITLE}</h1><p>{OTHER}</p></header>", (OTHER,)),
    ],
)
def test_a_standfirst_above_the_text_comes_first(above: str, stated: tuple[str, ...]) -> None:
    text = f'<div class="article-body">{PARAGRAPHS}</div>'
    assert read(f"<article>{above}{text}</article>", *stated) == [OTHER, *PROSE]


def test_a_part_that_holds_the_story_is_kept_whatever_its_names_say() -> None:
    assert read(f'<div class="sidebar-widget comments-open share">{PARAGRAPHS}</div>') == PROSE
    assert read(f"<nav><h1>{TITLE}</h1>{PARAGRAPHS}</nav>") == PROSE


def test_comments_may_outweigh_the_story() -> None:
    comments = "".join(f"<p>{OTHER} {number}</p>" for number in range(30))
    assert read(f'<div>{PARAGRAPHS}</div><div id="comments">{comments}</div>') == PROSE


def test_of_several_stories_the_one_under_the_title_is_read() -> None:
    others = "".join(
        f'<article><h1>Another {number}</h1><div class="entry-content"><p>{OTHER} {number}</p>'
        f"<p>{OTHER} {number} times</p></div></article>"
        for number in range(4)
    )
    story = f'<article><h1>{TITLE}</h1><div class="entry-content">{PARAGRAPHS}</div></article>'
    assert read(story + others) == PROSE


def test_a_text_cut_into_parts_is_read_whole() -> None:
    parts = "".join(f'<section><div class="article-text"><p>{p}</p></div></section>' for p in PROSE)
    assert read(f"<article><h1>{TITLE}</h1>{parts}</article>") == PROSE


def test_two_line_breaks_part_paragraphs_and_one_does_not() -> None:
    text = "<br><br>".join([f"{PROSE[0]}<br>{PROSE[1]}", *PROSE[2:]])
    assert read(f"<div>{text}</div>") == [f"{PROSE[0]} {PROSE[1]}", *PROSE[2:]]


def test_readings_of_characters_and_text_for_screen_readers_are_no_text() -> None:
    text = PROSE[0].replace(
        "piano", "<ruby>piano<rt>pee</rt></ruby><span class='sr-only'>, opens a tab</span>"
    )
    assert read(f"<div><p>{text}</p><p>{PROSE[1]}</p></div>") == PROSE[:2]


def test_a_page_without_text_has_no_story() -> None:
    assert read("") == []


@pytest.mark.parametrize(
    "body",
    [
        "<p>x" * 70_000,
        "<div>" * 2_000 + f'<div class="article-body"><p>{OTHER}</div>' * 4_000,
        '<li><a href="/x">Council talks about salt</a>' * 7_000,
        f"<article><h2>t</h2>{OTHER}</article>" * 7_000,
        "<div>" + "x<br><br>" * 40_000,
    ],
)
def test_a_page_out_of_proportion_takes_no_more_than_linear_time(body: str) -> None:
    page = html.document_fromstring(f"<html><body><h1>{TITLE}</h1>{body}</body></html>")
    start = time.process_time()
    read_story(page, "harbourpost.example", TITLE)
    assert time.process_time() - start < 3

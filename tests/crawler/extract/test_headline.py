import pytest
from parsel import Selector

from crawler.extract.candidates import Candidates
from crawler.extract.headline import choose_title, clean_title, read_headings

SITE = {"harbourpost", "harbourpostexample"}


def choose(body: str, *, jsonld: str = "", meta: str = "", title: str = "") -> tuple[str, str]:
    sources = [
        Candidates(origin="jsonld", titles=[jsonld]),
        Candidates(origin="meta", titles=[meta]),
        Candidates(origin="generic", titles=[title]),
    ]
    headings = read_headings(Selector(text=f"<html><body>{body}</body></html>"))
    return choose_title(headings, sources, SITE) or ("", "")


def test_the_printed_headline_comes_before_the_one_for_search_engines() -> None:
    found = choose(
        "<h1>Old ferry comes home after nine days at sea</h1>",
        jsonld="Ferry news: old ferry comes home",
        meta="Ferry latest | Harbour Post",
    )
    assert found == ("Old ferry comes home after nine days at sea", "generic")


def test_what_a_source_states_in_the_same_words_is_its_origin() -> None:
    assert choose("<h1>Ferry  returns</h1>", jsonld="Ferry returns") == ("Ferry returns", "jsonld")


@pytest.mark.parametrize(
    "body",
    [
        '<h1><a href="/">The Post</a></h1>',
        '<h1><a href="https://post.example">The Post</a></h1><h1>Our pier is safe again</h1>',
        "<h1>Most read</h1><h1>Our pier is safe again</h1><h1>Weather</h1>",
        "<h1>Harbour Post</h1>",
        "<h1><svg><title>Logo</title></svg></h1>",
        "<h1>Left open " + "and full of prose " * 50 + "</h1>",
    ],
)
def test_a_logo_or_another_heading_is_no_headline(body: str) -> None:
    assert choose(body, meta="Our pier is safe again")[0] == "Our pier is safe again"


@pytest.mark.parametrize(
    ("heading", "stated"),
    [
        ("<span>News</span> Our pier is safe again", "Our pier is safe again"),
        ("<span>Piers</span><b>: Our pier is safe again</b>", "Our pier is safe again"),
        ("Our pier is safe again <small>Engineers are pleased</small>", "Our pier is safe again"),
        ("<span>Piers </span>: Our pier is safe again", "Piers: Our pier is safe again"),
        ("Our <ruby>pier<rt>pee-er</rt></ruby> is safe again", "Our pier is safe again"),
    ],
)
def test_kicker_and_subtitle(heading: str, stated: str) -> None:
    assert choose(f"<h1>{heading}</h1>", title=f"{stated} | Harbour Post")[0] == stated


CRUMBS = "<ol><li><a href='/piers'>Piers</a></li><li><h1>Pier safe: news</h1></li></ol>"


@pytest.mark.parametrize(
    ("crumbs", "below", "expected"),
    [
        (CRUMBS, "<h2><span>Piers</span> Our pier is safe again</h2>", "Our pier is safe again"),
        (
            "<div class='Breadcrumbs'><h1>Pier safe: news</h1></div>",
            "<h2>Our pier is safe again</h2>",
            "Our pier is safe again",
        ),
        (CRUMBS, "<h2>Weather</h2>", "Pier safe: news"),
        (CRUMBS, "", "Pier safe: news"),
        ("<h1>Pier safe: news</h1>", "<h2>Our pier is safe again</h2>", "Pier safe: news"),
    ],
)
def test_an_h1_that_ends_the_breadcrumbs_is_for_search_engines(
    crumbs: str, below: str, expected: str
) -> None:
    found = choose(crumbs + below, jsonld="Pier safe: news", meta="Our pier is safe again")
    assert found[0] == expected


def test_a_kicker_in_an_element_of_its_own_has_the_mark_that_is_stated_with_it() -> None:
    heading = "<h1><span>Piers</span> <b>Our pier is safe</b></h1>"
    assert choose(heading, meta="Piers: Our pier is safe")[0] == "Piers: Our pier is safe"


def test_a_lone_heading_is_the_headline_of_a_page_that_states_none() -> None:
    assert choose("<h1>Our pier</h1>", title="Welcome!") == ("Our pier", "generic")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferry | Harbour Post Online", "The ferry"),
        ("Harbour Post: The ferry", "Harbour Post: The ferry"),
        ("Harbour Post » The ferry", "The ferry"),
        ("He said «no»", "He said «no»"),
        ("The ferry - a harbour poster - wins", "The ferry - a harbour poster - wins"),
        ("Harbour Post", None),
        ("x" * 501, None),
        ("", None),
    ],
)
def test_clean(text: str, expected: str | None) -> None:
    assert clean_title(text, SITE) == expected

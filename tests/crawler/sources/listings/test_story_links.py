"""Which links of a page lead to stories. All pages are invented."""

import pytest

from crawler.sources import Listing, SourceResponse
from crawler.sources.listings.link_scores import link_traits, story_odds

HOME = "https://harbour.example/"
CHROME = (
    "<header><nav class=menu>"
    + "".join(f"<a href='/{name}'>{name.title()}</a>" for name in ("sport", "culture", "money"))
    + "<a href='/category/harbour-life/'>Harbour life</a></nav></header>{}<footer>"
    "<a href='/about-us'>About the Harbour Post</a><a href='/privacy-policy'>Privacy</a>"
    "<a href='/usingthepost/cookies/how-can-i-change-my-cookie-settings/'>Change my settings</a>"
    "<a href='https://help.harbour.example/hc/articles/115014792127-all-rights-reserved'>"
    "How to ask for the rights to our stories</a>"
    "<a href='https://social.example/harbourpost/posts/1234567'>We are on Social, follow us</a>"
    "</footer>"
)


def stories(body: str, url: str = HOME, pattern: str | None = None) -> list[str]:
    page = f"<html><body>{CHROME.format(body)}</body></html>".encode()
    listing = Listing("/").read(SourceResponse(url=url, body=page, stories=pattern))
    return [lead.url.removeprefix(HOME) for lead in listing.leads]


def test_headlines_among_navigation() -> None:
    paths = [
        "2031/05/02/ferry-to-the-northern-islands-runs-again/",
        "harbour/council-votes-for-a-longer-quay-after-two-years-of-talks",
        "money/article/fish-prices-fall-1204533.html",
    ]
    cards = (
        f"<article><a href='/{path}'><img src=x></a><h2><a href='/{path}'>{title}</a></h2>"
        "<a href='/author/mira-holm'>Mira Holm</a></article>"
        for path, title in zip(
            paths,
            (
                "Ferry to the northern islands runs again",
                "Council votes for a longer quay after two years of talks",
                "Fish prices fall for the third month",
            ),
            strict=True,
        )
    )
    assert stories("<main>" + "".join(cards) + "</main>") == paths


def test_a_list_of_dated_entries_is_of_stories_however_short_their_addresses() -> None:
    entries = (
        f"<p class=entry><a href='/log/{path}'>{title}</a><span>{day} May 2031</span></p>"
        for day, (path, title) in enumerate(
            {
                "crane": "The new crane moves",
                "tide": "Spring tide on Sunday",
                "v2": "Timetable, second edition, is out",
                "16years": "Our sixteenth birthday",
                "salt": "What salt does to rope",
            }.items(),
            1,
        )
    )
    found = stories("".join(entries))
    assert found == ["log/crane", "log/tide", "log/v2", "log/16years", "log/salt"]


def test_addresses_that_end_in_numbers_are_stories_whatever_their_links_say() -> None:
    numbers = range(1060190, 1060220)
    entries = (
        f"<div><p>Something happened at berth {number}.</p>"
        f"<a href='/Articles/{number}/'>Comments ({number % 7} posted)</a></div>"
        for number in numbers
    )
    assert stories("".join(entries)) == [f"Articles/{number}/" for number in numbers]


def test_stories_of_other_outlets_are_none_of_this_one() -> None:
    title = "A long headline on what happened far away from here"
    own = "https://news.harbour.example/2031/05/02/boats-race-around-the-lighthouse"
    body = f"<a href='https://other.example/2031/05/02/what-happened-far-away'>{title}</a>"
    assert stories(body + f"<a href='{own}'>Boats race around the lighthouse</a>") == [own]


def test_the_pattern_of_an_outlet_decides_alone() -> None:
    body = (
        "<a href='/x/7'>Ropes</a><a href='/2031/05/02/boats-race-around-the-light'>Boats race</a>"
    )
    assert stories(body, pattern=r"/x/\d+$") == ["x/7"]


@pytest.mark.parametrize("body", ["", "<a href='/'>Home</a><a name=top>Top</a>"])
def test_a_page_of_chrome_has_none(body: str) -> None:
    assert stories(body) == []


@pytest.mark.parametrize(
    ("path", "text", "is_story"),
    [
        ("2031/05/02/the-ferry-runs-again/", "The ferry runs again", True),
        ("harbour/ferry-runs-again-after-the-storm", "Read more", True),
        ("harbour/ferry-runs-again-after-the-storm-120453.html", "", True),
        ("noticias/el-transbordador-vuelve-a-navegar", "El transbordador vuelve a navegar", True),
        ("news/20310502/k10014", "港の新しい橋が三年ぶりに完成し祝う人々が集まった", True),
        ("?p=93417", "Ferry to the islands runs again", True),
        ("news.php?lang=en&newsid=417", "Ferry to the islands runs again", True),
        ("?cat=17", "Harbour news", False),
        ("author/mira-holm", "Mira Holm", False),
        ("tag/ferries", "Ferries", False),
        ("category/sport/football", "Football", False),
        ("newsletter-signup", "Sign up for our letter", False),
        ("terms-of-service", "Terms of service", False),
        ("sponsored-content", "Sponsored", False),
        ("", "Harbour Post", False),
        ("?s=ferry", "Search", False),
    ],
)
def test_one_link_alone(path: str, text: str, is_story: bool) -> None:
    assert (story_odds(link_traits(HOME + path, text, "harbour.example")) > 0) is is_story

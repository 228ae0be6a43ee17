"""Listings that load further entries as JSON."""

import json
from typing import Any

import pytest

from crawler.sources import Listing, SourceListing, SourceResponse

URL = "https://harbour.example/news/"
LISTING = Listing("/news/", more="/api/latest?page={page}&size=2")
API = "https://harbour.example/api/latest?page={}&size=2"


def read(body: Any, url: str, listing: Listing = LISTING) -> SourceListing:
    text = body if isinstance(body, str) else json.dumps(body)
    return listing.read(SourceResponse(url=url, body=text.encode()))


def test_after_the_page_come_what_its_button_loads() -> None:
    assert read("<main><a rel=next href='?page=2'>More</a></main>", URL).older == API.format(2)


@pytest.mark.parametrize(
    "body",
    [
        [{"title": "Ferry runs again", "url": "/a/1"}, {"headline": "Fish fall", "link": "/a/2"}],
        {
            "total": 2,
            "data": {
                "items": [
                    {
                        "id": 1,
                        "image": {"url": "/logo.png"},
                        "title": "Ferry runs again",
                        "href": "https://harbour.example/a/1",
                    },
                    {"title": "Fish fall", "url": None, "permalink": "/a/2"},
                ]
            },
        },
    ],
)
def test_objects_with_address_and_title(body: Any) -> None:
    listing = read(body, API.format(2))
    found = [(lead.url, lead.title) for lead in listing.leads]
    home = "https://harbour.example"
    assert found == [(f"{home}/a/1", "Ferry runs again"), (f"{home}/a/2", "Fish fall")]
    assert listing.older == API.format(3)


def test_pieces_of_the_page() -> None:
    path = "/2024/05/03/the-ferry-runs-again-to-the-islands"
    piece = f"<h2><a href='{path}'>The ferry runs again</a></h2>"
    listing = read({"success": True, "html": piece}, API.format(7))
    assert [lead.url for lead in listing.leads] == [f"https://harbour.example{path}"]
    assert listing.older == API.format(8)


@pytest.mark.parametrize("body", ["[]", '{"items": []}', '{"html": "<p>No more.</p>"}'])
def test_nothing_more(body: str) -> None:
    assert read(body, API.format(9)) == SourceListing()


def test_a_page_that_only_begins_like_json() -> None:
    body = "[Harbour Post] <a rel=next href='?page=2'>More</a>"
    assert read(body, URL, Listing("/news/")).older == f"{URL}?page=2"

"""Documents of very many entries are read part by part, and nothing is lost or read twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from crawler.sources import Feed, SourceResponse, read_part, read_source_response
from crawler.text.parts import MAX_PARTS, part_of

FIRST = datetime(2021, 5, 1, tzinfo=UTC)
ADDRESS = "https://gazette.example/{}"


def rss(number: int) -> str:
    date = f"{FIRST + timedelta(hours=number):%a, %d %b %Y %H:%M:%S} GMT"
    return (
        f"<!-- {number} --><item><title>Ferry {number}</title><link>{ADDRESS.format(number)}</link>"
        f"<description><![CDATA[<p>An <item> of news]]></description><pubDate>{date}</pubDate>"
        "</item >\n"
    )


def rdf(number: int) -> str:
    link = ADDRESS.format(number)
    return f'<item rdf:about="{link}"><title>Ferry</title><link>{link}</link></item>'


def atom(number: int) -> str:
    date = f"{FIRST + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"
    link = f'<a:link href="{ADDRESS.format(number)}"/>'
    return (
        f"<a:entry><a:title>Ferry {number}</a:title>{link}<a:updated>{date}</a:updated></a:entry>"
    )


RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title><image><url>/i.png'
    "</url></image>{}<language>en</language></channel></rss>"
)
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/'
    '1.0/"><channel rdf:about="/"><title>Gazette</title></channel>{}</rdf:RDF>'
)
ATOM = (
    '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:author><a:name>Mara Quill</a:name></a:author>'
    "{}</a:feed>"
)


def answer(whole: str, entry: Callable[[int], str], count: int) -> SourceResponse:
    body = whole.replace("{}", "".join(map(entry, range(count)))).encode()
    return SourceResponse(url="https://gazette.example/feed", body=body)


@pytest.mark.parametrize(("whole", "entry"), [(RSS, rss), (RDF, rdf), (ATOM, atom)])
@pytest.mark.parametrize(("count", "parts"), [(0, 1), (9, 1), (10, 1), (11, 2), (20, 2), (39, 4)])
def test_all_parts_show_what_the_whole_does(
    whole: str,
    entry: Callable[[int], str],
    count: int,
    parts: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = answer(whole, entry, count)
    leads = Feed().read(shown).leads
    monkeypatch.setattr(Feed, "entries_a_part", 10)
    listings = [read_part(Feed(), shown, None, "UTC", part=part) for part in range(parts)]
    assert {listing.parts for listing in listings} == {parts}
    assert [lead.url for listing in listings for lead in listing.leads] == [o.url for o in leads]
    assert [lead.authors for listing in listings for lead in listing.leads] == [
        lead.authors for lead in leads
    ]


def test_of_several_parts_the_newest_stories_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Feed, "entries_a_part", 10)
    shown = answer(RSS, lambda n: rss(n) if n % 9 else rss(n).replace("pubDate", "day"), 30)
    listing = read_source_response(Feed(), shown, None, "UTC")
    numbers = [int(lead.url.rpartition("/")[2]) for lead in listing.leads]
    assert numbers == [n for n in reversed(range(30)) if n % 9] + [0, 9, 18, 27]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"</item>" * 50,
        b"<item>" * 50,
        RSS.encode("utf-16"),
        b"</url></item><item>" * 50,
    ],
)
def test_what_cannot_be_cut_stays_whole_or_keeps_its_bytes(document: bytes) -> None:
    _, parts = part_of(document, 0, 10)
    if parts == 1:
        assert part_of(document, 0, 10) == (document, 1)
    else:
        cut = [part_of(document, number, 10)[0] for number in range(parts)]
        assert sum(part.count(b"<item>") for part in cut) >= document.count(b"<item>")


def test_a_hostile_document_has_few_parts() -> None:
    _, parts = part_of(b"<item>" + b"</item>" * 100_000, 0, 10)
    assert parts == MAX_PARTS

"""Names of authors, in the forms feeds print them."""

import json

import pytest

from crawler.sources import Feed, SourceResponse
from crawler.sources.feeds.authors import names_in
from tests.crawler.sources.test_feed import URL, rss

ONE, TWO = ("Mara Quill",), ("Mara Quill", "Otto Reed")


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("mara@quill.museum (Mara Quill)", ONE),
        ("mara@quill.example(Mara Quill)", ONE),
        ("mara.q+news@quill.co.uk?subject=Pier (Mara Quill)", ONE),
        ("mara@quäy.example (Mara Quill (Wire))", ONE),
        ("Mara Quill (mara@quill.example)", ONE),
        ("Mara Quill (mailto:mara@quill.example)", ONE),
        ("mailto:mara@quill.example (Mara Quill)", ONE),
        ('"Mara Quill" <mara@quill.example>', ONE),
        ("Mara Quill [mara@quill.example]", ONE),
        ("Mara Quill, mara@quill.example", ONE),
        ("mara [at] quill.example (Mara Quill)", ONE),
        ("Mara Quill (@maraquill)", ONE),
        ("Mara Quill (Wire)", ONE),
        ("Quill, Mara (mara@quill.example)", ONE),
        ("Quill, Mara; Reed, Otto", TWO),
        ("a@x.example (Mara Quill), b@x.example (Otto Reed)", TWO),
        ("a@x.example (Mara Quill) and b@x.example (Otto Reed)", TWO),
        ("Mara Quill <a@x.example> and Otto Reed <b@x.example>", TWO),
        ("a@x.example (Mara Quill, Otto Reed)", TWO),
        ("Mara Quill &amp;amp; Otto Reed", TWO),
        ("['Mara Quill', 'Otto Reed']", TWO),
        ('<a href="/x@y">Mara Quill</a>, <b>Otto Reed</b>', TWO),
        ("&lt;i&gt;Mara Quill&lt;/i&gt;", ONE),
        ("Mara Quill<br/>Otto Reed", TWO),
        ("Mara Quill/Otto Reed", TWO),
        ("<!-- staff -->Mara Quill<!-- x > y", ONE),
        ('<a title="a > b" href="/m">Mara Quill</a>', ONE),
        ('<post-author id="1">Mara Quill</post-author>', ONE),
        ('Mara Quill <a href="/ma', ONE),
        ("Mara O'Quill", ("Mara O'Quill",)),
        ("no-reply@quill.example (Quill News Desk)", ("Quill News Desk",)),
        ("mara@quill.example", ()),
        ("<mailto:mara@quill.example>", ()),
        ("https://quill.example/mara", ()),
        ("mara@quill.example ()", ()),
    ],
)  # fmt: skip
def test_names_are_told_from_what_stands_beside_them(printed: str, names: tuple[str, ...]) -> None:
    assert names_in([printed]) == names


def test_a_name_is_taken_once() -> None:
    assert names_in(["Mara Quill", "mara@quill.example", "MARA QUILL", "Otto Reed"]) == TWO


def authors(body: str) -> tuple[str, ...]:
    (lead,) = Feed().read(SourceResponse(url=URL, body=body.encode())).leads
    return lead.authors


def person(name: str = "", more: str = "") -> str:
    return f"<author>{name and f'<name>{name}</name>'}{more}</author>"


FEED, OWN = person("Mara Quill"), person("Otto Reed")
MAIL = person(more="<email>otto@reed.example</email>")


@pytest.mark.parametrize(
    ("feed", "entry", "names"),
    [
        (FEED, "", ONE),
        (FEED + OWN, "", TWO),
        (FEED, OWN, TWO[1:]),
        (FEED, MAIL, ONE),
        (FEED, f"<source><title>Wire</title>{OWN}</source>", TWO[1:]),
        (OWN, f"<source>{OWN}</source>{FEED}", ONE),
        (OWN, "<source><title>Wire</title></source>", TWO[1:]),
        ("", FEED + MAIL, ONE),
        ("", person("Mara Quill", "<uri>https://quill.example/</uri>"), ONE),
        ("", "<author>Mara Quill</author>", ONE),
    ],
)
def test_authors_of_an_atom_feed(feed: str, entry: str, names: tuple[str, ...]) -> None:
    body = f'<title>Post</title>{feed}<entry><link href="/1"/>{entry}</entry>'
    assert authors(f'<feed xmlns="http://www.w3.org/2005/Atom">{body}</feed>') == names


@pytest.mark.parametrize(
    ("channel", "item", "names"),
    [
        ("<managingEditor>e@x.example (Eve Moor)</managingEditor>", "", ()),
        ("<webMaster>e@x.example (Eve Moor)</webMaster>", "", ()),
        ("<dc:creator>Eve Moor</dc:creator>", "", ()),
        ("", "<dc:creator>Mara Quill</dc:creator><dc:creator>Otto Reed</dc:creator>", TWO),
        ("", "<author>m@quill.media</author><dc:creator>Mara Quill</dc:creator>", ONE),
        ("", "<author>m@quill.media (Mara Quill)</author><dc:creator>Mara Quill</dc:creator>", ONE),
        ("", '<dc:creator><a href="/m">Mara Quill</a>, <b>Otto Reed</b></dc:creator>', TWO),
        ("", "<dc:creator><![CDATA[<i>Mara Quill</i>]]></dc:creator>", ONE),
    ],
)
@pytest.mark.parametrize("malformed", ["", "<category>A & B</category>"])
def test_authors_of_rss(channel: str, item: str, names: tuple[str, ...], malformed: str) -> None:
    body = f"<item><link>/1</link>{item}{malformed}</item>"
    assert authors(rss(body, more=channel)) == names


@pytest.mark.parametrize(
    ("feed", "item", "names"),
    [
        ({"authors": [{"name": "Mara Quill"}]}, {}, ONE),
        ({"author": {"name": "Mara Quill"}}, {"authors": []}, ONE),
        ({"authors": {"name": "Mara Quill"}}, {}, ONE),
        ({"author": {"name": "Mara Quill"}}, {"authors": [{"name": "Otto Reed"}]}, TWO[1:]),
        ({}, {"authors": [{"name": "Mara Quill and Otto Reed"}]}, TWO),
        ({"author": "Otto Reed"}, {"authors": ["Mara Quill"]}, ONE),
        ({"authors": [{"name": "m@quill.example"}, {"url": "/m"}]}, {}, ()),
    ],
)
def test_authors_of_a_json_feed(
    feed: dict[str, object], item: dict[str, object], names: tuple[str, ...]
) -> None:
    assert authors(json.dumps({**feed, "items": [{"url": "/1", **item}]})) == names

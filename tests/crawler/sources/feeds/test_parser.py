"""Feeds with damage, in whatever encoding: it costs what is damaged."""

import json

import pytest

from crawler.sources import Feed, SourceResponse
from tests.crawler.sources.test_feed import URL

HEADS = {
    "none": "",
    "utf-8": '<?xml version="1.0" encoding="utf-8"?>',
    "latin-1": '<?xml version="1.0" encoding="iso-8859-1"?>',
    "utf-16": '<?xml version="1.0" encoding="utf-16"?>',
}
TITLES = ["Пирс закрыт", "Žluťoučký kůň – «порт»"]
DAMAGE = {
    "a letter cut in half": "Гаван".encode() + b"\xd0...",
    "a byte of windows-1252": b"caf\xe9",
    "a character cut in half": b"\xf0\x9f\x98",
    "half a pair": b"\xed\xa0\xbd",
    "no character at all": b"\xff",
    "control characters": b"a\x00\x0b\x1f",
    "a noncharacter": "\uffff".encode(),
}


def feed(head: str = "", title: str = TITLES[0]) -> str:
    return (
        f'{head}<rss version="2.0"><channel><title>Post</title><item><title>{title}</title>'
        "<link>/новости/пирс</link><description>@@</description></item>"
        f"<item><title>{TITLES[1]}</title><link>/2</link></item></channel></rss>"
    )


def titles(body: bytes, http: str | None = None) -> list[str | None]:
    leads = Feed().read(SourceResponse(url=URL, body=body, encoding=http)).leads
    assert [lead.url.rpartition("/")[2] for lead in leads] == ["%D0%BF%D0%B8%D1%80%D1%81", "2"]
    return [lead.title for lead in leads]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_costs_one_character(damage: str, head: str) -> None:
    body = feed(HEADS[head]).encode().replace(b"@@", DAMAGE[damage])
    for http in (None, "utf-8", "iso-8859-1"):
        assert titles(body, http) == TITLES


def test_damage_in_a_title_costs_one_letter_of_it() -> None:
    for title, read in (("Пир@", "Пир\ufffd"), ("Caf@ Пирс", "Caf\ufffd Пирс"), ("Caf@", "Café")):
        before, _, after = feed(title=title).encode().partition(b"@")
        assert titles(before + b"\xe9" + after)[0] == read


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings(encoding: str, head: str) -> None:
    body = feed(HEADS[head]).encode(encoding)
    assert titles(body) == titles(body[:-1]) == TITLES


@pytest.mark.parametrize("malformed", ["", "<x>a & b</x>"])
@pytest.mark.parametrize(
    ("reference", "read"),
    [
        ("&#0;&#x1F;&#xFFFF;&#1114112;", ""),
        (f"&#{'9' * 5000};", ""),
        ("&#55357;&#56832;", "😀"),
        ("&#xD83D;", "\ufffd"),
        ("&#0000233;", "é"),
    ],
)
def test_references_to_what_is_no_character(reference: str, read: str, malformed: str) -> None:
    body = feed(title=f"Cap{reference}").replace("@@", malformed).encode()
    assert titles(body)[0] == f"Cap{read}"


def test_a_json_feed_loses_no_more() -> None:
    items = [{"url": "/новости/пирс", "title": TITLES[0], "summary": "@@"}]
    items.append({"url": "/2", "title": TITLES[1]})
    body = json.dumps({"items": items}, ensure_ascii=False)
    for damage in DAMAGE.values():
        assert titles(body.encode().replace(b"@@", damage)) == TITLES
    assert titles(body.encode("utf-16")) == TITLES

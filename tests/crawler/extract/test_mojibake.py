"""Pages in right, wrong, missing and mixed encodings: what comes out is what was written."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extract.page import FetchedPage, read_page
from crawler.outlet import ExtractionConfig, Selectors

URL = "https://www.harbourpost.example/ferry"
READING = ExtractionConfig(selectors=Selectors(body="article p"))

TEXTS: dict[str, tuple[str, ...]] = {
    language: tuple(texts)
    for language, texts in json.loads(
        Path(__file__).with_name("languages.json").read_text(encoding="utf-8")
    ).items()
}
"""A headline and two paragraphs each, invented."""
LEGACY = {
    "de": ("windows-1252", "iso-8859-15"),
    "fr": ("windows-1252",),
    "es": ("iso-8859-1",),
    "pl": ("iso-8859-2", "windows-1250"),
    "cs": ("windows-1250",),
    "hu": ("iso-8859-2",),
    "tr": ("iso-8859-9", "windows-1254"),
    "ru": ("windows-1251", "koi8-r", "iso-8859-5"),
    "uk": ("koi8-u", "windows-1251"),
    "el": ("iso-8859-7", "windows-1253"),
    "he": ("windows-1255",),
    "ar": ("windows-1256",),
    "zh": ("gb2312", "gbk", "gb18030"),
    "tw": ("big5",),
    "ja": ("shift_jis", "euc-jp", "iso-2022-jp"),
    "ko": ("euc-kr",),
    "th": ("windows-874",),
}
CODECS = {"windows-874": "cp874", "iso-8859-1": "cp1252", "iso-8859-9": "cp1254"}
"""Labels by the WHATWG Encoding Standard, and Python's names where they differ."""

Case = tuple[bytes, str | None, tuple[str, ...]]


def markup(texts: tuple[str, ...], head: str = "") -> str:
    title, *paragraphs = texts
    told = "".join(f"<p>{text}</p>\n" for text in paragraphs)
    head = f"<head>{head}<title>{title}</title></head>"
    return f"<html>{head}<body>\n<h1>{title}</h1>\n<article>{told}</article></body></html>"


def to_bytes(text: str, label: str) -> bytes:
    return text.encode(CODECS.get(label, label), errors="xmlcharrefreplace")


def twice(text: str, label: str) -> str:
    """Text whose UTF-8 somebody took for another encoding; browsers know no undefined bytes."""
    return "".join(
        bytes((byte,)).decode(label, errors="ignore") or chr(byte) for byte in text.encode()
    )


def legacy() -> Iterator[tuple[str, Case]]:
    for language, labels in LEGACY.items():
        for label in labels:
            texts = TEXTS[language]
            declared = to_bytes(markup(texts, f'<meta charset="{label}">'), label)
            yield f"meta says {label} ({language})", (declared, None, texts)
            yield f"HTTP says {label} ({language})", (to_bytes(markup(texts), label), label, texts)
            yield f"{label} undeclared ({language})", (to_bytes(markup(texts), label), None, texts)
            if label != "iso-2022-jp":
                wrong = to_bytes(markup(texts, '<meta charset="utf-8">'), label)
                yield f"meta says utf-8, bytes {label} ({language})", (wrong, "utf-8", texts)
            if language in ("ru", "el", "zh", "ja", "ko", "ar"):
                yield f"HTTP says latin-1, bytes {label} ({language})", (
                    to_bytes(markup(texts), label), "iso-8859-1", texts)  # fmt: skip
    for label in ("utf-8", "iso-8859-1", "windows-1251", "shift_jis", "no-such"):
        for language in ("fr", "ru", "ja"):
            texts = TEXTS[language]
            yield f"UTF-8 said to be {label} ({language})", (
                markup(texts, f'<meta charset="{label}">').encode(), label, texts)  # fmt: skip
    page = to_bytes(markup(TEXTS["ru"], '<meta charset="windows-1251">'), "windows-1251")
    yield "HTTP says latin-1, meta says right", (page, "iso-8859-1", TEXTS["ru"])
    yield "HTTP says utf-8, meta says right", (page, "utf-8", TEXTS["ru"])


def marked() -> Iterator[tuple[str, Case]]:
    for language in ("de", "ru", "zh"):
        texts = TEXTS[language]
        page = markup(texts)
        yield f"UTF-8 with a mark ({language})", (
            b"\xef\xbb\xbf" + page.encode(), "iso-8859-1", texts)  # fmt: skip
        for name, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
            yield f"{name} with a mark ({language})", (mark + page.encode(name), None, texts)
            yield f"{name} without a mark ({language})", (page.encode(name), None, texts)
            yield f"{name}, HTTP says utf-16 ({language})", (page.encode(name), "utf-16", texts)
        yield f"UTF-8 said to be utf-16 ({language})", (
            markup(texts, '<meta charset="utf-16">').encode(), "utf-16", texts)  # fmt: skip


def doubled() -> Iterator[tuple[str, Case]]:
    for language, label in (
        *(("de", "cp1252"), ("de", "latin-1"), ("fr", "cp1252"), ("es", "latin-1")),
        *(("pl", "cp1252"), ("cs", "cp1250"), ("tr", "cp1252"), ("ru", "cp1252")),
        *(("ru", "latin-1"), ("ru", "cp1251"), ("uk", "cp1251"), ("el", "cp1252")),
        *(("ar", "cp1252"), ("zh", "cp1252"), ("ja", "latin-1"), ("ko", "cp1252")),
    ):
        texts = TEXTS[language]
        title, first, second = texts
        page = twice(markup(texts), label).encode()
        yield f"UTF-8 as {label}, the page ({language})", (page, "utf-8", texts)
        page = markup((twice(title, label), first, second)).encode()
        yield f"UTF-8 as {label}, the title ({language})", (page, "utf-8", texts)
        page = markup((title, first, twice(second, label))).encode()
        yield f"UTF-8 as {label}, a paragraph ({language})", (page, "utf-8", texts)
    page = twice(twice(markup(TEXTS["fr"]), "cp1252"), "cp1252").encode()
    yield "UTF-8 as cp1252, twice", (page, None, TEXTS["fr"])
    linked = json.dumps({"@type": "NewsArticle", "headline": twice(TEXTS["es"][0], "cp1252")})
    head = f'<script type="application/ld+json">{linked}</script>'
    told = markup(("", *TEXTS["es"][1:]), head).encode()
    yield "UTF-8 as cp1252, in JSON-LD", (told, None, TEXTS["es"])
    escaped = "".join(f"&#{ord(c)};" if c > "\x7f" else c for c in twice(TEXTS["de"][1], "cp1252"))
    page = markup((TEXTS["de"][0], escaped, TEXTS["de"][2])).encode()
    yield "UTF-8 as cp1252, as references", (page, None, TEXTS["de"])


def mixed() -> Iterator[tuple[str, Case]]:
    for page_in, piece_in, language in (
        *(("utf-8", "windows-1252", "fr"), ("utf-8", "windows-1251", "ru"), ("utf-8", "gbk", "zh")),
        *(("utf-8", "iso-8859-2", "pl"), ("utf-8", "shift_jis", "ja"), ("utf-8", "euc-kr", "ko")),
        *(("windows-1252", "utf-8", "de"), ("windows-1251", "utf-8", "ru"), ("gbk", "utf-8", "zh")),
        *(("windows-1250", "utf-8", "cs"), ("big5", "utf-8", "tw"), ("shift_jis", "utf-8", "ja")),
    ):
        title, first, second = TEXTS[language]
        texts = (title, first, first[::-1], second)  # most of it in the page's own
        for charset in (page_in, None):
            head = f'<meta charset="{charset}">' if charset else ""
            page = to_bytes(markup((title, first, first[::-1], "@"), head), page_in)
            page = page.replace(b"@", to_bytes(second, piece_in))
            yield f"{piece_in} in {page_in}, said {charset} ({language})", (page, charset, texts)
    page = markup(("Le bac", "L’été, un caf@ au port.")).encode().replace(b"@", b"\xe9")
    yield "a byte of windows-1252 in UTF-8", (page, None, ("Le bac", "L’été, un café au port."))


def escaped() -> Iterator[tuple[str, Case]]:
    for written, read in (
        ("The ferry&amp;#8217;s &amp;quot;crew&amp;quot;", "The ferry’s \"crew\""),
        ("Salt &amp;amp; fish", "Salt & fish"),
        ("Salt &amp;amp;amp; fish", "Salt & fish"),
        ("Salt &amp; fish; AT&T", "Salt & fish; AT&T"),
        ("It&#146;s &#147;late&#148; &#150; again", "It’s “late” – again"),
        ("It\u0092s \u0093late\u0094 \u0096 again\u0085", "It’s “late” – again…"),
        ("Two&nbsp;words&amp;nbsp;more&#160;", "Two words more"),
        ("zero\u200bwidth, soft&shy;hyphen, &#8203;mark\ufeff", "zerowidth, softhyphen, mark"),
        ("evil \u202etxt.exe\u202c &#x202e;name", "evil txt.exe name"),
        ("nul\x00 bell\x07 &#0;&#7;escape\x1b", "nul bell �escape"),
        ("lone &#xD800; surrogate", "lone � surrogate"),
        ("cafe\u0301 A\u030angstro\u0308m", "café Ångström"),
        ("می\u200cخواهم 👩\u200d🚒", "می\u200cخواهم 👩\u200d🚒"),
    ):  # fmt: skip
        yield f"{written!r}", (markup((written, written)).encode(), "utf-8", (read, read))
    linked = r'{"@type": "NewsArticle", "headline": "Boat \ud83d\ude80 \u0000\u0092tis \ud800"}'
    head = f'<script type="application/ld+json">{linked}</script>'
    page = markup(("", "A boat."), head).encode()
    yield "surrogates in JSON", (page, None, ("Boat 🚀 ’tis �", "A boat."))


CASES = dict([*legacy(), *marked(), *doubled(), *mixed(), *escaped()])


@pytest.mark.parametrize("name", CASES)
def test_what_is_read_is_what_was_written(name: str) -> None:
    body, charset, texts = CASES[name]
    article = read_page(FetchedPage(URL, body, charset, datetime.now(UTC)), READING)
    assert (article.title, *article.body.split("\n\n")) == texts


def test_there_are_many_cases() -> None:
    assert len(CASES) > 200


@pytest.mark.parametrize(
    "text",
    [
        *("CAFÉ…", "« LIBERTÉ »", "OÙ\xa0?", "Ça va\xa0!", "São Paulo – AMANHÃ", "Ä–Ö", "π ≈ 3"),
        *("£5 – €6 ± 3 °C", "™®©", "naïve façade", "Ångström", "Đà Nẵng", "ÀÉÎÕÜ", "Ärger & Öl"),
        *("Её «ёлка»… №5", "Ґанок – її", "ΑΒΓ – «Δ»", "AT&T; R&D", "x &y z;", "1 < 2 & 3 > 2"),
        *(text for texts in TEXTS.values() for text in texts),
        *(text.upper() for texts in TEXTS.values() for text in texts),
    ],
)  # fmt: skip
def test_true_text_is_not_mended(text: str) -> None:
    page = markup(("T", text.replace("&", "&amp;").replace("<", "&lt;"))).encode()
    article = read_page(FetchedPage(URL, page, None, datetime.now(UTC)), READING)
    assert article.body == " ".join(text.split())

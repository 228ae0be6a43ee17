import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.encoding import decode

TEXT = "Der Hafen öffnet früh — „endlich“, sagt man."


def meta(charset: str) -> str:
    return f'<meta charset="{charset}"><p>{TEXT}</p>'


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (TEXT.encode(), None),
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "iso-8859-1"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-8"),
        (TEXT.encode("cp1252"), "iso-8859-1"),  # by the standard this label means windows-1252
        (TEXT.encode("cp1252"), ' "latin1"'.strip(' "')),
        (TEXT.encode("utf-16-le"), "utf-16"),
        # What is valid UTF-8 is UTF-8, whatever it is said to be.
        (TEXT.encode(), "iso-8859-1"),
        *(
            (TEXT.encode(), label)
            for label in ("base64", "idna", "unicode_escape", "utf-7", "rot13")
        ),
        (TEXT.encode(), "no-such-charset"),
    ],
)
def test_decode(body: bytes, declared: str | None) -> None:
    assert decode(body, declared) == TEXT


@pytest.mark.parametrize("charset", ["windows-1252", "ISO-8859-1", "utf-8"])
def test_a_meta_tag_declares(charset: str) -> None:
    body = meta(charset).encode("utf-8" if charset == "utf-8" else "cp1252")
    assert TEXT in decode(body, None)


@pytest.mark.parametrize("label", ["unicode_escape", "raw_unicode_escape", "base64", "utf-16"])
def test_a_codec_that_is_no_encoding_is_not_used(label: str) -> None:
    body = rf'<meta charset="{label}"><p>\u0041 aGVsbG8=</p>'
    assert decode(body.encode(), None) == body
    if label != "utf-16":
        assert decode(body.encode(), label) == body


def test_undeclared_text_is_told_by_its_looks() -> None:
    russian = "Паром вышел из гавани рано утром, и никто не заметил его. " * 20
    assert decode(russian.encode("cp1251"), None) == russian


def test_a_few_bad_bytes_do_not_change_the_encoding() -> None:
    body = (TEXT * 100).encode() + b"\xe2\x80"
    assert decode(body, "utf-8") == TEXT * 100 + "\ufffd"


def test_bad_bytes_leave_the_sound_letters_beside_them() -> None:
    body = f"<p>{TEXT}</p>".encode() * 9 + "<p>Größe ".encode() + b"\x93klein\x94 \x96 fein</p>"
    assert decode(body, "utf-8").endswith("<p>Größe “klein” – fein</p>")


def test_sound_letters_stay_where_bad_ones_are_more_if_utf8_is_declared() -> None:
    body = "<p>Größe</p>".encode() + b"<p>\x93klein\x94</p><p>caf\xe9</p>"
    assert decode(body, "utf-8") == "<p>Größe</p><p>“klein”</p><p>café</p>"


@given(st.binary(), st.one_of(st.none(), st.text(), st.sampled_from(["utf-16", "hz", "johab"])))
def test_nothing_raises(body: bytes, declared: str | None) -> None:
    assert isinstance(decode(body, declared), str)

"""Decoding of pages as a browser does it, or better; it never fails."""

import re
from functools import partial

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

# The encodings of the web (WHATWG Encoding Standard) by Python's names. Python's registry also
# holds codecs that are no encodings of text, or that hide markup: a page may not choose them.
_LATIN = frozenset(
    "iso8859-2 iso8859-3 iso8859-4 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16"
    " mac-roman cp1250 cp1252 cp1254 cp1257".split()
)
_CJK = frozenset("gb18030 big5hkscs euc_jp cp932 cp949".split())
_OTHER = _CJK | frozenset(
    "cp866 iso8859-5 iso8859-6 iso8859-7 iso8859-8 koi8-r koi8-u mac-cyrillic cp874 cp1251 cp1253"
    " cp1255 cp1256 cp1258".split()
)
_ALLOWED = _LATIN | _OTHER | {"utf-8", "iso2022_jp"}
# The letters beyond ASCII of languages in Latin script, and the encodings to tell apart by them:
# their bytes are the same and every one of them means something in each.
_LETTERS = (
    *("äöüß", "àâæçèéêëîïôœùûü", "áéíóúüñ", "ãáàâçéêíóôõú", "àèéìíòóù", "åäöé", "æøåé"),
    *("áðéíóúýþæö", "ëéïöüè", "ąćęłńóśźż", "áäčďéěíĺľňóôŕřšťúůýž", "áéíóöőúüű", "ăâîşţ"),
    *("čćđšž", "çğıöşüâî", "ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
)
_GUESSES = ("cp1252", "cp1250", "iso8859-2", "cp1254", "cp1257", "iso8859-15")
_PUNCTUATION = frozenset("“”„‘’‚«»‹›–—…€£©®°·´§\xa0")

# From one character beyond ASCII up to bytes that no encoding uses in a character.
_PIECE = re.compile(rb'[\x80-\xff][^<>"\n]*')
_STRAY = re.compile("[\udc80-\udcff]+")
_LONG_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HEAD_BYTES = 256  # bytes; a page begins with markup, which is ASCII
_SAMPLE_BYTES = 16_384  # bytes that are not ASCII; enough to tell an encoding by
_MIN_UTF8_CHARACTERS = 4  # characters of UTF-8; so many are not met by chance in another encoding
_MIN_FIT = 0.7  # share of the letters of a language that another encoding makes of the bytes
_MAX_ERRORS = 0.02  # share of undecodable characters that is no slip any more
_MAX_PIECEWISE = 2_000_000  # bytes of a page that is looked at piece by piece


def decode(body: bytes, declared: str | None) -> str:
    """Decode a page, also one of mixed or wrongly declared encodings.

    In this order: a byte order mark; UTF-16, if every other byte is NUL; UTF-8, if the bytes are
    valid UTF-8 beyond ASCII (which does not happen by chance). Of all other pages the larger part
    tells whether they are UTF-8 or in another encoding: that of HTTP (`declared`) or of a meta tag
    or, where there is none or it cannot be right, the one that the bytes look like. Pieces between
    two tags may be in either: systems put together what comes from several sources.
    """
    encoding, mark = read_bom(body)
    if encoding and mark:
        return body[len(mark) :].decode(encoding, errors="replace")
    even, odd = body[:_HEAD_BYTES:2].count(0), body[1:_HEAD_BYTES:2].count(0)
    if 4 * max(even, odd) > min(len(body), _HEAD_BYTES):
        return body.decode("utf-16-le" if odd >= even else "utf-16-be", errors="replace")
    if body.isascii():
        return body.decode("iso2022_jp" if b"\x1b$" in body else "ascii", errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_other(body, _named(body, declared))


def named_encoding(body: bytes, declared: str | None) -> str | None:
    """Return what a file is said to be in, by HTTP (`declared`) or itself, but for Unicode."""
    return _legacy(_named(body, declared))


def _named(body: bytes, declared: str | None) -> list[str | None]:
    return [_allowed(declared), _allowed(html_body_declared_encoding(body))]


def _decode_other(body: bytes, names: list[str | None]) -> str:
    """Decode what is not (all) UTF-8.

    Args:
        names: what HTTP and the page call its encoding.
    """
    named = _legacy(names)
    pieces: list[bytes] = _PIECE.findall(body[:_MAX_PIECEWISE])
    others = [piece for piece in pieces if not _is_utf8(piece)]
    in_utf8 = 2 * len(others) <= len(pieces) or _share_of_errors(b"\n".join(pieces), "utf-8") < 0.1
    sample = b"\n".join(others)
    if len(sample) > _SAMPLE_BYTES:
        sample = sample[: sample.find(b"\n", _SAMPLE_BYTES)]
    encoding = named if named and _may_be(named, sample) else _looks_like(sample) or named
    encoding = encoding or "cp1252"
    if "utf-8" in names and encoding not in _CJK and len(others) < len(pieces):
        in_utf8 = True
    if len(body) > _MAX_PIECEWISE:
        return body.decode("utf-8" if in_utf8 else encoding, errors="replace")
    return _PIECE.sub(partial(_recode, encoding=encoding, in_utf8=in_utf8), body).decode()


def _recode(found: re.Match[bytes], encoding: str, *, in_utf8: bool) -> bytes:
    """Return a piece in UTF-8."""
    piece = found[0]
    lowest = "\u3000" if encoding in _CJK else "\x80"
    if _is_utf8(piece, *((1, "\x80") if in_utf8 else (_MIN_UTF8_CHARACTERS, lowest))):
        return piece
    if in_utf8 and _share_of_errors(piece, "utf-8") <= 0.5:
        return piece.decode("utf-8", errors="replace").encode()
    if in_utf8 and encoding not in _CJK:  # what is sound in it stays
        text = piece.decode("utf-8", errors="surrogateescape")
        return _STRAY.sub(
            lambda stray: stray[0].encode("utf-8", "surrogateescape").decode(encoding, "replace"),
            text,
        ).encode()
    return piece.decode(encoding, errors="replace").encode()


def _is_utf8(piece: bytes, least: int = 1, lowest: str = "\x80") -> bool:
    """Tell whether a piece is valid UTF-8 with at least so many characters not below `lowest`."""
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(char >= lowest for char in text) >= least


def _share_of_errors(sample: bytes, encoding: str) -> float:
    """Return the share of undecodable ones among the characters beyond ASCII."""
    text = sample.decode(encoding, errors="replace")
    return text.count("\ufffd") / max(1, sum(char > "\x7f" for char in text))


def _legacy(names: list[str | None]) -> str | None:
    """Return what a page is said to be in, but for Unicode, which it is not."""
    legacy = [name for name in names if name and name != "utf-8"]
    # Servers say windows-1252 (ISO 8859-1) of every page, if nobody tells them otherwise.
    return legacy[-1] if legacy[:1] == ["cp1252"] else next(iter(legacy), None)


def _allowed(label: str | None) -> str | None:
    name = resolve_encoding(label.strip()) if label else None
    return name if name in _ALLOWED else None


def _may_be(encoding: str, sample: bytes) -> bool:
    """Tell whether bytes can be in an encoding."""
    if encoding not in _LATIN:
        return _share_of_errors(sample, encoding) <= _MAX_ERRORS
    if _has_long_runs(sample):
        return False
    best = max(_count_letters(guess, sample) for guess in _GUESSES)
    return _count_letters(encoding, sample) > _MIN_FIT * best


def _has_long_runs(sample: bytes) -> bool:
    """Tell whether letters beyond ASCII stand together, as they do not in Latin script."""
    in_runs = sum(map(len, _LONG_RUN.findall(sample)))
    return 2 * in_runs > sum(byte > 0x7F for byte in sample)


def _looks_like(sample: bytes) -> str | None:
    if not _has_long_runs(sample):
        return max(_GUESSES, key=partial(_count_letters, sample=sample))
    best = from_bytes(sample, cp_isolation=sorted(_OTHER), enable_fallback=False).best()
    return best.encoding if best else None


def _count_letters(encoding: str, sample: bytes) -> int:
    """Return how many of what is not ASCII are letters of one language, and usual marks."""
    text = sample.decode(encoding, errors="replace").lower()
    own = max(sum(map(text.count, letters)) for letters in _LETTERS)
    return own + sum(map(text.count, _PUNCTUATION))

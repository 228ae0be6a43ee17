"""Bytes of a page into text, as a browser would, or better; never an error."""

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

# The encodings of the web (WHATWG Encoding Standard) by Python's names. Python's registry also
# holds codecs that are no encodings of text, or that hide markup: a page may not choose them.
_ALLOWED = frozenset(
    "utf-8 cp866 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10"
    " iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic cp874"
    " cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 gb18030 big5hkscs euc_jp"
    " iso2022_jp cp932 cp949 utf-16-le utf-16-be".split()
)
_SAMPLE = 65_536  # bytes; enough to tell an encoding by
_TOLERATED = 0.001  # of the characters may be undecodable in what is still believed to be UTF-8


def decode(body: bytes, declared: str | None) -> str:
    """Decode a page.

    In this order: a byte order mark; UTF-8, if the bytes are valid UTF-8 beyond ASCII (which
    does not happen by chance); the encoding `declared` by HTTP; the one a meta tag declares;
    UTF-8 with a few bad bytes; what the bytes look like; windows-1252.
    """
    encoding, mark = read_bom(body)
    if encoding and mark:
        return body[len(mark) :].decode(encoding, errors="replace")
    named = _allowed(declared) or _in_markup(body)
    if named and named.startswith("utf-16"):
        return body.decode(named, errors="replace")
    if not (body.isascii() and named):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if named and named != "utf-8":
        return body.decode(named, errors="replace")
    text = body.decode("utf-8", errors="replace")
    if text.count("\ufffd") <= len(text) * _TOLERATED:
        return text
    return body.decode(_looks_like(body) or "cp1252", errors="replace")


def _allowed(label: str | None) -> str | None:
    name = resolve_encoding(label.strip()) if label else None
    if name == "utf-16":  # the standard reads it so; Python would expect a byte order mark
        name = "utf-16-le"
    return name if name in _ALLOWED else None


def _in_markup(body: bytes) -> str | None:
    # A meta tag that could be read as ASCII is not in UTF-16, whatever it says.
    name = _allowed(html_body_declared_encoding(body))
    return "utf-8" if name and name.startswith("utf-16") else name


def _looks_like(body: bytes) -> str | None:
    best = from_bytes(body[:_SAMPLE]).best()
    return _allowed(best.encoding) if best else None

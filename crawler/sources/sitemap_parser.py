"""The entries of a sitemap in any form (XML or text, plain or gzipped), read piece by piece."""

import codecs
import gzip
import html
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from html.entities import html5
from io import BytesIO
from itertools import chain
from typing import Literal

from lxml import etree
from w3lib.encoding import read_bom

from crawler.errors import UnreadableSource
from crawler.extract.encoding import named_encoding
from crawler.sources.base import SourceResponse

Kind = Literal["url", "sitemap", "cut_off"]
"""The kind of an entry; the last is one that the file ends in."""
SitemapEntry = tuple[Kind, dict[str, str]]
"""An entry, and what it states by the names of its elements."""

GZIP = b"\x1f\x8b"
"""The magic number of gzip files (RFC 1952)."""
MAX_SITEMAP_BYTES = 50 * 1024 * 1024
"""The protocol's limit on one uncompressed file."""
PIECE = 1 << 16
"""Bytes that are read at a time."""
MAX_LINE = 20_000
"""Characters of a line that are looked at; an address is shorter, however it is escaped."""
_ROOT = re.compile(
    r"<(?:(?P<prefix>[\w.-]{1,40}):)?(?P<name>urlset|sitemapindex|rss|feed|RDF|url|sitemap)[\s>/]"
)
_ATTRIBUTES = re.compile(r"""(?:\s++[\w:.-]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+\s*+""")
_FEEDS = frozenset({"rss", "feed", "RDF"})
_LISTS = frozenset({"urlset", "sitemapindex"})
# A `<` that begins no tag: no name follows it, or another one before it ends.
_BARE = re.compile(r"<(?![!?])(?:(?![^\W\d]|[:/])|(?=[^<>]*+<))")
_CONTROLS = bytes({*range(32)} - set(b"\t\n\r"))
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});")
_MAX_ESCAPES = 4  # times that a text is escaped
_OWN = frozenset({"loc", "lastmod"})
_NEWS = frozenset({"title", "publication_date", "keywords"})
_ADDRESS = re.compile(r"\s*(?:https?:/|/)/?[^/\s]", re.IGNORECASE)


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("as_latin", _as_latin)


def unpack(response: SourceResponse) -> bytes:
    """Return the whole file, unpacked."""
    return b"".join(_pieces(response))


def count_entries(response: SourceResponse) -> int:
    """Count the entries of a file, near enough, without holding it."""
    return sum(piece.count(b"loc>") for piece in _pieces(response)) // 2


def _pieces(response: SourceResponse) -> Iterator[bytes]:
    return iter(partial(_File(response).read, PIECE), b"")


def is_feed(response: SourceResponse) -> bool:
    """Tell whether it is RSS, RDF or Atom."""
    root = _ROOT.search(next(_texts(_File(response), response.encoding)))
    return bool(root and root["name"] in _FEEDS)


def read_entries(response: SourceResponse) -> Iterator[SitemapEntry]:
    """Yield the entries in document order.

    Raises:
        UnreadableSource: it is not a sitemap, or a damaged gzip file.
    """
    file = _File(response)
    texts = _texts(file, response.encoding)
    head = next(texts)
    if root := _ROOT.search(head):
        entries = _in_xml(root, texts)
    elif head.lstrip()[:1] in ("<", "{"):
        entries = iter(())
    else:
        entries = _in_lines(chain([head], texts), file)
    is_list = bool(root and root["name"] in _LISTS)
    is_sitemap = is_list and "loc>" not in head.lower()  # else it is not empty
    for kind, stated in entries:
        is_sitemap = is_sitemap or is_list or "loc" in stated
        yield kind, stated
    if not is_sitemap:
        reason, what = ("bad_gzip", "whole") if file.is_cut else ("not_a_sitemap", "a sitemap")
        raise UnreadableSource(reason, f"{response.url} is not {what}.")


# -- Text, one address a line


def _in_lines(texts: Iterable[str], file: "_File") -> Iterator[SitemapEntry]:
    rest = ""
    for text in texts:
        *lines, rest = re.split(r"[\r\n]", rest + text)
        rest = rest[:MAX_LINE]
        yield from map(_line, filter(str.strip, lines))
    if rest.strip():
        kind, stated = _line(rest)
        yield ("cut_off" if file.is_cut else kind), stated


def _line(line: str) -> SitemapEntry:
    text = line.strip()
    return "url", {"loc": text} if re.match("https?://", text, re.IGNORECASE) else {}


# -- XML


def _in_xml(root: re.Match[str], texts: Iterable[str]) -> Iterator[SitemapEntry]:
    """Read entries from the root on; elements are freed as soon as they were read."""
    prefix = f"{root['prefix']}:" if root["prefix"] else "{*}"
    parser = etree.XMLPullParser(
        events=("end",),
        # Where a prefix was not declared, it belongs to the name.
        tag=[f"{p}{name}" for p in ("{*}", prefix) for name in ("url", "sitemap", "loc")],
        recover=True,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    tag, mark, rest = root.string[root.start() :].partition(">")
    if root["name"] not in _LISTS:
        tag = f"<urlset>{tag}"
    elif not _ATTRIBUTES.fullmatch(tag, len(root[0]) - 1):
        tag = root[0][:-1]  # libxml2 would read nothing, and names are read undeclared, too
    texts = chain([tag + mark + rest], texts)
    with suppress(etree.XMLSyntaxError):
        for markup in _repaired(texts):
            parser.feed(markup)
            for element, parent in _ended(parser):
                is_url = root["name"] != "sitemapindex" and _split(element.tag)[1] != "sitemap"
                yield "url" if is_url else "sitemap", _stated(element)
                _free(element, parent)
        parser.close()
    for element, _ in _ended(parser):
        yield "cut_off", _stated(element)


def _repaired(texts: Iterable[str]) -> Iterator[bytes]:
    """Yield the markup up to the end of a tag at a time, with all that is no markup escaped.

    `_unescaped` takes back one escape of each ``&``, which may not be one of XML.
    """
    rest = ""
    for text in texts:
        markup = rest + text
        end = markup.rfind(">") + 1 or len(markup)
        markup, rest = markup[:end], markup[end:]
        if markup.count("<") != markup.count(">"):
            markup = _BARE.sub("&lt;", markup)
        escaped = markup.replace("&", "&amp;").encode(errors="replace")
        yield escaped.translate(None, _CONTROLS)
    yield rest.encode(errors="replace")


def _ended(parser: etree.XMLPullParser) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Yield entries that have ended, with their parents; what else has their names is none."""
    for _, element in parser.read_events():
        assert isinstance(element, etree._Element)
        parent = element.getparent()
        if parent is not None and (_is_list(parent) or _is_misplaced(element)):
            yield element, parent


def _is_list(element: etree._Element) -> bool:
    return _split(element.tag)[1] in _LISTS or element.getparent() is None


def _is_misplaced(element: etree._Element) -> bool:
    """Tell whether it is an entry in another one, where an end tag before it is missing."""
    space, name = _split(element.tag)
    has_loc = name != "loc" and any(_split(part.tag) == (space, "loc") for part in element)
    return has_loc and _split(element.getroottree().getroot().tag)[0] == space


def _stated(entry: etree._Element) -> dict[str, str]:
    """Return what an entry states by elements of its own, and by those of the news extension."""
    own = _split(entry.tag)[0]
    stated: dict[str, str] = {}
    for node in entry:
        space, name = _split(node.tag)
        if name == "news":
            for part in node:
                part_space, part_name = _split(part.tag)
                if part_name in _NEWS and part_space in (space, own, ""):
                    _state(stated, part_name, part)
        elif name in _OWN:
            if space in (own, "") or "schemas/sitemap/" in space:
                _state(stated, name, node)
        elif name in _NEWS and (node.prefix == "news" or space == "news" or "-news/" in space):
            _state(stated, name, node)
    loc = stated.get("loc") or _address_elsewhere(entry, own)
    if loc:
        stated["loc"] = "".join(map(str.strip, loc.splitlines())) if "\n" in loc else loc
    return stated


def _state(stated: dict[str, str], name: str, node: etree._Element) -> None:
    text = "".join(map(str, node.itertext())) if len(node) else node.text or ""
    text = _unescaped(text) if "&" in text else text.strip()
    if text:
        stated.setdefault(name, text)


def _address_elsewhere(entry: etree._Element, own: str) -> str:
    """Return the first address among an entry's attributes, its text, and its own elements'."""
    for node in (entry, *(node for node in entry if _split(node.tag)[0] == own)):
        attributes = [str(value) for name, value in node.attrib.items() if name[0] != "{"]
        for text in (*attributes, node.text or "", (node is not entry and node.tail) or ""):
            if _ADDRESS.match(text):
                return _unescaped(text)
    return ""


def _unescaped(text: str) -> str:
    """Return a text without its escapes, which may have been escaped themselves."""
    for _ in range(_MAX_ESCAPES):
        text = _ENTITY.sub(_character, text)
    return text.strip()


def _character(entity: re.Match[str]) -> str:
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if known else entity[0]


@lru_cache(maxsize=256)
def _split(tag: str) -> tuple[str, str]:
    """Return namespace and local name; `etree.QName` takes ten times as long.

    A prefix that was not declared is its own namespace.
    """
    space, _, name = tag.rpartition("}" if tag[0] == "{" else ":")
    return space, name


def _free(element: etree._Element, parent: etree._Element) -> None:
    """Free an element that was read, and all before it in a list: even empty ones add up."""
    element.clear()
    while _is_list(parent) and parent[0] is not element:
        del parent[0]


# -- Bytes


def _texts(file: "_File", declared: str | None) -> Iterator[str]:
    """Decode a file piece by piece."""
    piece = file.read(PIECE)
    decoder = _decoder(piece, declared)
    while piece:
        yield decoder.decode(piece).removeprefix("\ufeff")
        piece = file.read(PIECE)
    yield decoder.decode(b"", final=True)


def _decoder(head: bytes, declared: str | None) -> codecs.IncrementalDecoder:
    """Return the decoder for a file that begins so; bytes that are not UTF-8 are taken singly."""
    encoding, _ = read_bom(head)
    if b"\0" in head[:2]:
        encoding = "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    elif encoding is None and not head.isascii():
        try:
            codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError:
            encoding = named_encoding(head, declared)
    if encoding in (None, "utf-8", "cp1252"):
        return codecs.getincrementaldecoder("utf-8")("as_latin")
    return codecs.getincrementaldecoder(encoding or "")("replace")


class _File:
    """A file, unpacked piece by piece as it is read if it is gzipped."""

    def __init__(self, response: SourceResponse) -> None:
        self._url = response.url
        packed = BytesIO(response.body)
        self._file = gzip.GzipFile(fileobj=packed) if response.body[:2] == GZIP else packed
        self.is_cut = False
        """Whether it ends too early, as far as that can be seen."""

    def read(self, size: int) -> bytes:
        """Return the next bytes.

        Raises:
            UnreadableSource: the file is damaged, or too large.
        """
        try:
            piece = self._file.read1(size)
        except EOFError:
            self.is_cut = True
            return b""
        except (OSError, zlib.error):
            raise UnreadableSource("bad_gzip", f"{self._url} is a damaged gzip file.") from None
        if self._file.tell() > MAX_SITEMAP_BYTES:
            raise UnreadableSource("too_large", f"{self._url} unpacks to more than 50 MiB.")
        return piece

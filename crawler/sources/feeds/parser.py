"""feedparser, driven by text that is decoded already, and kept from guessing at authors and ids."""

import re
import xml.sax
from io import BytesIO
from typing import Any
from xml.sax.handler import feature_external_ges, feature_namespaces

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.sanitizer import replace_doctype
from feedparser.util import FeedParserDict

_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*>")
_REFERENCE = re.compile("&#(?:([0-9]++)|[xX]([0-9a-fA-F]++));")
# An ampersand of no reference, outside of CDATA: `?id=7&section=2` holds no `&sect;`.
_BARE = re.compile(r"(<!\[CDATA\[(?:[^]]|](?!]>))*+)|&(?!#?\w{1,31};)")
_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROOT = re.compile(r"<(/?)(?:\w{1,40}:)?(rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_END_OF_ENTRY = re.compile(r"</(?:\w{1,40}:)?(?:item|entry)\s*>", re.IGNORECASE)
_LONGEST_CODE = 7  # digits


class _AsPrinted:
    """Overrides of feedparser's handlers; entries hold what the feed prints."""

    # Only titles are used as HTML. Ids are no addresses unless they are absolute ones.
    can_contain_dangerous_markup = frozenset({"title"})
    can_be_relative_uri = StrictFeedParser.can_be_relative_uri - {"id"}
    resolve_relative_uris = False
    sanitize_html = True

    def _sync_author_detail(self, key: str = "author") -> None:
        """Leave names and addresses of authors together: `names_in` tells them apart."""

    def _end_author(self: Any) -> None:
        text = self.pop("author")
        self.inauthor = 0
        authors = self._get_context().get("authors")
        if authors and text:
            authors[-1].setdefault("name", text)

    # Who edits or hosts a feed has not written its stories.
    _start_managingeditor = StrictFeedParser._start_webmaster
    _end_managingeditor = StrictFeedParser._end_webmaster

    def _start_link(self: Any, attributes: dict[str, str]) -> None:
        """Take an empty address for none; it would be that of the feed."""
        stated = {name: text for name, text in attributes.items() if name != "href" or text.strip()}
        super()._start_link(stated)  # type: ignore[misc]

    _start_atom_link = _start_link  # where the prefix is not declared
    _end_atom_link = StrictFeedParser._end_link

    def _start_guid(self: Any, attributes: dict[str, str]) -> None:
        super()._start_guid(attributes)  # type: ignore[misc]
        if attributes.get("ispermalink", "").lower() == "true":
            self._get_context()["permalink_base"] = self.baseuri

    def _pass(self, _attributes: object = None) -> None:
        """Pass over the tag of an element that stands in a text."""

    _start_a = _start_b = _start_em = _start_i = _start_span = _start_strong = _pass
    _end_a = _end_b = _end_em = _end_i = _end_span = _end_strong = _pass


class _Strict(_AsPrinted, StrictFeedParser):  # type: ignore[misc]
    pass


class _Loose(_AsPrinted, LooseFeedParser):  # type: ignore[misc]
    pass


def parse(text: str, base: str) -> Any:
    """Return feedparser's parser after it has read a feed: `version`, `feeddata`, `entries`.

    A character that XML does not allow costs itself; only markup that is wrong makes the loose
    parser take over.
    """
    if declaration := _DECLARATION.match(text):
        text = text[declaration.end() :]
    if "&#" in text:
        text = _REFERENCE.sub(_legal_reference, text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _BARE.sub(lambda bare: bare[1] or "&amp;", _ILLEGAL.sub("", text))
    version, data, entities = replace_doctype(text.encode())
    strict = _Strict(base, None, "utf-8")
    reader = xml.sax.make_parser()  # noqa: S317 - entities are removed with the document type
    reader.setFeature(feature_namespaces, True)
    reader.setFeature(feature_external_ges, False)
    reader.setContentHandler(strict)
    reader.setErrorHandler(strict)
    try:
        reader.parse(BytesIO(data))
        parser = strict
    except xml.sax.SAXException:
        parser = _Loose(base, None, "utf-8", entities)
        parser.feed(data.decode())
    parser.version = version or parser.version
    return parser


def trim_cut_entry(parser: Any, text: str) -> str | None:
    """Leave of an entry in the middle of which a feed ends only its address, if that is whole.

    Returns:
        What the entry says of its address; None where the feed is whole.
    """
    tags = [(tag[1], tag[2].lower()) for tag in _ROOT.finditer(text)]
    ends = {name for slash, name in tags if slash}
    root = next((name for slash, name in tags if not slash), "")
    if not root or root in ends or (root == "rss" and "channel" in ends):
        return None
    ended = sum(1 for _ in _END_OF_ENTRY.finditer(text))
    entry: Any = next(iter(parser.entries[ended:]), {})
    stated = [link.get("href", "") for link in entry.get("links", [])]
    whole = [FeedParserDict(href=url) for url in stated if url and not text.endswith(url)]
    parser.entries[ended:] = [FeedParserDict(links=whole)] if whole else []
    return next(iter(stated), "")


def _legal_reference(reference: re.Match[str]) -> str:
    """Return a reference to a character, or half of a pair itself, or nothing for none."""
    digits, base = (reference[1], 10) if reference[1] else (reference[2], 16)
    code = int(digits, base) if len(digits.lstrip("0")) <= _LONGEST_CODE else -1
    if not 0 < code < 0x110000:
        return ""
    return chr(code) if _ILLEGAL.match(chr(code)) else reference[0]

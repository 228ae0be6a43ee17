"""`Feed`: RSS, RDF, Atom and JSON Feed."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from crawler.errors import UnreadableSource
from crawler.lead import Lead, LeadOrigin
from crawler.sources.base import PassedOver, Source, SourceListing, SourceResponse
from crawler.sources.feeds.authors import names_in
from crawler.sources.feeds.links import story_link
from crawler.sources.loose_json import items_of, objects_in, parse_json_as_far, text_or_none

_INLINE = re.compile(
    r"</?(?:a|b|br|div|em|font|i|img|mark|p|s|small|span|strong|su[bp]|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Feed(Source):
    """RSS 0.9 to 2.0, RDF, Atom or JSON Feed."""

    path: str = "/feed"
    kind: ClassVar[str] = "feed"
    origin: ClassVar[LeadOrigin] = "feed"
    entries_a_part: ClassVar[int] = 2_000

    def read(self, response: SourceResponse, since: datetime | None = None) -> SourceListing:
        """Read a feed in any of the formats, a malformed one as far as entries are found."""
        # Imported late: only workers read.
        from crawler.extract.encoding import decode  # noqa: PLC0415
        from crawler.sources.feeds.parser import parse, trim_cut_entry  # noqa: PLC0415

        text = decode(response.body, response.encoding)
        passed_over = PassedOver()
        if text.lstrip()[:1] == "{":
            leads = list(self._json_leads(response, passed_over))
        else:
            parsed = parse(text, response.url)
            if not parsed.version and not parsed.entries:
                raise UnreadableSource("not_a_feed", f"{response.url} is not a feed.")
            if (cut_off := trim_cut_entry(parsed, text)) is not None:
                passed_over.add("cut_off", cut_off)
            leads = list(self._leads(parsed, response, passed_over))
        return SourceListing(leads=tuple(_without_shared_guids(leads)), passed_over=passed_over)

    def _leads(
        self, parsed: Any, response: SourceResponse, passed_over: PassedOver
    ) -> Iterator[Lead]:
        feed = parsed.feeddata
        language = feed.get("language") or response.headers.get("content-language", "")
        others = names_in(_stated(feed)) if parsed.version.startswith("atom") else ()
        for entry in parsed.entries:
            authors = names_in(_stated(entry)) or names_in(_stated(entry.get("source"))) or others
            terms = tuple(tag["term"] for tag in entry.get("tags", []) if tag.get("term"))
            # `get` would give the date of publication where there is none of change.
            updated = entry["updated"] if "updated" in entry else None  # noqa: SIM401
            guid = entry.get("id") or None
            yield from self.lead(
                story_link(entry, language.partition(",")[0], response),
                response.url,
                passed_over,
                aliases=(guid or "",),
                guid=guid,
                title=_plain(entry.get("title", "")) or None,
                published=entry.get("published") or updated,
                modified=updated,
                authors=authors,
                section=terms[0] if terms else None,
                tags=terms,
            )

    def _json_leads(self, response: SourceResponse, passed_over: PassedOver) -> Iterator[Lead]:
        """Read JSON Feed 1.1 (jsonfeed.org/version/1.1)."""
        feed, is_cut = parse_json_as_far(response)
        if is_cut:
            passed_over.add("cut_off")
        items = feed.get("items")
        if not isinstance(items, list):
            raise UnreadableSource("not_a_feed", f"{response.url} is JSON, but not a JSON Feed.")
        others = names_in(_stated(feed))
        for item in objects_in(items):
            guid = item.get("id")
            guid = str(guid) if isinstance(guid, int) else text_or_none(guid)
            yield from self.lead(
                item.get("url") or (guid if guid and "://" in guid else None),
                response.url,
                passed_over,
                aliases=(guid or "",),
                guid=guid,
                title=text_or_none(item.get("title")),
                published=text_or_none(item.get("date_published")),
                modified=text_or_none(item.get("date_modified")),
                authors=names_in(_stated(item)) or others,
                tags=tuple(filter(None, map(text_or_none, items_of(item.get("tags"))))),
            )
        if junk := len(items) - len(objects_in(items)):
            passed_over.add("no_address", count=junk)


def _stated(of: object) -> Iterator[str]:
    """Yield the names of authors that a feed or an entry states, in XML or in JSON."""
    for part in objects_in([of]):
        authors = part.get("authors")
        for author in [*items_of(authors), authors, part.get("author")]:
            name = author.get("name") if isinstance(author, dict) else author
            if text := text_or_none(name):
                yield text


def _without_shared_guids(leads: list[Lead]) -> Iterator[Lead]:
    """Yield leads without the guids that tell nothing: of several stories, or their address."""
    stories = Counter(guid for guid, _ in {(lead.guid, lead.url) for lead in leads})
    for lead in leads:
        tells = stories[lead.guid] == 1 and lead.guid != lead.url
        yield lead if tells or not lead.guid else replace(lead, guid=None)


def _plain(title: str) -> str:
    """Return a title without its HTML, and without markup that was escaped twice."""
    return _INLINE.sub("", html.unescape(title)).strip()

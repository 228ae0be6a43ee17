"""`Article`, the one item of this project, and the small values it is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from crawler.text.dates.timestamp import Timestamp
from crawler.text.paragraphs import Paragraph, join_body, split_body

PAGE_ORIGINS = frozenset({"selector", "jsonld", "meta", "microdata", "state", "generic"})
"""Origins of values that a page states itself."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that belongs to the story."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A block of the outlet's boilerplate that was left out of the body."""

    block: str
    """Its key in the outlet's blocks (`dateline boilerplate`)."""
    index: int
    """Its position among the paragraphs, with all that were left out among them; the first is 0."""
    kind: str = "p"
    """Its kind, as in `Article.structure`."""


@dataclass(slots=True, kw_only=True)
class Article:
    """One news story, as read from one page of one outlet."""

    outlet: str
    """The spider's name."""
    url: str
    """The story's identity: its canonical address, or else the address it was read from."""
    aliases: list[str] = field(default_factory=list)
    """Other addresses under which the same page was met: short link, feed guid, redirects."""
    title: str = ""
    standfirst: str | None = None
    """The summary an outlet sets apart from the body."""
    authors: list[str] = field(default_factory=list)
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    language: str | None = None
    """Language tag (BCP 47) of the page, else of the outlet. Of several, the one of the text."""
    published: Timestamp | None = None
    modified: Timestamp | None = None
    body: str = ""
    """Paragraphs separated by one blank line."""
    left_out: list[LeftOut] = field(default_factory=list)
    """Blocks that recur across the outlet's stories, and were left out of this one."""
    structure: list[str] = field(default_factory=list)
    """What each paragraph of the body is, as an XPath within the story: ``p``, ``h2``, ``pre``,
    ``blockquote[1]/p``, ``ul[1]/li[2]``, ``table[1]/tr[1]/td[3]``. Equal numbers, equal element."""
    credit: str | None = None
    """The agency or desk named as the source, as printed."""
    dateline: str | None = None
    """The place from which a wire story is filed, e.g. ``SEOUL``."""
    correction: str | None = None
    """The note of a correction in the story; it stays in the body, too."""
    images: list[Image] = field(default_factory=list)
    word_count: int = 0
    fingerprint: str = ""
    """Hex digest of the title and body with case, spacing and punctuation folded."""
    fetched: datetime
    """When the page was fetched: aware, in UTC."""
    first_seen: datetime
    """When a source first showed the address: aware, in UTC."""
    lead: str = ""
    """The address in the ledger for which the page was read."""
    sighted_by: list[str] = field(default_factory=list)
    """Keys of the outlet's sources that showed it, e.g. ``feed:/feed``."""
    origins: dict[str, str] = field(default_factory=dict)
    """For each field, where its value came from: ``selector``, ``jsonld``, ``meta``,
    ``microdata`` (or RDFa), ``state`` (of its scripts), ``feed``, ``rest``, ``sitemap``,
    ``listing``, ``generic``, ``text`` (its language) or ``outlet`` (its declaration)."""
    confidence: dict[str, float] = field(default_factory=dict)
    """For each field of `origins`, how likely it is right, 0 to 1: the share of right values of
    that origin on real pages, counted separately where another part of the page confirms them."""
    flags: list[str] = field(default_factory=list)
    """Doubts about the whole article, in snake_case, e.g. ``no_date``, or ``update_shown``: the
    page presents the day of its last change as its date."""
    page: str | None = None
    """SHA-256 of the page as fetched, or as put together from what its source delivered: the
    ``_id`` in the ``pages`` collection."""
    charset: str | None = None
    """The character encoding HTTP declared for the page, if any."""
    markup: bytes = b""
    """The page as fetched; kept in ``pages``, not in the stored article."""

    @property
    def paragraphs(self) -> list[Paragraph]:
        """`body` and `structure` as one. Setting it tidies the texts and leaves out empty ones."""
        return split_body(self.body, self.structure)

    @paragraphs.setter
    def paragraphs(self, paragraphs: Iterable[Paragraph]) -> None:
        self.body, self.structure = join_body(paragraphs)


def is_from_source_content(origins: Mapping[str, str]) -> bool:
    """Tell by its origins whether a page was put together from what its source delivered."""
    return origins.get("body", "generic") not in PAGE_ORIGINS


CANONICAL_DOUBTED = "canonical_doubted"
"""The flag of a story whose canonical address is another story's, and not believed."""
DATE_CONFLICT = "date_conflict"
"""The flag of a story whose page, source and address state days of publication far apart."""
NOT_STORED = frozenset({"markup"})
"""Fields that are kept elsewhere than in the stored article."""


def stored_fields(article: Article) -> dict[str, Any]:
    """Return the article as it is stored and exported: plain values under its fields' names."""
    return {name: value for name, value in asdict(article).items() if name not in NOT_STORED}


def with_iso_dates(value: Any) -> Any:
    """Return a plain value with every date in it as text in ISO 8601."""
    if isinstance(value, dict):
        return {name: with_iso_dates(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_iso_dates(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value

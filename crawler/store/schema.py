"""The schema of the database: documents as types, validators, indexes, and its version.

A naive date cannot get past it: what Python holds as a naive ``datetime`` is refused before that
(`document`), and a date in any other form is no BSON date.
"""

import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, NotRequired, TypedDict

from pymongo import ASCENDING, DESCENDING, IndexModel

from crawler.article import CANONICAL_DOUBTED, NOT_STORED, Article, stored_fields
from crawler.lead import LeadState
from crawler.text.revision import RevisionLabel
from crawler.text.same_story import DoubtfulReading, is_another_story, is_shown, page_key
from crawler.text.urls import identity

VERSION = 5
"""Of the database's schema: how many of `crawler.admin.migrations` made it."""

_BSON = {
    str: "string",
    int: "int",
    float: "double",
    datetime: "date",
    bool: "bool",
    bytes: "binData",
}


class SeenFields(TypedDict):
    """Fields that a stored article has beside those of `Article`."""

    seen_first: datetime
    """Since when it has been seen as it is."""
    seen_last: datetime
    """When it was last seen so."""
    stored: NotRequired[datetime]
    """When it was first brought to MongoDB."""
    delay: NotRequired[float | None]
    """Seconds from its publication until then (`crawler.monitor.freshness`)."""
    withdrawn: NotRequired[datetime]
    """Since when its page has not been there."""
    doubtful: NotRequired[DoubtfulReading]
    """The last readings, if they say less than the article and are not believed."""


class RevisionFields(SeenFields):
    """Fields that an earlier version of a story has beside these."""

    article: str
    replaced: datetime
    label: RevisionLabel
    changed: list[str]


class StoredPage(TypedDict):
    """A page as it was fetched."""

    outlet: str
    url: str
    fetched: datetime
    charset: str | None
    size: int
    packed: int
    zstd: bytes
    posted: NotRequired[bool]
    """It was put together from what its source delivered; absent: as its article was."""


class Sighting(TypedDict):
    """The first time that a source showed a lead."""

    source: str
    at: datetime


class Decision(TypedDict):
    """A decision about a lead, by a run or by a person."""

    at: datetime
    state: LeadState
    reason: str | None
    attempts: int


class StoredLead(TypedDict):
    """An address of the ledger."""

    outlet: str
    aliases: list[str]
    identities: list[str]
    stated: dict[str, Any]
    first_seen: datetime
    sightings: list[Sighting]
    state: LeadState
    reason: str | None
    attempts: int
    due: datetime | None
    published: datetime | None
    settled: NotRequired[datetime]
    article: NotRequired[str | None]
    validators: NotRequired[dict[str, Any] | None]
    history: NotRequired[list[Decision]]


class StoredRun(TypedDict):
    """The fields of a run document that are validated."""

    outlet: str
    started: datetime
    outcome: str


def _schema(hint: Any) -> dict[str, Any]:
    """Return the ``$jsonSchema`` of a type (MongoDB manual, "Specify JSON Schema Validation")."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _BSON:
        return {"bsonType": _BSON[hint]}
    if hint is Any:
        return {}
    if origin is NotRequired:
        return _schema(arguments[0])
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in (list, tuple):
        return {"bsonType": "array", "items": _schema(arguments[0])}
    if origin is dict:
        return {"bsonType": "object", "additionalProperties": _schema(arguments[1])}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_schema(argument) for argument in arguments]}
    if hint is type(None):
        return {"bsonType": "null"}
    hints = typing.get_type_hints(hint)
    if is_dataclass(hint):
        names = [field.name for field in fields(hint) if field.name not in NOT_STORED]
        required = names
    else:
        assert typing.is_typeddict(hint), hint
        names = list(hints)
        required = [name for name in names if name in hint.__required_keys__]
    return {
        "bsonType": "object",
        "required": required,
        "properties": {name: _schema(hints[name]) for name in names},
    }


_ADDRESS = {"bsonType": ["string", "null"]}
LINKS: dict[str, Any] = {
    "same_as": _ADDRESS,
    "wire": {
        "bsonType": ["object", "null"],
        "required": ["cluster", "origin", "agency"],
        "properties": {
            "cluster": {"bsonType": "string"},
            "origin": {"bsonType": "string"},
            "agency": _ADDRESS,
        },
    },
    "story": {"bsonType": "string"},
    "unplaced": {"bsonType": "bool"},
}
"""Fields that no page states: which other articles are the same again
(`crawler.duplicates.near_duplicates`)."""

NEEDS_CLUSTERING = {"unplaced": True}
"""What marks an article until it has been compared, as it is, with the others."""
SHOWN = {"unplaced": False}
"""Projection of all that is shown of an article."""


def _article(more: Any) -> dict[str, Any]:
    """Return the schema of an article with what the store adds."""
    own, added = _schema(Article), _schema(more)
    return own | {
        "required": [*own["required"], *added["required"]],
        "properties": own["properties"] | LINKS | added["properties"],
    }


VALIDATORS: dict[str, dict[str, Any]] = {
    name: {"$jsonSchema": schema}
    for name, schema in {
        "articles": _article(SeenFields),
        "revisions": _article(RevisionFields),
        "pages": _schema(StoredPage),
        "leads": _schema(StoredLead),
        "runs": _schema(StoredRun),
    }.items()
}
"""What the documents of each collection that outlives runs have to be."""


def document(article: Article) -> dict[str, Any]:
    """Return the article as it is stored: its fields, and its address as ``_id``.

    Raises:
        ValueError: a date in it is naive.
    """
    stored = stored_fields(article)
    _refuse_naive(stored)
    return {"_id": article.url, **stored}


@dataclass(slots=True, eq=False)
class ArticleVersion:
    """A story as it was read once: its fields as they are stored, and its page."""

    fields: dict[str, Any]
    """As `document` makes them; dates are aware."""
    markup: bytes
    stated: str = ""
    """The headline by which its source shows it."""

    @classmethod
    def of(cls, article: Article) -> "ArticleVersion":
        """Make one of an article."""
        return cls(document(article), article.markup)

    @property
    def url(self) -> str:
        """The article's address, which is its ``_id``."""
        return str(self.fields["url"])

    @property
    def lead(self) -> str:
        """The address of its lead."""
        return str(self.fields["lead"])

    @property
    def addresses(self) -> set[str]:
        """All addresses of the story's page."""
        return {self.url, *self.fields["aliases"]}

    @property
    def page_key(self) -> tuple[str, str]:
        """What is the same of the outlet's page at other hosts, and with other queries."""
        return self.fields["outlet"], page_key(self.url, self.fields["body"])

    def is_another(self, old: dict[str, Any]) -> bool:
        """Tell whether a stored article is another story, read for another lead.

        The lead may have ended in that article before: its address is one of the article's then.
        It has its own story as soon as its page and its source both say so.
        """
        url, lead = identity(self.url), identity(self.lead)
        own = map(identity, (old["_id"], old["lead"]))
        is_alias = lead in map(identity, old["aliases"])
        has_own = url == lead and is_shown(self.fields, old, self.stated)
        if lead in own or (is_alias and not has_own):
            return False
        return is_another_story(old, self.fields)

    def take_address(self, address: str) -> None:
        """Let the story have the address under which it is stored."""
        others = dict.fromkeys([*self.fields["aliases"], self.url])
        aliases = [url for url in others if url != address]
        self.fields |= {"_id": address, "url": address, "aliases": aliases}

    def keep_apart(self, others: set[str]) -> None:
        """Let the story have the address of its lead, and none of another story's (`others`)."""
        aliases = [url for url in self.fields["aliases"] if url not in {*others, self.lead}]
        flags = [*self.fields["flags"], CANONICAL_DOUBTED]
        self.fields |= {"_id": self.lead, "url": self.lead, "aliases": aliases, "flags": flags}


def distinct(
    versions: Sequence[ArticleVersion],
) -> tuple[list[ArticleVersion], list[ArticleVersion]]:
    """Split off what may be the same story as one before it: it has to wait its turn."""
    met: set[object] = set()
    first: list[ArticleVersion] = []
    again: list[ArticleVersion] = []
    for one in versions:
        forms = {one.page_key, *map(identity, one.addresses)}
        (first if met.isdisjoint(forms) else again).append(one)
        met |= forms
    return first, again


def _refuse_naive(value: Any, path: str = "article") -> None:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{path} is a date without a time zone: {value}")
    if isinstance(value, dict):
        for name, item in value.items():
            _refuse_naive(item, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_naive(item, path)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Before any date of ours: what is later than this has one."""

INDEXES: dict[str, list[IndexModel]] = {
    "articles": [
        IndexModel([("aliases", ASCENDING)]),
        IndexModel([("published.at", DESCENDING)]),
        IndexModel([("outlet", ASCENDING), ("published.at", DESCENDING)]),
        IndexModel([("outlet", ASCENDING), ("first_seen", DESCENDING)]),
        IndexModel(
            [("outlet", ASCENDING), ("published.at", ASCENDING)],
            name="unplaced",
            partialFilterExpression=NEEDS_CLUSTERING,
        ),
        # Of those from which boilerplate was left out: few.
        IndexModel(
            [("outlet", ASCENDING), ("left_out.block", ASCENDING)],
            partialFilterExpression={"left_out.0": {"$exists": True}},
        ),
        # With the delays, which `dateline status` ranks without a look at the articles.
        IndexModel([(name, ASCENDING) for name in ("outlet", "stored", "delay")]),
    ],
    "revisions": [IndexModel([("article", ASCENDING), ("seen_first", ASCENDING)])],
    "leads": [
        IndexModel([("identities", ASCENDING)]),
        IndexModel([("outlet", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("outlet", ASCENDING), ("first_seen", ASCENDING)]),
        # Of stored stories those alone that are looked at again: soon they are a small part of all.
        IndexModel(
            [("outlet", ASCENDING), ("due", ASCENDING)],
            partialFilterExpression={"state": "stored", "due": {"$gt": EPOCH}},
        ),
    ],
    "runs": [
        IndexModel([("outlet", ASCENDING), ("started", DESCENDING)]),
        IndexModel([("started", DESCENDING)]),
        IndexModel([("outcome", ASCENDING)], partialFilterExpression={"outcome": "running"}),
    ],
    "leases": [],
    "alerts": [],
    "pages": [
        # With the sizes, which `dateline status` adds up without a look at the pages.
        IndexModel([(name, ASCENDING) for name in ("outlet", "fetched", "size", "packed")])
    ],
    "dictionaries": [IndexModel([("outlet", ASCENDING), ("made", DESCENDING)])],
    "outlets": [],
    "meta": [],
    "blocks": [IndexModel([("outlet", ASCENDING), ("learnt", ASCENDING)])],
    "windows": [],
    "quarantine": [
        IndexModel([("lead", ASCENDING)]),
        IndexModel([("at", DESCENDING)]),
        IndexModel([("outlet", ASCENDING), ("at", DESCENDING)]),
    ],
    "profiles": [],
    "hosts": [],
    "schedules": [],
    "schedulers": [],
    "sketches": [
        IndexModel([("keys", ASCENDING)]),
        IndexModel([("language", ASCENDING), ("seen", DESCENDING)]),
        IndexModel([("copy", ASCENDING)]),
        IndexModel([("story", ASCENDING)]),
    ],
}
AGES = {"pages": "fetched", "runs": "started", "dictionaries": "made"}
"""Collections whose documents need not be kept for ever, and what tells their age."""
EXPIRY = "expiry"
"""The index by whose means the server deletes what is too old."""
RETIRED = {"leads": ("aliases_1", "outlet_1_state_1_due_1")}
"""Indexes of earlier versions, by name."""

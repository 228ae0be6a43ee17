"""The writes of runs, as dataclasses, and their form on disk (BSON)."""

from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, ClassVar

from bson import decode, encode
from bson.codec_options import CodecOptions, DatetimeConversion

from crawler.article import Article
from crawler.store.collection import Document
from crawler.store.ledger import LeadOutcome
from crawler.store.schema import document

_OPTIONS: CodecOptions[Any] = CodecOptions(
    tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_CLAMP
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleWrite:
    """An article to store, which settles its lead."""

    kind: ClassVar[str] = "article"
    article: Document
    """As `crawler.store.schema.document` makes it."""
    markup: bytes
    """Its page."""
    attempts: int
    """How often its page had been asked for before."""
    due: datetime | None = None
    """When the story is to be visited again."""
    validators: Document | None = None
    """What its server said of the page, for conditional requests."""
    stated: str = ""
    """The headline by which its source shows the story."""
    before: str | None = None
    """``_id`` of the article that its lead has already."""
    sought: bool = False
    """A run with bounds took it up: how late it comes tells nothing."""
    fence: int = 0
    """The token of the run's lease."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, article: Article, attempts: int = 0, **more: Any) -> "ArticleWrite":
        """Make one of an article.

        Raises:
            ValueError: a date in it has no time zone.
        """
        fields = document(article)
        return cls(article=fields, markup=article.markup, attempts=attempts, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeWrite:
    """The outcome of a lead that became no article."""

    kind: ClassVar[str] = "fate"
    outcome: LeadOutcome
    kept: Document | None = None
    """Its document in quarantine, where its page was read."""
    markup: bytes = b""
    """That page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWrite:
    """What is remembered of a source for the next run."""

    kind: ClassVar[str] = "source"
    outlet: str
    state: Document
    fence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWrite:
    """The document of a run, as it is now."""

    kind: ClassVar[str] = "run"
    run: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class BoilerplateWrite:
    """What a run has learnt of an outlet's boilerplate since it last said so."""

    kind: ClassVar[str] = "boilerplate"
    outlet: str
    stories: list[Document]
    """Traits of its newest stories, as `crawler.store.boilerplate_blocks` keeps them."""
    blocks: list[Document]
    """Blocks that are not part of its stories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileWrite:
    """What is usual for an outlet, as `crawler.monitor.drift` has learnt it."""

    kind: ClassVar[str] = "profile"
    outlet: str
    profile: Document


Write = ArticleWrite | OutcomeWrite | SourceWrite | RunWrite | BoilerplateWrite | ProfileWrite
_KINDS: dict[str, Any] = {cls.kind: cls for cls in Write.__args__}


def encode_write(write: Write) -> bytes:
    """Return a write in BSON.

    Raises:
        BSONError, ValueError, OverflowError: MongoDB has no form for what is in it.
    """
    if isinstance(write, OutcomeWrite):
        plain = asdict(write.outcome)
        if write.kept:
            plain |= {"kept": write.kept, "markup": write.markup}
    else:
        plain = {one.name: getattr(write, one.name) for one in fields(write)}
    return encode({"kind": write.kind, **plain})


def decode_write(body: bytes) -> Write:
    """Return the write that was encoded, by this version of Dateline or by an earlier one."""
    plain = decode(body, _OPTIONS)
    cls = _KINDS[plain.pop("kind")]
    if cls is OutcomeWrite:
        own = _known(LeadOutcome, plain)
        outcome = LeadOutcome(**{**own, "aliases": tuple(own["aliases"])})
        return OutcomeWrite(outcome=outcome, **_known(OutcomeWrite, plain))
    write: Write = cls(**_known(cls, plain))
    return write


def _known(cls: Any, plain: Document) -> Document:
    names = {one.name for one in fields(cls)}
    return {name: value for name, value in plain.items() if name in names}

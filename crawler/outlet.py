"""The parts of an outlet's declaration that extraction uses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """An outlet's CSS selectors and patterns for its pages, where general rules do not suffice.

    Every field but `drop`, `drop_text`, `cut` and `credit` is CSS as Scrapy has it (``::text`` and
    ``::attr()`` allowed), or a tuple of such selectors: the first that finds anything is used.
    What is not declared is read from JSON-LD, meta tags, the lead, or the text itself.
    """

    title: str | tuple[str, ...] = ()
    standfirst: str | tuple[str, ...] = ()
    body: str | tuple[str, ...] = ()
    """The body's blocks (``.content > p``), or one element that holds them."""
    authors: str | tuple[str, ...] = ()
    section: str | tuple[str, ...] = ()
    tags: str | tuple[str, ...] = ()
    published: str | tuple[str, ...] = ()
    modified: str | tuple[str, ...] = ()
    images: str | tuple[str, ...] = ()
    """Elements that hold a picture (and perhaps its ``figcaption``), or the ``img`` itself."""
    drop: tuple[str, ...] = ()
    """Elements inside the body that are not part of the story."""
    drop_text: tuple[str, ...] = ()
    """Patterns (regular expressions, any case): a paragraph in which one is found is dropped."""
    cut: tuple[str, ...] = ()
    """Patterns of whole paragraphs at which the story is over; never before its first one."""
    credit: str = ""
    """Pattern with the group ``credit`` and perhaps ``dateline``. Where it matches at the start of
    the first paragraph it is moved to those fields; elsewhere it is copied and the text kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionConfig:
    """All that extraction needs to know of an outlet: plain data, for a worker process."""

    outlet: str = ""
    title: str = ""
    """The outlet's name as readers know it; it is removed from the end of page titles."""
    home: str = ""
    languages: tuple[str, ...] = ()
    """BCP 47. A single one is assumed where a page states none; of several, one is detected."""
    timezone: str = "UTC"
    """IANA zone in which dates without an offset are understood."""
    stories: str = ""
    """Pattern found in the addresses of stories; empty: not known."""
    selectors: Selectors = Selectors()

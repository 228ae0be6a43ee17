"""Candidates for an article's fields, as one part of a page states them, not yet judged."""

from dataclasses import dataclass, field

from crawler.article import Image


@dataclass(slots=True, kw_only=True)
class Candidates:
    """Candidates for an article's fields from one origin, the best first, as printed."""

    origin: str
    """One of the values of `Article.origins`."""
    titles: list[str] = field(default_factory=list)
    standfirsts: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    """Names of organisations among the authors."""
    sections: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    modified: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    """Paragraphs."""
    site_names: list[str] = field(default_factory=list)
    """Names of the outlet."""

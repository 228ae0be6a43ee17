"""Checks of an outlet's declaration, made when its file is read."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from cssselect.xpath import ExpressionError
from parsel.csstranslator import HTMLTranslator

from crawler.errors import ConfigurationError
from crawler.schedule.planning import MISSED_POLICIES, read_adaptive_bounds, read_quiet
from crawler.schedule.revisits import read_age
from crawler.sources import Source
from crawler.text.dates.times import read_zone
from crawler.text.urls import normalise

REQUIRED = ("title", "home", "language", "timezone", "schedule", "sources", "stories")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
"""A tag of BCP 47, roughly."""
PATTERNS = ("drop_text", "cut", "credit")


def check_declaration(outlet: type[Any]) -> None:
    """Check an outlet's declaration.

    Raises:
        ConfigurationError: it cannot work; the sentence names the outlet and the attribute.
    """
    for name, why in _mistakes(outlet):
        raise ConfigurationError(f"{outlet.__name__}.{name} {why}")


def read_host(text: str) -> str:
    """Return a host as it stands in normalised addresses.

    Raises:
        ValueError: it is something else, e.g. an address.
    """
    host, *rest = normalise(f"https://{text}/").split("/")[2:]
    if rest != [""] or ":" in host:
        raise ValueError("write e.g. news.example, without scheme, path or port")
    return host


def _mistakes(outlet: type[Any]) -> Iterator[tuple[str, str]]:
    """Yield each mistake: the attribute's name, and the rest of the sentence."""
    for name in REQUIRED:
        if not getattr(outlet, name, None):
            yield name, "is missing; every outlet must declare it"
    sources = outlet.sources if isinstance(outlet.sources, tuple) else (None,)
    if not all(isinstance(source, Source) for source in sources):
        yield "sources", 'is not a tuple of sources; write (Feed("/feed"),) with its comma'
    yield from _unreadable("timezone", "a time zone", read_zone, [outlet.timezone])
    yield from _unreadable("schedule", "a schedule", read_adaptive_bounds, [outlet.schedule])
    yield from _unreadable("quiet", "hours", read_quiet, _each(outlet.quiet))
    if outlet.missed not in MISSED_POLICIES:
        yield "missed", f"{outlet.missed!r} is not one of {', '.join(MISSED_POLICIES)}"
    yield from _unreadable("language", "a language tag", _tag, _each(outlet.language))
    yield from _unreadable("home", "a web address", normalise, [outlet.home])
    if isinstance(outlet.domains, tuple):
        yield from _unreadable("domains", "a host", read_host, outlet.domains)
    else:
        yield "domains", 'is not a tuple of hosts; write ("news.example",) with its comma'
    yield from _unreadable("stories", "a regular expression", re.compile, [outlet.stories])
    if isinstance(outlet.revisits, tuple):
        yield from _unreadable("revisits", "an age", read_age, outlet.revisits)
    else:
        yield "revisits", 'is not a tuple of ages; write ("1h", "1d"), or () for none'
    for field in fields(outlet.page):
        values = _each(getattr(outlet.page, field.name))
        kind, read = (
            ("a regular expression", re.compile)
            if field.name in PATTERNS
            else ("a CSS selector", HTMLTranslator().css_to_xpath)
        )
        yield from _unreadable(f"page.{field.name}", kind, read, values)


def _unreadable(
    name: str, kind: str, read: Callable[[str], object], values: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for value in values:
        try:
            read(value)
        except (ValueError, re.error, SyntaxError, ExpressionError) as error:
            yield name, f"{value!r} is not {kind} ({error})"


def _tag(text: str) -> None:
    if not LANGUAGE.fullmatch(text):
        raise ValueError("use e.g. en, pt-BR or zh-Hant")


def _each(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(filter(None, (value,) if isinstance(value, str) else value))

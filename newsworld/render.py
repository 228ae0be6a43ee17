"""Templates, and the small transformations that WordPress applies to what it prints."""

import html
from datetime import datetime
from functools import cache
from math import ceil

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from newsworld.messages import http_date
from newsworld.prose import NBSP, excerpt
from newsworld.story import Story

_TEXTURE = {"‘": "&#8216;", "’": "&#8217;", "“": "&#8220;", "”": "&#8221;", "…": "&#8230;"}


def texturize(text: str) -> Markup:
    """Text as WordPress escapes it: ``&#038;`` and numbered entities for curly quotes."""
    escaped = html.escape(text, quote=False).replace("&amp;", "&#038;")
    for character, entity in _TEXTURE.items():
        escaped = escaped.replace(character, entity)
    return Markup(escaped)


def typed(text: str) -> Markup:
    """Text as typed in the visual editor: its NBSPs as named entities."""
    return Markup(html.escape(text, quote=False).replace(NBSP, "&nbsp;"))


def listed(text: str, length: int) -> Markup:
    """Cut an excerpt as the theme does: so many words, no ellipsis."""
    return texturize(excerpt(text, length))


def summary(text: str) -> Markup:
    """Cut an excerpt as feeds and the REST API do: 55 words and an ellipsis."""
    return texturize(excerpt(text, 55)) + Markup(" [&hellip;]")


def long_date(at: datetime) -> str:
    """Format a date as ``November 30, 2024``."""
    return f"{at:%B} {at.day}, {at.year}"


def reading_time(story: Story) -> str:
    """Return the theme's estimate, e.g. ``3 mins read``."""
    minutes = ceil(len(story.text.split()) / 250)
    return "1 min read" if minutes == 1 else f"{minutes} mins read"


@cache
def environment() -> Environment:
    """Return the package's templates, HTML and XML escaped by default."""
    env = Environment(
        loader=PackageLoader("newsworld"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters.update(
        texturize=texturize,
        typed=typed,
        listed=listed,
        summary=summary,
        long_date=long_date,
        reading_time=reading_time,
        http_date=http_date,
        rss_date=lambda at: f"{at:%a, %d %b %Y %H:%M:%S} +0000",
    )
    env.globals["style"] = style
    return env


@cache
def style(name: str) -> Markup:
    """Return a style sheet that pages carry inline."""
    return Markup(environment().get_template(name).render())


def render(template: str, **values: object) -> bytes:
    """Render a template of this package as UTF-8."""
    return environment().get_template(template).render(**values).encode()

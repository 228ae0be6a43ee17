"""The paragraphs of a story, and the HTML element that each of them is."""

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from crawler.text.tidy import tidy

_CELLS = ("td", "th")


class Paragraph(NamedTuple):
    """One paragraph of a story's body: its text, and the kind of element it is."""

    text: str
    """One clean line."""
    kind: str = "p"
    """What it is, as an XPath within the story: ``p``, ``h2``, ``pre``, ``blockquote[1]/p``,
    ``ul[1]/li[2]``, ``ol[1]/li[1]/ul[1]/li[1]``, ``table[1]/tr[1]/th[3]``. Lists, items, quotes,
    tables and rows are numbered from 1 among those of their kind in the same part, cells among
    all of their row; two paragraphs with the same number stand in the same one."""


def split_body(body: str, structure: Sequence[str] = ()) -> list[Paragraph]:
    """Return the paragraphs of a stored article; those without a kind are ``p``."""
    return list(map(Paragraph, body.split("\n\n"), chain(structure, repeat("p"))))


def join_body(paragraphs: Iterable[Paragraph]) -> tuple[str, list[str]]:
    """Return the body and the structure of an article, both without empty paragraphs."""
    kept = [(text, kind) for raw, kind in paragraphs if (text := tidy(raw))]
    return "\n\n".join(text for text, _ in kept), [kind for _, kind in kept]


def text_length(paragraphs: Iterable[Paragraph]) -> int:
    """Return the number of characters in the paragraphs."""
    return sum(len(paragraph.text) for paragraph in paragraphs)


def to_html(paragraphs: Iterable[Paragraph]) -> str:
    """Return the paragraphs as a fragment of HTML, without white space between its elements."""
    return "".join(_html(paragraphs))


def _html(paragraphs: Iterable[Paragraph]) -> Iterator[str]:
    inside: list[str] = []  # the steps of the elements that are open
    cells: dict[int, int] = {}  # the last cell written of the row at a depth
    bare = False  # what was written last is text that stands in no paragraph
    for text, kind in paragraphs:
        steps = kind.split("/")
        leaf = "" if "[" in steps[-1] else steps.pop()
        shared = 0
        while inside[shared : shared + 1] == steps[shared : shared + 1] != []:
            shared += 1
        yield from (f"</{_tag(step)}>" for step in reversed(inside[shared:]))
        bare = bare and len(inside) == shared
        for depth, step in enumerate(steps[shared:], shared):
            cells[depth + 1] = 0
            if _tag(step) in _CELLS:
                number = int(step[3:-1])
                yield "<td></td>" * (number - cells[depth] - 1)
                cells[depth] = number
            yield f"<{_tag(step)}>"
            bare = False
        written = html.escape(text, quote=False)
        if leaf:
            yield f"<{leaf}>{written}</{leaf}>"
        else:
            yield f"<br><br>{written}" if bare else written
        bare = not leaf
        inside = steps
    yield from (f"</{_tag(step)}>" for step in reversed(inside))


def _tag(step: str) -> str:
    return step.partition("[")[0]

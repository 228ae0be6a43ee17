"""Documents of very many entries, cut into parts that a worker can read in its time."""

import re
from math import ceil

MAX_PARTS = 50
"""With more entries, the parts have more: a hostile document costs so many times at most."""
_TAGS = {
    name: (
        re.compile(rb"<(?:[\w.-]{1,40}:)?%b[\s>]" % name),
        re.compile(rb"</(?:[\w.-]{1,40}:)?%b\s*>" % name),
    )
    for name in (b"item", b"entry", b"url", b"sitemap")
}


def part_of(document: bytes, number: int, size: int) -> tuple[bytes, int]:
    """Return a part of an XML document, with what stands around its entries; and how many it has.

    It is cut behind entries only, so that each part is a document of its own. What cannot be cut
    is one part: a short document, one of another format or in UTF-16.

    Args:
        number: of the part, from 0.
        size: entries of a part.
    """
    opening, closing = _TAGS[max(_TAGS, key=lambda name: document.count(name + b">"))]
    first, count = opening.search(document), sum(1 for _ in closing.finditer(document))
    size = max(size, ceil(count / MAX_PARTS))
    if not first or count <= size:
        return document, 1
    ends = [end.end() for end in closing.finditer(document)]
    cuts = [first.start(), *ends[size - 1 : -1 : size], ends[-1]]
    part = document[cuts[number] : cuts[number + 1]]
    return document[: cuts[0]] + part + document[cuts[-1] :], len(cuts) - 1

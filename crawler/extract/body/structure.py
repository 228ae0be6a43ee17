"""Blocks of text as the paragraphs of a story: each with its place in lists, quotes and tables."""

from collections import Counter
from collections.abc import Iterable

from lxml import etree

from crawler.extract.body.blocks import (
    HEADINGS,
    SILENT,
    Block,
    BlockElement,
    attributes_of,
    is_hidden,
    read_blocks,
)
from crawler.extract.body.hints import Hints
from crawler.text.paragraphs import Paragraph

# Elements that hold no text of the story where an outlet's selectors choose its parts.
_ASIDE = SILENT | frozenset("noscript form nav aside footer figure figcaption".split())
_CELLS = frozenset(("td", "th"))
_TEXTS = HEADINGS | {"p", "pre"}
_HOLDERS = frozenset("blockquote li dt dd".split()) | _CELLS
_PLACES = _HOLDERS | frozenset("ul ol dl table tr".split())
# Parts that are nothing without what they stand in, and what that is.
_WITHIN = {
    "li": ("ul", "ol"),
    "dt": ("dl",),
    "dd": ("dl",),
    "td": ("tr",),
    "th": ("tr",),
    "tr": ("table", "tbody", "thead"),
    "tbody": ("table",),
    "thead": ("table",),
}
_DEEPEST = 12  # places within places; what stands deeper is told as if it stood there


def paragraphs_of(
    elements: Iterable[etree._Element], dropped: Iterable[etree._Element] = ()
) -> list[Paragraph]:
    """Return the paragraphs in some elements, none of which stands in another.

    Elements in `dropped`, hidden ones, figures and forms are left out.
    """
    parents: dict[etree._Element, BlockElement] = {}
    story: list[Block] = []
    for element in elements:
        hidden = [part for part in element.iter(etree.Element) if is_hidden(attributes_of(part))]
        nodes, blocks = read_blocks(element, silent=_ASIDE, dropped={*hidden, *dropped})
        node = nodes[0] if nodes else None
        up = element.getparent()
        while node and up is not None and up.tag in _WITHIN.get(node.tag, ()):
            parents.setdefault(up, BlockElement(str(up.tag), "", None, Hints(), 0, 0))
            node.parent = parents[up]
            node, up = node.parent, up.getparent()
        story += blocks
    return place(story)


def place(blocks: Iterable[Block], story: BlockElement | None = None) -> list[Paragraph]:
    """Return blocks as paragraphs.

    Args:
        story: what these blocks stand in, if they are part of a page; its own place is not told.
    """
    paths: dict[BlockElement | None, list[str]] = {None: [], story: []}
    numbers: Counter[tuple[str, ...]] = Counter()
    found: list[Paragraph] = []
    for block in blocks:
        new: list[BlockElement] = []
        node: BlockElement | None = block.node
        while node and node not in paths:
            new.append(node)
            node = node.parent
        for inner in reversed(new):
            path = paths[inner.parent]
            if inner.tag in _PLACES and len(path) < _DEEPEST:
                numbers[*path, inner.tag] += 1
                number = inner.column or numbers[*path, inner.tag]
                path = [*path, f"{inner.tag}[{number}]"]
            paths[inner] = path
        path = paths[block.node]
        leaf = block.tag if block.tag in _TEXTS else ""
        if not leaf and (not path or path[-1].partition("[")[0] not in _HOLDERS):
            leaf = "p"
        found.append(Paragraph(block.text, "/".join([*path, leaf] if leaf else path)))
    return found

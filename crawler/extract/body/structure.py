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
_UNREAD = SILENT | frozenset("noscript form nav aside footer figure figcaption".split())
_CELLS = frozenset(("td", "th"))
_LEAF_TAGS = HEADINGS | {"p", "pre"}
_TEXT_HOLDERS = frozenset("blockquote li dt dd".split()) | _CELLS
_NUMBERED = _TEXT_HOLDERS | frozenset("ul ol dl table tr".split())
# Parts that are nothing without what they stand in, and what that is.
_PARENT_TAGS = {
    "li": ("ul", "ol"),
    "dt": ("dl",),
    "dd": ("dl",),
    "td": ("tr",),
    "th": ("tr",),
    "tr": ("table", "tbody", "thead"),
    "tbody": ("table",),
    "thead": ("table",),
}
_MAX_DEPTH = 12  # places within places; what stands deeper is told as if it stood there


def read_paragraphs(
    elements: Iterable[etree._Element], dropped: Iterable[etree._Element] = ()
) -> list[Paragraph]:
    """Return the paragraphs in some elements, none of which stands in another.

    Elements in `dropped`, hidden ones, figures and forms are left out.
    """
    parents: dict[etree._Element, BlockElement] = {}
    story: list[Block] = []
    for element in elements:
        hidden = [part for part in element.iter(etree.Element) if is_hidden(attributes_of(part))]
        nodes, blocks = read_blocks(element, silent=_UNREAD, dropped={*hidden, *dropped})
        node = nodes[0] if nodes else None
        up = element.getparent()
        while node and up is not None and up.tag in _PARENT_TAGS.get(node.tag, ()):
            parents.setdefault(up, BlockElement(str(up.tag), "", None, Hints(), 0, 0))
            node.parent = parents[up]
            node, up = node.parent, up.getparent()
        story += blocks
    return to_paragraphs(story)


def to_paragraphs(blocks: Iterable[Block], story: BlockElement | None = None) -> list[Paragraph]:
    """Turn blocks into paragraphs, each with its place in lists, quotes and tables.

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
            if inner.tag in _NUMBERED and len(path) < _MAX_DEPTH:
                numbers[*path, inner.tag] += 1
                number = inner.column or numbers[*path, inner.tag]
                path = [*path, f"{inner.tag}[{number}]"]
            paths[inner] = path
        path = paths[block.node]
        leaf = block.tag if block.tag in _LEAF_TAGS else ""
        if not leaf and (not path or path[-1].partition("[")[0] not in _TEXT_HOLDERS):
            leaf = "p"
        found.append(Paragraph(block.text, "/".join([*path, leaf] if leaf else path)))
    return found

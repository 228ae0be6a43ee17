"""A page as the blocks of text a reader sees, in the tree of the elements they stand in."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from crawler.extract.body.hints import ASIDE, NONE, STRONG, WEAK, Hints, read_hints
from crawler.text.tidy import tidy

HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
# Elements that begin and end a block.
_BLOCKS = HEADINGS | frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figure figcaption"
    " footer form header hgroup hr html li main nav noscript ol p pre section summary table tbody"
    " td th tr ul".split()
)
SILENT = frozenset(
    "script style template iframe object embed button select input textarea svg math canvas audio"
    " video head title rt rp".split()
)
_INLINE_OF_INTEREST = frozenset(("a", "br", "img"))
_ID_FROM_TEXT = HEADINGS | {"p"}
_NO_HINTS = Hints()
_ASIDES = frozenset("aside footer figure figcaption".split())
_FURNITURE = frozenset("form nav noscript".split())
_PAGE_TAGS = frozenset("html body main".split())
_FURNITURE_ROLES = frozenset("navigation complementary contentinfo dialog".split())
_HIDDEN_CLASS = re.compile(r"sr-only|visually-?hidden|screen-?reader|(?:^|\s)hidden(?:\s|$)")
_LINE_BREAK = "\0"  # a br; no text of a page holds this character
_TWO_BREAKS = re.compile(r"\0[ \t\r\n\xa0]*\0[\0 \t\r\n\xa0]*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_MAX_ELEMENTS = 60_000  # elements of a page that are looked at; stories have some thousands
_MIN_PROSE = 40  # characters; what is shorter may be anything


@dataclass(slots=True, eq=False)
class BlockElement:
    """An HTML element that begins and ends blocks of text."""

    tag: str
    names: str
    """Its class and id."""
    parent: "BlockElement | None"
    hints: Hints
    level: int
    """How sure it is that it is not of the story: from `hints`, its tag or its attributes."""
    first: int
    """Its blocks are ``[first:last]`` of the page's."""
    last: int = 0
    prose: int = 0
    """Characters of prose in it."""
    kept: int = 0
    """Characters of prose in it that are in no part that is `out`."""
    out: bool = False
    """It is not part of the story."""
    why: str = ""
    """The reason why it is `out`, in a word."""
    column: int = 0
    """The number of a cell in its row."""
    columns: int = 0
    """The number of cells in a row so far."""
    pictured: bool = False
    """A picture stands in it, no deeper than its children."""

    def mark(self, why: str) -> None:
        """Mark it as not part of the story."""
        self.level, self.why = max(self.level, STRONG), why


@dataclass(slots=True, eq=False)
class Block:
    """A block of text on a page: one paragraph, heading, list item, cell ..."""

    text: str
    linked: int
    """Characters of it that are links."""
    internal: bool
    """The last of its links leads to the same site."""
    node: BlockElement
    prose: int
    """Characters of prose: none if it is short or mostly links, or is code."""
    why: str = ""
    """The reason why it is not part of the story, in a word; empty if it is."""

    @property
    def tag(self) -> str:
        return self.node.tag

    @property
    def is_links(self) -> bool:
        """Tell whether most of it is links."""
        return self.linked * 2 > len(self.text)


def text_weight(text: str) -> int:
    """Return the length of `text`; a character of a script without spaces counts three times."""
    return len(text) if text.isascii() else len(text) + 2 * len(_UNSPACED.findall(text))


def _prose(text: str, linked: int) -> int:
    size = text_weight(text)
    return 0 if size < _MIN_PROSE or linked * 2 > len(text) or text[0] in "{<" else size - linked


def read_blocks(
    root: etree._Element,
    site: str = "",
    silent: frozenset[str] = SILENT,
    dropped: Collection[etree._Element] = (),
) -> tuple[list[BlockElement], list[Block]]:
    """Return the page's elements and blocks, each in document order.

    A block ends where an element of this kind (``p``, ``li``, ``h2``, ...) begins or ends and at
    two ``br`` in a row; one ``br`` is a space. The walk does not recurse, so no depth of nesting
    is too deep.

    Args:
        root: the page, or a part of it.
        site: the page's host; links to it are `Block.internal`.
        silent: tags of elements that are left out.
        dropped: elements that are left out.
    """
    return _BlockReader(root, site, silent, dropped).walk()


@dataclass(slots=True)
class _BlockReader:
    root: etree._Element
    site: str
    silent: frozenset[str]
    dropped: Collection[etree._Element]
    nodes: list[BlockElement] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    open: list[BlockElement] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)  # of the block being read
    links: int = 0  # open ones
    linked: int = 0
    internal: bool = False

    def walk(self) -> tuple[list[BlockElement], list[Block]]:
        parents: list[etree._Element] = []
        levels: list[Iterator[etree._Element]] = [iter((self.root,))]
        while levels and len(self.nodes) <= _MAX_ELEMENTS:
            for element in levels[-1]:
                if self.begin(element):
                    parents.append(element)
                    levels.append(iter(element))
                    break
            else:
                levels.pop()
                if parents:
                    self.end(parents.pop())
        while self.open:
            self.end_block()
            self.end_node()
        return self.nodes, self.blocks

    def begin(self, element: etree._Element) -> bool:
        """Begin an element; one without children is ended, too. Tell whether there are any."""
        tag: object = element.tag  # of a comment it is a function
        if (
            not isinstance(tag, str)
            or tag in self.silent
            or (tag == "span" and _is_unseen(element))
            or (self.dropped and element in self.dropped)
        ):
            if text := element.tail:
                self.add(text)
            return False
        if tag in _BLOCKS or element is self.root:
            self.end_block()
            self.start_node(tag, element)
        elif tag in _INLINE_OF_INTEREST:
            self.mark(tag, element)
        if text := element.text:
            self.add(text)
        if len(element):
            return True
        self.end(element)
        return False

    def end(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS or element is self.root:
            self.end_block()
            self.end_node()
        elif tag == "a":
            self.links -= 1
        if text := element.tail:
            self.add(text)

    def mark(self, tag: str, element: etree._Element) -> None:
        if tag == "br":
            self.pieces.append(_LINE_BREAK)
        elif tag == "a":
            self.links += 1
            self.internal = self.is_internal(element.get("href", ""))
        else:
            for node in (self.open[-1], self.open[-1].parent):
                if node:
                    node.pictured = True

    def add(self, text: str) -> None:
        # Nothing is open after the root; white space alone begins no block.
        if self.pieces or (self.open and not text.isspace()):
            self.pieces.append(text)
            if self.links:
                self.linked += len(text.strip())

    def is_internal(self, href: str) -> bool:
        if href.startswith("http"):
            return bool(self.site) and self.site in href[:100]
        return not href.startswith("#")

    def start_node(self, tag: str, element: etree._Element) -> None:
        attributes = attributes_of(element)
        name = attributes.get("class", "")
        if "id" in attributes:
            # The id of a heading or paragraph is often made of its text.
            hints = read_hints(name if tag in _ID_FROM_TEXT else f"{name} {attributes['id']}")
            name = f"{name} {attributes['id']}"
        else:
            hints = read_hints(name) if name else _NO_HINTS
        if attributes.get("itemprop") == "articleBody":
            hints = hints._replace(body=True)
        level = _level(tag, attributes, hints)
        parent = self.open[-1] if self.open else None
        if tag in ("table", "blockquote"):  # set as figures, they belong to the story
            for node in (parent, parent and parent.parent):
                if node and node.tag == "figure":
                    node.level = NONE
        why = hints.why or (tag if level > NONE else "")
        node = BlockElement(tag, name, parent, hints, level, len(self.blocks), why=why)
        if parent and tag in ("td", "th"):
            parent.columns += 1
            node.column = parent.columns
        self.nodes.append(node)
        self.open.append(node)

    def end_node(self) -> None:
        node = self.open.pop()
        node.last = len(self.blocks)
        if node.parent:
            node.parent.prose += node.prose

    def end_block(self) -> None:
        if not self.pieces:
            return
        text = "".join(self.pieces)
        self.pieces.clear()
        if not text.isspace():
            if _LINE_BREAK in text:
                parts = [part.replace(_LINE_BREAK, " ") for part in _TWO_BREAKS.split(text)]
            else:
                parts = [text]
            parts = [part for part in map(tidy, parts) if part]
            whole = sum(map(len, parts)) or 1
            for part in parts:
                linked = min(len(part), round(self.linked * len(part) / whole))
                prose = _prose(part, linked)
                self.blocks.append(Block(part, linked, self.internal, self.open[-1], prose))
                self.open[-1].prose += prose
        self.linked = 0


def _level(tag: str, attributes: Mapping[str, str], hints: Hints) -> int:
    if tag in _FURNITURE:
        return STRONG
    if tag in _ASIDES:
        return ASIDE
    if tag in _PAGE_TAGS:
        return NONE
    if attributes and (is_hidden(attributes) or attributes.get("role") in _FURNITURE_ROLES):
        return max(hints.level, STRONG)
    if tag == "article" or (tag in HEADINGS and hints.level == WEAK):
        return NONE
    return hints.level


def attributes_of(element: etree._Element) -> dict[str, str]:
    """Return an element's attributes, in one step and not one by one."""
    return dict(cast("Sequence[tuple[str, str]]", element.items()))


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Tell from its attributes whether an element is hidden."""
    style = attributes.get("style", "")
    return "hidden" in attributes or (
        "display" in style and "display:none" in style.replace(" ", "").lower()
    )


def _is_unseen(element: etree._Element) -> bool:
    """Tell whether an element within a block is hidden, or only for screen readers."""
    attributes = attributes_of(element)
    return bool(attributes) and (
        is_hidden(attributes) or bool(_HIDDEN_CLASS.search(attributes.get("class", "")))
    )

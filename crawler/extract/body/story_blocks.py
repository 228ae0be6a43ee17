"""The story of a page: the blocks of its container that belong to it."""

import re
from collections.abc import Sequence

from lxml import etree

from crawler.extract.body.blocks import HEADINGS, Block, BlockElement, read_blocks, text_weight
from crawler.extract.body.container import choose_container, find_headline, prune
from crawler.extract.body.structure import to_paragraphs
from crawler.text.fingerprint import fold
from crawler.text.paragraphs import Paragraph, text_length

_END = re.compile(r"[.!?…。！？।؟۔:：][\"'”’»)\]』」*]*$")
_CELLS = frozenset("li td th dd dt".split())
_MAX_CAPTION = 250  # characters of the longest text beside a picture that is its caption
_MIN_STORY = 250  # characters of a text that may be none of the story
_MAX_TEASER = 600  # characters of prose of the longest teaser
_LEAD_BLOCKS = 25  # blocks before the story among which its standfirst may stand
_START = 200  # characters that hold a text's first 60 letters
# What stands between a heading and its text without parting them.
_BETWEEN = re.compile("fig|caption|ad|video|image|photo|media|aside|hidden|embed|tweet")


def read_story(
    root: etree._Element, site: str = "", title: str = "", standfirsts: Sequence[str] = ()
) -> list[Paragraph]:
    """Return the paragraphs of the story on a page, its standfirst first if it stands above it.

    Args:
        root: the page; it is not changed.
        site: the page's host.
        title: of the story; it is not part of the text.
        standfirsts: as the page states them; they tell which block above the text is one.
    """
    nodes, blocks = read_blocks(root, site)
    _mark_teasers(nodes, blocks)
    wanted = fold(title)
    headline = find_headline(blocks, wanted)
    # With every part left out that is marked as furniture little may remain: then the marks are
    # wrong, the less sure ones first.
    for least in range(1, 5):
        total = prune(nodes, blocks, least)
        container = choose_container(nodes, blocks, headline)
        if nodes[0].kept * 10 >= total * 3:
            break
    found = _read_container(container, blocks, wanted, standfirsts)
    if text_length(found) >= _MIN_STORY:
        return found
    # Where that part holds so little it is the wrong one, if there is more elsewhere.
    return max(found, _read_container(nodes[0], blocks, wanted, standfirsts), key=text_length)


def _read_container(
    container: BlockElement, blocks: list[Block], wanted: str, standfirsts: Sequence[str]
) -> list[Paragraph]:
    story = blocks[container.first : container.last]
    _mark_dropped(story, wanted)
    _drop_empty_headings(story)
    _drop_ends(story)
    above = _standfirst(blocks, container, story, wanted, standfirsts)
    kept = to_paragraphs([block for block in story if not block.why], container)
    return [Paragraph(block.text) for block in above] + kept


def _mark_teasers(nodes: list[BlockElement], blocks: list[Block]) -> None:
    """Mark rows of like elements that each lead to another page of the site."""
    leading: set[BlockElement] = set()
    for block in blocks:
        if block.internal and block.is_links and len(block.text) >= 15:
            node: BlockElement | None = block.node
            for _ in range(3):
                if node:
                    leading.add(node)
                    node = node.parent
    rows: dict[tuple[BlockElement, str, str], list[BlockElement]] = {}
    for node in nodes:
        if node.parent and node.tag not in ("p", "td", "tr"):
            names = "" if node.tag == "li" else node.names[:80]
            rows.setdefault((node.parent, node.tag, names), []).append(node)
    for row in rows.values():
        if (
            len(row) >= 3
            and sum(node in leading for node in row) * 4 >= len(row) * 3
            and all(node.prose < _MAX_TEASER for node in row)
        ):
            for node in row:
                node.mark("teaser")


def _mark_dropped(story: list[Block], wanted: str) -> None:
    seen: set[str] = set()
    for block in story:
        block.why = _reason_to_drop(block, wanted)
        if not block.why and len(block.text) > 60:
            block.why = "again" if block.text in seen else ""
            seen.add(block.text)


def _reason_to_drop(block: Block, wanted: str) -> str:
    size, node, tag = len(block.text), block.node, block.tag
    ends = bool(_END.search(block.text))
    if node.out:
        return node.why
    if (
        node.pictured
        and tag in ("div", "p", "span", "section", "center")
        and size < _MAX_CAPTION
        and node.last - node.first <= 2
        and (tag != "p" or (text_weight(block.text) < 120 and not ends))
    ):
        return "caption"
    if tag == "h1" or (size < 200 and wanted and _is_title(block.text, wanted)):
        return "title"
    if block.is_links:
        in_text = tag == "p" and size > 60 and block.linked * 10 < size * 9 and ends
        heads = tag in HEADINGS and (size < 40 or not block.internal)
        outward = tag in ("li", "p") and not block.internal
        if not (in_text or heads or outward):
            return "links"
    return "code" if block.text[0] in "{<" else ""


def _drop_empty_headings(story: list[Block]) -> None:
    """Drop headings over nothing that is kept."""
    over_text = False
    for block in reversed(story):
        if block.tag not in HEADINGS:
            over_text = not block.why or (over_text and bool(_BETWEEN.search(block.why)))
        elif not (block.why or over_text or (len(block.text) > 100 and _END.search(block.text))):
            block.why = "heading"


def _drop_ends(story: list[Block]) -> None:
    """Drop bylines, dates and the like above the first and below the last full paragraph."""
    full = [
        index
        for index, block in enumerate(story)
        if not block.why and (block.prose >= 100 or (block.prose and _END.search(block.text)))
    ]
    if not full:
        return
    parents = {story[index].node.parent for index in full} | {story[index].node for index in full}
    for index, block in enumerate(story):
        if block.why or block.tag in _CELLS or _END.search(block.text):
            continue
        beside = block.tag == "p" and block.node.parent in parents
        if index < full[0] and block.tag not in HEADINGS and not beside:
            block.why = "before"
        elif index > full[-1] and not beside:
            block.why = "after"


def _standfirst(
    blocks: list[Block],
    container: BlockElement,
    story: list[Block],
    wanted: str,
    standfirsts: Sequence[str],
) -> list[Block]:
    """Return the blocks of the standfirst, where it stands above the part with the story."""
    stated = {_start(text) for text in standfirsts if len(text) > 30}
    there: set[str] = set()

    def may_be(block: Block) -> bool:
        return (
            len(block.text) >= 30
            and not block.is_links
            and block.tag != "h1"
            and not _is_title(block.text, wanted)
        )

    for block in reversed(blocks[max(0, container.first - _LEAD_BLOCKS) : container.first]):
        if (block.node.out and block.node.level > 1) or not may_be(block):
            continue
        there = there or {_start(block.text) for block in story if not block.why}
        start = _start(block.text)
        if start in there:
            continue
        if start in stated:
            return [block]
        node: BlockElement | None = block.node
        for _ in range(3):
            if node and not node.out and node.hints.standfirst and block.tag != "li":
                lead = [own for own in blocks[node.first : node.last] if not own.node.out]
                lead = [own for own in lead if may_be(own)]
                size = sum(len(own.text) for own in lead)
                if node.last <= container.first and len(lead) < 6 and size > 50:
                    return lead
            node = node.parent if node else None
    return []


def _is_title(text: str, wanted: str) -> bool:
    """Tell whether a text is, folded, the wanted one. Nearly always its first letters tell."""
    return wanted.startswith(fold(text[:20])[:3]) and fold(text) == wanted


def _start(text: str) -> str:
    return fold(text[:_START])[:60]

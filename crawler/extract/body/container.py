"""The part of a page that holds its story."""

from collections.abc import Callable

from crawler.extract.body.blocks import HEADINGS, Block, BlockElement
from crawler.extract.body.hints import COMMENTS, STRONG, WEAK
from crawler.text.fingerprint import fold

# Elements that hold a paragraph or a list; a story needs more.
_TEXT_TAGS = HEADINGS | frozenset("p li ul ol blockquote pre dl dt dd".split())
_MIN_MARKED_STORY = 150  # characters of the shortest story that is marked as such
_MIN_STORY = 250
_MAX_PARTS = 200  # parts looked at


def find_headline(blocks: list[Block], wanted: str) -> int:
    """Return the index of the block with the story's title, -1 if there is none.

    Args:
        wanted: the title, folded. Without it, or if no heading shows it, the first ``h1`` is taken.
    """
    like = first = -1
    for index, block in enumerate(blocks):
        if block.tag not in HEADINGS or len(block.text) >= 300:
            continue
        if block.tag == "h1" and first < 0:
            first = index
        if len(wanted) > 8 and like < 0:
            text = fold(block.text)
            if len(text) > 8 and (text in wanted or wanted in text):
                like = index
                if block.tag == "h1":
                    break
    return like if like >= 0 else first


def prune(nodes: list[BlockElement], blocks: list[Block], least: int) -> int:
    """Mark the elements that are `BlockElement.out`, and sum up the prose that each keeps.

    A mark is not believed of a part that holds much of the page's prose, except that readers'
    comments may outweigh the story.

    Args:
        least: marks below this level are not believed at all.

    Returns:
        How much prose there is without comments.
    """
    talk = sum(node.prose for node in _topmost(nodes, lambda node: node.level == COMMENTS))
    if nodes[0].prose - talk < _MIN_MARKED_STORY:
        talk = 0
    total = nodes[0].prose - talk
    for node in nodes:
        node.kept = 0
        if node.parent and node.parent.out:
            node.out, node.why = True, node.why or node.parent.why
        elif node.level == WEAK:
            node.out = least <= WEAK and (node.prose < 300 or node.prose * 20 < total)
        elif node.level == COMMENTS and talk:
            node.out = True
        else:
            node.out = node.level >= max(STRONG, least) and node.prose * 10 < total * 4
    for block in blocks:
        if not block.node.out:
            block.node.kept += block.prose
    for node in reversed(nodes):  # children stand behind their parents
        if node.parent and not node.out:
            node.parent.kept += node.kept
    return total


def choose_container(nodes: list[BlockElement], blocks: list[Block], headline: int) -> BlockElement:
    """Return the element that holds the story.

    Args:
        headline: the index of its title among `blocks`, or -1.
    """
    page = nodes[0]
    inside = [node for node in nodes if node.kept and not node.out]
    bodies = _topmost(inside, lambda node: node.hints.body and node.tag not in _TEXT_TAGS)
    articles = _topmost(inside, lambda node: node.tag == "article")
    if headline >= 0:
        start = (
            _body_at(bodies, blocks, headline, page.kept)
            or _article_at(articles, headline, page.kept)
            or _dominant(bodies, page.kept * 35)
        )
    else:
        start = _dominant(bodies, page.kept * 35) or _dominant(articles, page.kept * 40)
    return _descend(start or page, nodes, blocks)


def _topmost(nodes: list[BlockElement], test: Callable[[BlockElement], bool]) -> list[BlockElement]:
    """Return those that pass the test and stand in no other that does."""
    found: list[BlockElement] = []
    for node in nodes:
        if (not found or node.first >= found[-1].last) and test(node):
            found.append(node)
    return found


def _dominant(found: list[BlockElement], least: int) -> BlockElement | None:
    """Return the one that holds nearly all that they hold, and `least` hundredths of prose."""
    best = max(found, key=lambda node: node.kept, default=None)
    if best and best.kept * 100 >= max(least, sum(node.kept for node in found) * 80):
        return best if best.kept >= _MIN_STORY else None
    return None


def _body_at(
    bodies: list[BlockElement], blocks: list[Block], headline: int, total: int
) -> BlockElement | None:
    """Return the part marked as a story's text that holds or follows the headline."""
    following = [node for node in bodies if node.last > headline][:_MAX_PARTS]
    large = [node for node in following if node.kept >= max(_MIN_MARKED_STORY, total // 20)]
    if not large:
        return None
    first, best = large[0], max(large, key=lambda node: node.kept)
    if first.kept * 10 < best.kept * 3 and first.first > headline:
        first = best
    # A text may be cut into several such parts, but not across articles or other headlines.
    article = _article_of(first)
    start = max(first.last, headline + 1)
    stop = next((i for i in range(start, len(blocks)) if blocks[i].tag == "h1"), len(blocks))
    parts = [node for node in following if node.first < stop and _article_of(node) is article]
    if sum(node.kept for node in parts) * 80 > first.kept * 100:
        while first.last < parts[-1].last and first.parent:
            first = first.parent
        return first
    above = (block for block in blocks[headline : first.first] if not block.node.out)
    if sum(block.prose for block in above) > first.kept:
        return article or first.parent
    return first


def _article_at(articles: list[BlockElement], headline: int, total: int) -> BlockElement | None:
    """Return the ``article`` that holds the headline, or those that follow it."""
    for node in articles:
        if node.first <= headline < node.last:
            return node if node.kept >= max(_MIN_MARKED_STORY, total // 20) else None
    later = [node for node in articles if node.first > headline]
    later = [node for node in later if node.parent is later[0].parent]
    if len(later) > 1 and sum(node.kept for node in later) * 10 > total * 6:
        return later[0].parent
    return later[0] if later and later[0].kept * 10 > total * 4 else None


def _descend(node: BlockElement, nodes: list[BlockElement], blocks: list[Block]) -> BlockElement:
    """Go down from `node` as long as one child holds nearly all of the prose."""
    children: dict[BlockElement, list[BlockElement]] = {}
    for other in nodes:
        if other.parent and not other.out:
            children.setdefault(other.parent, []).append(other)
    while True:
        inner = children.get(node, [])
        parts = [child for child in inner if child.tag in _TEXT_TAGS]
        wide = [child for child in inner if child.tag not in _TEXT_TAGS]
        best = max(wide, key=lambda child: child.kept, default=None)
        if best is None or not best.kept:
            return node
        direct = sum(child.kept for child in parts)
        if best.kept * 10 >= node.kept * 9 and direct * 25 < node.kept:
            node = best
            continue
        stories = [child for child in wide if child.tag == "article" and child.kept * 5 > best.kept]
        if len(stories) < 2 or not all(_has_title(child, blocks) for child in stories):
            return node
        node = stories[0]


def _has_title(node: BlockElement, blocks: list[Block]) -> bool:
    return any(block.tag in ("h1", "h2") for block in blocks[node.first : node.first + 4])


def _article_of(node: BlockElement) -> BlockElement | None:
    found: BlockElement | None = node
    while found and found.tag != "article":
        found = found.parent
    return found

"""`BoilerplateLearner`: learns which blocks are boilerplate, and leaves them out of stories."""

import logging
import re
from collections.abc import Container, Sequence

from crawler.article import Article, LeftOut
from crawler.queue.writes import BoilerplateWrite
from crawler.store.boilerplate_blocks import (
    BlockFate,
    BoilerplateBlocks,
    block_document,
    traits_document,
)
from crawler.store.collection import Document
from crawler.store.database import Database
from crawler.text.paragraphs import Paragraph
from crawler.text.recurring_blocks import (
    RecurringBlocks,
    StoryTraits,
    block_key,
    may_be_boilerplate,
    sketch_words,
)

HEADING = re.compile(r"(?:.*/)?h[1-6]")
"""In `Article.structure`."""

ENDS = 200
"""Paragraphs at the beginning and at the end of a story in which boilerplate is looked for."""

logger = logging.getLogger(__name__)


def leave_out(article: Article, keys: Sequence[str], dropped: Container[str]) -> list[str]:
    """Leave those paragraphs out of the body whose key is among `dropped`.

    Args:
        article: what is changed.
        keys: of all its paragraphs (`block_key`).
        dropped: keys of what is no part of the outlet's stories.

    Returns:
        The paragraphs that were left out; `Article.left_out` tells where they stood.
    """
    kept, gone = [], []
    for index, (key, paragraph) in enumerate(zip(keys, article.paragraphs, strict=True)):
        if key in dropped:
            article.left_out.append(LeftOut(key, index, paragraph.kind))
            gone.append(paragraph.text)
        else:
            kept.append(paragraph)
    article.paragraphs = kept
    return gone


class BoilerplateLearner:
    """Learns which blocks of an outlet's stories are boilerplate, and leaves them out."""

    def __init__(self, database: Database, outlet: str) -> None:
        self.learnt: list[str] = []
        """Keys of the blocks that this run has learnt."""
        self._outlet = outlet
        self._blocks = BoilerplateBlocks(database, outlet)
        self._window = RecurringBlocks()
        self._fates: dict[str, BlockFate] = {}
        self._new_stories: list[Document] = []
        self._new_blocks: list[Document] = []

    async def open(self) -> None:
        """Load what earlier runs have learnt."""
        stories, self._fates = await self._blocks.load()
        self._window = RecurringBlocks(stories)

    def clean(self, article: Article) -> list[str]:
        """Leave the outlet's boilerplate out of the article's body, and learn from it.

        Returns:
            The paragraphs that were left out; `Article.left_out` tells where they stood.
        """
        paragraphs = article.paragraphs
        keys = [block_key(paragraph.text) for paragraph in paragraphs]
        if article.url not in self._window:
            self._learn(article, paragraphs, keys)
        return leave_out(article, keys, {key for key in keys if self._fates.get(key) == "dropped"})

    def _learn(self, article: Article, paragraphs: list[Paragraph], keys: list[str]) -> None:
        blocks = list(zip(keys, paragraphs, strict=True))
        fresh = [paragraph.text for key, paragraph in blocks if not self._window.shows(key)]
        story = StoryTraits(
            url=article.url,
            at=article.published.at if article.published else article.fetched,
            groups=tuple(filter(None, [article.section, *article.authors])),
            blocks=(*keys[:ENDS], *keys[max(ENDS, len(keys) - ENDS) :]),
            words=sketch_words([article.title, *fresh], article.language),
        )
        self._window.add(story)
        self._new_stories.append(traits_document(story))
        kept_below = False
        for key, (text, kind) in reversed(blocks):
            # A heading belongs to what stands below it.
            if (
                key not in self._fates
                and not (kept_below and HEADING.fullmatch(kind))
                and may_be_boilerplate(text)
                and self._window.is_boilerplate(key, sketch_words([text], article.language))
            ):
                self._drop(key, text)
            kept_below = self._fates.get(key) != "dropped"

    def _drop(self, key: str, text: str) -> None:
        self._fates[key] = "dropped"
        self.learnt.append(key)
        stories = [host.url for host in self._window.hosts(key)]
        self._new_blocks.append(block_document(key, text, stories))
        logger.info(
            "Learnt that this block is no part of %s's stories, from %d of them: %r. "
            "If it is, say `dateline boilerplate %s --keep %s`.",
            *(self._outlet, len(stories), text[:200], self._outlet, key),
        )

    def take_news(self) -> BoilerplateWrite | None:
        """Return what was learnt since the last time, to be written; None: nothing."""
        stories, blocks = self._new_stories, self._new_blocks
        self._new_stories, self._new_blocks = [], []
        if not (stories or blocks):
            return None
        return BoilerplateWrite(outlet=self._outlet, stories=stories, blocks=blocks)

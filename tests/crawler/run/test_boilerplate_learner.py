"""What a run learns of its outlet's boilerplate, with a real MongoDB behind it."""

import asyncio
from pathlib import Path
from random import Random
from uuid import uuid4

from crawler.article import Article
from crawler.queue.writer import MongoWriter
from crawler.run.boilerplate_learner import ENDS, BoilerplateLearner
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.text.paragraphs import Paragraph
from crawler.text.recurring_blocks import block_key
from newsworld import prose
from tests.crawler.store_fixture import article

PROMPT = [
    Paragraph("Our letter for the weekend", "h3"),
    Paragraph("The best of our reporting, sent to you by people who read all of it."),
]
HEADING = Paragraph("What we know so far", "h2")


async def save(database: Database, learner: BoilerplateLearner) -> None:
    news = learner.take_news()
    assert news
    for _ in range(2):  # the same again changes nothing
        await MongoWriter(database).write(UNFENCED, [news])


def story(number: int) -> Article:
    copy = prose.write(Random(number), number, "Monday")
    text = list(map(Paragraph, copy.sentences[:8]))
    made = article(number, title=copy.headline)
    made.paragraphs = [*text[:2], HEADING, *text[2:6], *PROMPT, *text[6:]]
    return made


def test_of_a_page_of_very_many_paragraphs_little_is_remembered(
    mongodb: str, tmp_path: Path
) -> None:
    """The paragraphs of a hundred stories are one document."""
    table = article()
    table.paragraphs = [
        Paragraph(f"Row {number} of the table of results") for number in range(9_999)
    ]

    async def work() -> list[str]:
        database = Database(uri=mongodb, name=f"test_{uuid4().hex}", data=tmp_path)
        try:
            learner = BoilerplateLearner(database, "news")
            await learner.open()
            learner.clean(table)
            await save(database, learner)
            (window,) = await database["windows"].find().to_list()
            (kept,) = window["stories"]
            return list(kept["blocks"])
        finally:
            await database._client.drop_database(database.name)
            await database.close()

    kept = asyncio.run(work())
    texts = [paragraph.text for paragraph in table.paragraphs]
    assert kept == list(map(block_key, texts[:ENDS] + texts[-ENDS:]))


def test_a_heading_goes_with_what_stands_below_it(mongodb: str, tmp_path: Path) -> None:
    """A sub-heading that recurs over the story's own text is part of the story."""

    async def work() -> list[Article]:
        database = Database(uri=mongodb, name=f"test_{uuid4().hex}", data=tmp_path)
        try:
            learner = BoilerplateLearner(database, "news")
            await learner.open()
            stories = [story(number) for number in range(20)]
            for one in stories:
                learner.clean(one)
            await save(database, learner)
            again = BoilerplateLearner(database, "news")
            await again.open()
            stories.append(story(21))
            again.clean(stories[-1])
            assert again.learnt == []
            return stories
        finally:
            await database._client.drop_database(database.name)
            await database.close()

    stories = asyncio.run(work())
    assert all(HEADING in one.paragraphs for one in stories)
    assert set(PROMPT) <= set(stories[0].paragraphs)
    for one in stories[-5:]:
        assert set(PROMPT).isdisjoint(one.paragraphs)
        assert [gap.kind for gap in one.left_out] == ["h3", "p"]
        assert [gap.index for gap in one.left_out] == [7, 8]

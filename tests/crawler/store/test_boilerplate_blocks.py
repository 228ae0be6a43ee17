"""What was block_document, traits_document of an outlet's boilerplate, kept in a real MongoDB."""

from datetime import timedelta

import pytest

from crawler.article import LeftOut
from crawler.errors import DatelineError
from crawler.store.boilerplate_blocks import (
    BlockFate,
    BoilerplateBlocks,
    block_document,
    traits_document,
)
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.text.fingerprint import fingerprint
from crawler.text.recurring_blocks import WINDOW, StoryTraits
from tests.crawler.store_fixture import AT, Store, article, save_articles

FIRST, LAST = "0123456789ab", "ba9876543210"
TEXTS = {FIRST: "Sign up for our letter.", LAST: "Read more of us."}


def traits(number: int) -> StoryTraits:
    at = AT.replace(microsecond=0) + timedelta(hours=number)
    words = frozenset({0, number, 2**32 - 1})
    return StoryTraits(
        f"https://news.example/{number}", at, ("World",), (FIRST, str(number)), words
    )


def test_the_window_keeps_the_newest_stories_of_one_outlet(store: Store) -> None:
    stories = [traits(number) for number in range(WINDOW + 30)]

    async def work(database: Database) -> list[tuple[list[StoryTraits], dict[str, BlockFate]]]:
        news, other = BoilerplateBlocks(database, "news"), BoilerplateBlocks(database, "other")
        made = list(map(traits_document, stories))
        first = block_document(FIRST, TEXTS[FIRST], ["https://news.example/1"])
        await news.save(UNFENCED, made[:60], [first])
        for _ in range(2):  # the same again changes nothing
            await news.save(UNFENCED, made[60:], [block_document(FIRST, "As elsewhere", [])])
        return [await news.load(), await other.load()]

    (window, fates), empty = store.run(work)
    assert window == stories[30:]
    assert fates == {FIRST: "dropped"}
    assert empty == ([], {})
    (block,) = store.plain.blocks.find()
    assert block["text"] == TEXTS[FIRST]


def test_a_block_is_put_back_where_it_stood(store: Store) -> None:
    whole = [TEXTS[FIRST], "One.", TEXTS[FIRST], "Two.", TEXTS[LAST]]
    gaps = [LeftOut(FIRST, 0, "h2"), LeftOut(FIRST, 2, "h3"), LeftOut(LAST, 4)]
    cleaned = article(1, body="One.\n\nTwo.", structure=["p", "ul[1]/li[1]"], left_out=gaps)

    async def work(database: Database) -> list[int]:
        await save_articles(database, [cleaned, article(2)])
        blocks = BoilerplateBlocks(database, "news")
        await blocks.save(
            UNFENCED, [], [block_document(key, text, []) for key, text in TEXTS.items()]
        )
        assert await blocks.left_out() == {FIRST: 2, LAST: 1}
        return [await blocks.put_back(await blocks.change(key, "kept")) for key in (LAST, FIRST)]

    assert store.run(work) == [1, 1]
    found: Document = store.plain.articles.find_one({"_id": cleaned.url}) or {}
    assert found["body"] == "\n\n".join(whole)
    assert found["left_out"] == []
    assert found["structure"] == ["h2", "p", "h3", "ul[1]/li[1]", "p"]
    assert found["word_count"] == 16
    assert found["fingerprint"] == fingerprint(found["title"], found["body"])
    assert {block["fate"] for block in store.plain.blocks.find()} == {"kept"}


def test_an_unknown_block_is_named(store: Store) -> None:
    async def work(database: Database) -> Document:
        return await BoilerplateBlocks(database, "news").change("abc", "kept")

    with pytest.raises(DatelineError, match="news has no block abc: `dateline boilerplate news`"):
        store.run(work)

"""Pages packed by what their outlet's pages have in common, in a real MongoDB."""

from datetime import timedelta
from hashlib import sha256
from random import Random

import pytest
import zstandard

from crawler.article import Article
from crawler.errors import StoreError
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.dictionaries import LIFETIME, SAMPLES
from crawler.store.pages import Pages
from tests.crawler.store_fixture import Store, article, in_eight_processes, versions

WORDS = [sha256(b"%d" % number).hexdigest()[:8] for number in range(5000)]


def words(seed: str, count: int) -> str:
    return " ".join(Random(seed).choices(WORDS, k=count))


def page(number: int, template: str = "template", outlet: str = "news") -> Article:
    """A story on a page of which most is its outlet's template."""
    furniture = words(outlet + template, 2000)
    story = words(f"{outlet} {number}", 300)
    markup = f"<body>{furniture}<p>{story}</p>{furniture[:5000]}</body>".encode()
    url = f"https://{outlet}.example/{number}"
    return article(
        number, url=url, aliases=[], lead=url, outlet=outlet,
        markup=markup, page=sha256(markup).hexdigest(),
    )  # fmt: skip


def save(store: Store, *batches: list[Article]) -> None:
    async def work(database: Database) -> None:
        articles = Articles(database)
        for batch in batches:
            await articles.save(UNFENCED, versions(batch))

    store.run(work)


def packed_by(store: Store) -> dict[str, str | None]:
    """By which dictionary each page was packed."""
    return {kept["url"]: kept["dictionary"] for kept in store.plain.pages.find()}


def assert_whole(store: Store, *articles: Article) -> None:
    """Every page comes back to the byte, through Dateline and by plain Zstandard."""
    expected = {one.page or "": one.markup for one in articles}

    async def work(database: Database) -> dict[str, bytes]:
        found = await Pages(database).find([*expected, "f" * 64])
        return {digest: packed.unpack() for digest, packed in found.items()}

    assert store.run(work) == expected
    for kept in store.plain.pages.find():
        data = None
        if kept.get("dictionary"):
            found = store.plain.dictionaries.find_one({"_id": kept["dictionary"]})
            assert found
            raw = zstandard.ZstdDecompressor().decompress(found["zstd"])
            assert sha256(raw).hexdigest() == found["_id"]
            data = zstandard.ZstdCompressionDict(raw, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        body = zstandard.ZstdDecompressor(dict_data=data).decompress(kept["zstd"])
        assert sha256(body).hexdigest() == kept["_id"]


def test_pages_are_packed_by_what_they_have_in_common(store: Store) -> None:
    pages = [page(number) for number in range(30)]
    save(store, pages)
    (dictionary,) = store.plain.dictionaries.find()
    assert set(packed_by(store).values()) == {dictionary["_id"]}
    assert_whole(store, *pages)
    plain = sum(len(zstandard.compress(one.markup)) for one in pages)
    kept = sum(found["packed"] for found in store.plain.pages.find()) + len(dictionary["zstd"])
    assert kept < 0.5 * plain


def test_a_dictionary_is_made_once_there_are_pages_and_kept_from_run_to_run(store: Store) -> None:
    pages = [page(number) for number in range(8)]
    save(store, *([one] for one in pages[:3]))
    assert store.plain.dictionaries.count_documents({}) == 0
    save(store, *([one] for one in pages[3:5]))
    save(store, pages[5:], [page(1, outlet="other")])
    (dictionary,) = store.plain.dictionaries.find()
    others = [None] * (SAMPLES - 1) + [dictionary["_id"]] * 5
    assert list(packed_by(store).values()) == [*others, None]
    assert_whole(store, *pages, page(1, outlet="other"))

    # As earlier versions have left them.
    store.plain.pages.update_many({"dictionary": None}, {"$unset": {"dictionary": ""}})
    assert_whole(store, *pages, page(1, outlet="other"))


def test_after_a_month_another_is_made_of_the_pages_of_then(store: Store) -> None:
    before, after = ([page(n, template) for n in numbers] for template, numbers in (
        ("old", range(6)), ("new", range(6, 16)),
    ))  # fmt: skip
    save(store, before, after[:3])
    (first,) = store.plain.dictionaries.find()

    def size(*stories: Article) -> int:
        found = store.plain.pages.find({"_id": {"$in": [one.page for one in stories]}})
        return sum(kept["packed"] for kept in found)

    aged = {"$set": {"made": first["made"] - LIFETIME}}
    store.plain.dictionaries.update_one({"_id": first["_id"]}, aged)
    save(store, after[3:4], after[4:])
    by = list(packed_by(store).values())
    assert by[:9] == [first["_id"]] * 9
    (second,) = set(by[9:])
    assert second not in (first["_id"], None)
    assert size(*after[-3:]) < 0.5 * size(*after[:3])
    assert_whole(store, *before, *after)


def test_the_server_is_asked_once_for_an_outlet(store: Store) -> None:
    pages = [page(number) for number in range(20)]
    save(store, pages[:5])
    store.plain.command("profile", 2)
    save(store, *([one] for one in pages[5:]))
    store.plain.command("profile", 0)
    asked = store.plain["system.profile"].count_documents({"ns": f"{store.name}.dictionaries"})
    found = {"ns": f"{store.name}.dictionaries", "op": "query"}
    assert store.plain["system.profile"].count_documents(found) == 1
    assert asked <= 2  # and its indexes, once


async def many(database: Database) -> int:
    articles = Articles(database)
    for start in range(0, 40, 5):
        await articles.save(
            UNFENCED, versions([page(number) for number in range(start, start + 5)])
        )
    return 0


def test_eight_writers_pack_the_same_pages(store: Store) -> None:
    in_eight_processes(store, "store.test_dictionaries", "many")
    assert store.plain.pages.count_documents({}) == 40
    assert None not in packed_by(store).values()
    assert 1 <= store.plain.dictionaries.count_documents({}) <= 8
    assert_whole(store, *(page(number) for number in range(40)))


def test_a_page_whose_dictionary_is_missing_is_told(store: Store) -> None:
    pages = [page(number) for number in range(5)]
    save(store, [page(9, outlet="other")], pages)
    store.plain.dictionaries.delete_many({})
    save(store, [page(6)])  # stops nobody
    assert list(packed_by(store).values())[-1] is None

    async def stream(database: Database) -> list[Document]:
        return [{"url": found.url} async for found in Pages(database).stream("news", None)]

    with pytest.raises(StoreError, match=r"https://news.example/0 cannot be read, as dictionary"):
        store.run(stream)
    found = store.run(lambda database: Pages(database).find([one.page or "" for one in pages]))
    assert found == {}


def test_the_newest_dictionary_is_found_by_an_index(store: Store) -> None:
    save(store, [page(number) for number in range(5)])
    recent = {"outlet": "news", "made": {"$gt": page(1).fetched - timedelta(days=1)}}
    command = {"find": "dictionaries", "filter": recent, "sort": {"made": -1}, "limit": 1}
    plan = str(store.plain.command("explain", command)["queryPlanner"]["winningPlan"])
    assert "SORT" not in plan
    assert "COLLSCAN" not in plan

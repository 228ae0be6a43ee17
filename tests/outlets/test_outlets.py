"""Every outlet's frozen pages and sources, field by field: ``asianlite/page-1:published``."""

import json
from dataclasses import fields
from functools import cache

import pytest

from crawler.article import NOT_STORED, Article
from newsworld.world import World
from tests.outlets.outlets import FETCHED, Document, Frozen, spiders

OUTLETS = {name: Frozen(spider) for name, spider in spiders().items()}
FIELDS = [field.name for field in fields(Article) if field.name not in NOT_STORED]
PAGES = [(name, page) for name, frozen in OUTLETS.items() for page in frozen.pages()]
SOURCES = [
    (name, file, source.key)
    for name, frozen in OUTLETS.items()
    for file, source in frozen.sources()
]
SIMULATED = [name for name, frozen in OUTLETS.items() if frozen.is_simulated]
FROM_NEWSWORLD = ("page-1", "page-2")


@cache
def expected(name: str) -> Document:
    return OUTLETS[name].expected()


@cache
def read(name: str, page: str) -> Document:
    article = OUTLETS[name].read_page(page, expected(name)[page]["url"])
    return dict(json.loads(json.dumps(article)))


@cache
def truths() -> dict[str, Document]:
    return {str(story["url"]): dict(story) for story in World(now=FETCHED).truth()}


@pytest.mark.parametrize(
    ("name", "page", "field"),
    [(name, page, field) for name, page in PAGES for field in FIELDS],
    ids=[f"{name}/{page}:{field}" for name, page in PAGES for field in FIELDS],
)
def test_field(name: str, page: str, field: str) -> None:
    assert read(name, page)[field] == expected(name)[page]["article"][field]


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[f"{n}/{p}" for n, p in PAGES])
def test_expectations_are_complete(name: str, page: str) -> None:
    article = expected(name)[page]["article"]
    assert list(article) == list(read(name, page)) == FIELDS
    assert all(article[field] for field in ("title", "body", "published", "language", "origins"))
    assert article["flags"] == []


@pytest.mark.parametrize(
    ("name", "file", "key"), SOURCES, ids=[f"{name}/{key}" for name, _, key in SOURCES]
)
def test_source(name: str, file: str, key: str) -> None:
    wanted = expected(name)[key]
    source = next(source for _, source in OUTLETS[name].sources() if source.key == key)
    leads = OUTLETS[name].read_source(file, source, wanted["url"])
    assert leads == wanted["leads"]
    assert len(leads) > (10 if name in SIMULATED else 1)  # the last one is the next page


@pytest.mark.parametrize("name", OUTLETS)
def test_every_page_and_source_is_frozen(name: str) -> None:
    frozen = OUTLETS[name]
    pages, sources = frozen.pages(), dict(frozen.sources())
    assert pages, f"save a page of {name} in {frozen.folder} (docs/adding-an-outlet.md)"
    assert name not in SIMULATED or {*FROM_NEWSWORLD} < {*pages}
    assert {*expected(name)} == {*pages, *(source.key for source in sources.values())}
    files = {path.name for path in frozen.folder.iterdir()}
    assert files == {*(f"{page}.html" for page in pages), *sources, "expected.json"}


@pytest.mark.parametrize("page", FROM_NEWSWORLD)
@pytest.mark.parametrize("name", SIMULATED)
def test_expectations_are_the_truth(name: str, page: str) -> None:
    """What is expected was not merely copied from what the code once read."""
    article = expected(name)[page]["article"]
    truth = truths()[article["url"]]
    for field in ("outlet", "title", "body", "credit", "dateline", "section", "authors", "tags"):
        assert article[field] == truth[field], field
    published = article["published"]
    assert published["at"] == truth["published"]
    assert (published["offset"], published["precision"]) == (truth["offset"], truth["precision"])


@pytest.mark.parametrize(
    ("name", "file", "key"),
    [source for source in SOURCES if source[0] in SIMULATED],
    ids=[f"{name}/{key}" for name, _, key in SOURCES if name in SIMULATED],
)
def test_leads_are_the_truth(name: str, file: str, key: str) -> None:
    channel = {"feed.xml": 20, "rest.json": 100}.get(file)
    *leads, _ = expected(name)[key]["leads"]
    stories = {lead["url"] for lead in leads} & truths().keys()
    newest = sorted(
        (story for story in truths().values() if story["outlet"] == name),
        key=lambda story: str(story["published"]),
        reverse=True,
    )
    wanted = {str(story["url"]) for story in newest[: channel or 12]}
    assert stories == wanted if channel else stories >= wanted
    for lead in leads:
        if "title" in lead:
            assert lead["title"] == truths()[lead["url"]]["title"]

"""Rules that every outlet, pipeline and setting keeps; an exception names its reason here."""

import ast
import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import available_timezones

import pytest
from pymongo import MongoClient
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings, default_settings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import load_object

from crawler.run.collector import Collector
from crawler.run.parser_pool import ParserPool
from crawler.run.pipeline import Pipeline
from crawler.run.record import RunOptions
from crawler.run.run import Run
from crawler.schedule.planning import read_adaptive_bounds
from crawler.sources import Source
from crawler.spider import OutletSpider, host_matches
from crawler.store.database import Database
from crawler.text.urls import same_site
from settings import base
from tests.outlets.outlets import Frozen, spiders

PROJECT = Path(__file__).resolve().parent.parent
OUTLETS = spiders()
MAX_LINES = 60
"""Of an outlet's file."""

OWN_POLITENESS: dict[str, str] = {}
"""Outlets that may change the settings that keep us polite, each with its reason."""
POLITENESS = frozenset(
    name
    for name in vars(default_settings)
    if re.search(r"DELAY|CONCURREN|AUTOTHROTTLE|ROBOTSTXT|USER_AGENT|THROTTL", name)
)


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((PROJECT / folder).rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def file_of(spider: type[OutletSpider]) -> Path:
    return PROJECT / "spiders" / f"{spider.name}.py"


each_outlet = pytest.mark.parametrize("spider", OUTLETS.values(), ids=OUTLETS.keys())


# -- An outlet is a declaration


def test_one_file_one_outlet() -> None:
    files = {path.stem for path in (PROJECT / "spiders").glob("*.py")} - {"__init__"}
    assert files == OUTLETS.keys()
    assert len(files) >= 2


@each_outlet
def test_file_name_and_class_agree(spider: type[OutletSpider]) -> None:
    classes = [node for node in tree(file_of(spider)).body if isinstance(node, ast.ClassDef)]
    assert [cls.name for cls in classes] == [spider.__name__]
    assert spider.__name__.lower() == spider.name.replace("_", "")
    assert re.fullmatch(r"[a-z][a-z0-9_]*", spider.name)
    assert spider.__doc__
    assert spider.__doc__.strip().endswith(".")


@each_outlet
def test_it_declares_what_it_must(spider: type[OutletSpider]) -> None:
    home = urlsplit(spider.home)
    assert (home.scheme, home.path[-1:], home.query, home.fragment) == ("https", "/", "", "")
    assert spider.title
    assert spider.language
    assert spider.timezone in available_timezones()
    read_adaptive_bounds(spider.schedule)  # or raises
    assert spider.sources
    assert all(isinstance(source, Source) for source in spider.sources)
    assert len({source.key for source in spider.sources}) == len(spider.sources)


@each_outlet
def test_its_sources_are_its_own(spider: type[OutletSpider]) -> None:
    for source in spider.sources:
        url = source.start(spider.home, None, None)
        assert same_site(url, spider.home) or any(host_matches(url, d) for d in spider.domains)


@each_outlet
def test_its_pattern_tells_stories_from_the_rest(spider: type[OutletSpider]) -> None:
    pattern, frozen = re.compile(spider.stories), Frozen(spider).expected()
    pages = [told["url"] for name, told in frozen.items() if name.startswith("page-")]
    assert pages
    assert all(pattern.search(url) for url in pages)
    others = [spider.home, spider.home.rstrip("/"), f"{spider.home}?paged=2"]
    others += [source.start(spider.home, None, None) for source in spider.sources]
    assert not [url for url in others if pattern.search(url)]


@each_outlet
def test_its_file_is_a_declaration(spider: type[OutletSpider]) -> None:
    source = file_of(spider).read_text()
    assert len(source.splitlines()) <= MAX_LINES
    (cls,) = (node for node in tree(file_of(spider)).body if isinstance(node, ast.ClassDef))
    allowed = ast.Assign | ast.AnnAssign | ast.Expr
    assert all(isinstance(node, allowed) for node in cls.body)
    kinds = {type(node) for node in ast.walk(cls)}
    control = {ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.If, ast.For, ast.While}
    assert not kinds & control


def declared_settings(spider: type[OutletSpider]) -> set[str]:
    return set(spider.custom_settings or ())


@each_outlet
def test_it_keeps_our_politeness(spider: type[OutletSpider]) -> None:
    changed = declared_settings(spider) & POLITENESS
    changed |= {
        name for name in ("download_delay", "max_concurrent_requests") if name in vars(spider)
    }
    assert not changed or OWN_POLITENESS.get(spider.name)


def test_no_exception_is_stale() -> None:
    assert {"DOWNLOAD_DELAY", "CONCURRENT_REQUESTS_PER_DOMAIN", "ROBOTSTXT_OBEY"} <= POLITENESS
    for name in OWN_POLITENESS:
        assert declared_settings(OUTLETS[name]) & POLITENESS, f"{name} needs no exception any more"


@each_outlet
def test_start_asks_its_own_hosts_each_once(
    spider: type[OutletSpider], mongodb: str, tmp_path: Path
) -> None:
    """As a run would begin, in a real database."""
    settings = Settings()
    settings.setmodule("settings.test")
    settings.set("EXTENSIONS_BASE", {})
    name = f"test_{uuid4().hex}"

    async def ask() -> list[Request]:
        crawler = Crawler(spider, settings)
        crawler.stats = MemoryStatsCollector(crawler)
        database = Database(uri=mongodb, name=name, data=tmp_path)
        run = Run(database, RunOptions(outlet=spider.name))
        pool = ParserPool(count=1, seconds=5, megabytes=512)
        await run.open()
        try:
            own = spider.from_crawler(crawler)
            own.collect = Collector(own, run, pool).start
            asked = own.start()  # goes on when these are answered
            found = [await anext(asked) for _ in spider.sources]
            return [request for request in found if isinstance(request, Request)]
        finally:
            await run.close()
            await database.close()
            pool.close()

    try:
        requests = asyncio.run(ask())
    finally:
        with MongoClient[dict[str, Any]](mongodb) as client:
            client.drop_database(name)
    assert len({request.url for request in requests}) == len(requests) == len(spider.sources)
    domains = spider().allowed_domains or ()
    for request in requests:
        assert any(host_matches(request.url, domain) for domain in domains)
        assert request.url.startswith("https://")
        assert request.callback
        assert request.errback
    assert all(request.errback for request in requests)


# -- Pipelines


def pipelines() -> dict[str, type]:
    """Every class of `pipelines/`, by its path."""
    return {
        f"pipelines.{path.stem}.{node.name}": load_object(f"pipelines.{path.stem}.{node.name}")
        for path in modules("pipelines")
        for node in tree(path).body
        if isinstance(node, ast.ClassDef)
    }


def test_every_pipeline_is_used_exactly_once() -> None:
    assert pipelines().keys() == base.ITEM_PIPELINES.keys()
    assert len(set(base.ITEM_PIPELINES.values())) == len(base.ITEM_PIPELINES)
    for path, pipeline in pipelines().items():
        assert issubclass(pipeline, Pipeline)
        in_words = re.sub(r"(?<!^)(?=[A-Z])", "_", pipeline.__name__)
        assert in_words.lower() == path.split(".")[1]


@pytest.mark.parametrize("path", [*modules("pipelines")], ids=lambda path: path.stem)
def test_what_is_dropped_is_counted(path: Path) -> None:
    """By `Pipeline.reject`."""
    assert "DropItem" not in path.read_text()


# -- Words

NOT_IMPERATIVE = frozenset(
    "A All An As By For How In It Of One So Such That The Those To What When Where Whether Which "
    "Who Why".split()
)
"""Words that a function's docstring does not begin with."""
NAMED = ("crawler", "pipelines", "scripts", "settings", "spiders", "newsworld", "benchmarks")


def test_functions_say_what_they_do_in_the_imperative() -> None:
    """Beside ruff's D401, which knows fewer words; properties are described by noun phrases."""
    for path in modules(*NAMED):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            text = ast.get_docstring(node)
            if text and not any(ast.unparse(d).endswith("property") for d in node.decorator_list):
                first = text.split(maxsplit=1)[0]
                assert first not in NOT_IMPERATIVE, f"{path}:{node.lineno}: {text[:60]}"


def public_names(path: Path) -> Iterator[str]:
    """The classes and type aliases that a module defines."""
    for node in tree(path).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = ast.unparse(node.value)
            if re.match(r"(Literal|dict|tuple|list|Callable)\[|\w+ \| \w+", value):
                yield node.targets[0].id


def test_no_two_classes_have_one_name() -> None:
    found = Counter(
        name for path in modules(*NAMED) for name in public_names(path) if name[0] != "_"
    )
    assert not [name for name, count in found.items() if count > 1]


@pytest.mark.parametrize("path", [*modules("crawler")], ids=str)
def test_every_module_says_what_lives_there(path: Path) -> None:
    assert ast.get_docstring(tree(path))


# -- Settings

GETTERS = {"get", "getbool", "getint", "getfloat", "getlist", "getdict", "getwithbase"}


def settings_read(path: Path) -> Iterator[str]:
    """Names a module reads from anything called ``settings``, or ``load_settings()``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Subscript):
            owner, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr not in GETTERS:
                continue
            owner, key = node.func.value, node.args[0]
        else:
            continue
        of_settings = re.search(r"settings(\(\))?$", ast.unparse(owner))
        if of_settings and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def test_every_setting_read_is_defined() -> None:
    defined = {
        name for module in (base, default_settings) for name in vars(module) if name.isupper()
    }
    read = {
        (path.name, name)
        for path in modules("crawler", "scripts", "pipelines")
        for name in settings_read(path)
    }
    assert ("database.py", "MONGODB_URI") in read
    assert not {(file, name) for file, name in read if name not in defined}


def test_every_setting_of_our_own_is_read() -> None:
    """A switch that nobody reads is deleted."""
    ours = {name for name in vars(base) if name.isupper()} - set(vars(default_settings))
    known_to_others = {name for name in ours if name.startswith("PLAYWRIGHT")}
    sources = "\n".join(path.read_text() for path in modules("crawler", "scripts", "settings"))
    for name in ours - known_to_others:
        uses = re.findall(rf"\b{name}\b", sources)
        assert len(uses) > 1, name


def test_production_says_what_differs() -> None:
    settings = Settings()
    settings.setmodule("settings.production")
    assert settings["LOG"] == "json"
    assert settings.getint("CLOSESPIDER_TIMEOUT") == 86_400


def test_politeness_is_on_by_default() -> None:
    settings = Settings()
    settings.setmodule("settings.production")
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert settings.getbool("AUTOTHROTTLE_ENABLED")
    assert settings.getfloat("DOWNLOAD_DELAY") >= 1
    assert settings.getfloat("DOWNLOAD_DELAY_JITTER") == 0
    assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert "Dateline/" in settings["USER_AGENT"]
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"]
    for port in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "COOKIES_ENABLED"):
        assert not settings.getbool(port)
    kept = {name: handler for name, handler in settings["DOWNLOAD_HANDLERS"].items() if handler}
    assert kept.keys() == {"http", "https"}

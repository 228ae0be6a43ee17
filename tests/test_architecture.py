"""Who may import whom, and what may stand in which file."""

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rooms import KNOW_MONGODB, ROOMS, WORDS

PROJECT = Path(__file__).resolve().parent.parent
OURS = frozenset("crawler pipelines spiders settings scripts newsworld benchmarks tests".split())
PRODUCTION = ("crawler", "pipelines", "spiders", "settings", "scripts")
MAX_LINES = 400
MAX_TOTAL = 23_200
"""Non-blank lines of production code, to fall: 230 came with `dateline extract FILE`, and 250 with
the parts of a run, writes and collections of their own."""

MAY_IMPORT = {
    "crawler": {"crawler"},
    "pipelines": {"crawler"},
    "spiders": {"crawler.outlet", "crawler.sources", "crawler.spider"},
    "settings": {"settings"},
    "scripts": {"crawler", "pipelines", "settings", "newsworld", "scripts"},
    "newsworld": {"newsworld"},
}
"""The packages of ours (or single modules) that each package may import."""


def files(*packages: str) -> list[Path]:
    found = [path for package in packages for path in sorted((PROJECT / package).rglob("*.py"))]
    assert found
    return found


ALL = files(*(package for package in sorted(OURS) if (PROJECT / package).is_dir()))


def name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), name(path))


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it; of ``from a import b`` also ``a.b``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name(path)} imports relatively"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, allowed: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in allowed)


def dotted(path: Path) -> str:
    """The name by which a file is imported."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def of(path: Path, *parts: str) -> bool:
    return path.is_relative_to(PROJECT.joinpath(*parts))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_inward(package: str) -> None:
    wrong = {
        (name(path), module)
        for path in files(package)
        for module in imports(path)
        if within(module, set(OURS)) and not within(module, MAY_IMPORT[package])
    }
    assert not wrong


def room_of(module: str) -> str:
    """The room of `crawler/` that a module is in; of one directly in it, its name."""
    return module.split(".")[1] if module.startswith("crawler.") else ""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    folder = PROJECT / "crawler" / room
    allowed = ROOMS[room] | {room} | (WORDS if room != "text" else set())
    for path in files(f"crawler/{room}") if folder.is_dir() else [folder.with_suffix(".py")]:
        for module in imports(path):
            assert room_of(module) in {"", *allowed}, (name(path), module)


def test_rooms_are_layers() -> None:
    """What a room may import may not, by whatever way, import that room."""

    def below(room: str) -> set[str]:
        return set(ROOMS[room]).union(*map(below, ROOMS[room]))

    assert not [room for room in ROOMS if room in below(room)]
    found = {path.name.removesuffix(".py") for path in (PROJECT / "crawler").iterdir()}
    assert found - {"__init__", "__pycache__"} == ROOMS.keys() | WORDS


def test_rooms_are_small_and_tell_what_lives_there() -> None:
    for room in {path.parent for path in files("crawler")}:
        inside = [path for path in room.iterdir() if path.is_file()]
        assert len(inside) <= (8 if room.name == "crawler" else 17), room
        assert ast.get_docstring(tree(room / "__init__.py")), room


DRIVER = ("pymongo.asynchronous", "crawler.store.database.plain")
"""What a collection is written to by without a fence."""


def test_only_the_store_and_its_care_reach_a_raw_collection() -> None:
    """All others write by `crawler.store.collection.Collection`, whose writes name a fence."""
    own = ("crawler.store.database", "crawler.store.collection", "crawler.admin")
    for path in files("crawler", "pipelines", "scripts", "spiders", "settings"):
        if dotted(path).startswith(own):
            continue
        found = [module for module in imports(path) if module.startswith(DRIVER)]
        assert not found, name(path)
        private = {"_collection", "_client"} if dotted(path).startswith(KNOW_MONGODB) else set()
        for node in ast.walk(tree(path)):
            is_private = isinstance(node, ast.Attribute) and node.attr in private
            assert not is_private, (name(path), ast.unparse(node))


def test_an_outlet_imports_nothing_else_at_all() -> None:
    for path in files("spiders"):
        assert not [m for m in imports(path) if not within(m, MAY_IMPORT["spiders"])], name(path)


def test_pure_text_knows_nothing_of_the_rest() -> None:
    for path in files("crawler/text"):
        for module in imports(path):
            assert not within(module, {"scrapy", "twisted", "pymongo", "bson"}), name(path)
            assert not within(module, set(OURS)) or within(module, {"crawler.text"}), (
                name(path),
                module,
            )


def test_nobody_imports_spiders_or_scripts() -> None:
    for path in ALL:
        if of(path, "scripts") or of(path, "tests"):
            continue
        assert not [module for module in imports(path) if within(module, {"spiders", "scripts"})], (
            name(path)
        )


def test_only_few_rooms_know_mongodb() -> None:
    for path in ALL:
        if of(path, "tests") or of(path, "benchmarks"):
            continue
        if dotted(path).startswith(KNOW_MONGODB):
            continue
        assert not [
            module for module in imports(path) if within(module, {"pymongo", "bson", "gridfs"})
        ], name(path)


def test_only_the_browser_module_knows_playwright() -> None:
    for path in ALL:
        if of(path, "crawler", "fetch", "browser.py") or of(path, "tests"):
            continue
        assert not [
            module
            for module in imports(path)
            if within(module, {"playwright", "scrapy_playwright"})
        ]


def test_the_browser_is_loaded_only_by_its_setting() -> None:
    for path in ALL:
        assert not [m for m in imports(path) if within(m, {"crawler.fetch.browser"})], name(path)
    named = [path for path in files(*PRODUCTION) if "crawler.fetch.browser" in path.read_text()]
    assert list(map(name, named)) == ["settings/base.py"]


def test_only_one_module_reads_the_environment() -> None:
    for path in ALL:
        if of(path, "settings", "environment.py") or of(path, "tests") or of(path, "benchmarks"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "os":
                assert node.attr not in ("environ", "environb", "getenv", "putenv"), name(path)
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                assert not {alias.name for alias in node.names} & {"environ", "getenv"}, name(path)


def test_no_date_is_made_without_a_zone() -> None:
    for path in ALL:
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            call = f"{ast.unparse(node.func.value).rpartition('.')[2]}.{node.func.attr}"
            arguments = [*node.args, *(k.value for k in node.keywords)]
            assert call not in ("datetime.utcnow", "datetime.utcfromtimestamp", "date.today"), name(
                path
            )
            if call == "datetime.now":
                assert arguments, f"{name(path)}:{node.lineno}"
            if call == "datetime.fromtimestamp":
                assert len(arguments) == 2, f"{name(path)}:{node.lineno}"


def test_nothing_prints_where_output_is_not_the_purpose() -> None:
    for path in ALL:
        if path.relative_to(PROJECT).parts[0] in ("scripts", "newsworld", "benchmarks"):
            continue
        if of(path, "crawler", "mongod", "supervisor.py"):  # its standard output is its log
            continue
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        assert not [node.lineno for node in calls if ast.unparse(node.func) == "print"], name(path)


@pytest.mark.parametrize("path", files(*PRODUCTION), ids=name)
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) < MAX_LINES


def test_the_house_stays_small() -> None:
    """Counted are lines with anything on them."""
    lines = (line for path in files(*PRODUCTION) for line in path.read_text().splitlines())
    assert sum(bool(line.strip()) for line in lines) < MAX_TOTAL


@pytest.mark.parametrize("package", sorted(OURS))
def test_our_names_are_ours(package: str) -> None:
    """No installed package of the same name comes first."""
    module = importlib.import_module(package)
    assert {Path(folder).resolve() for folder in module.__path__} == {PROJECT / package}
    assert package not in sys.stdlib_module_names


HOSTS = re.compile("|".join((r"pypi\.(?:org|python)", r"files\.python" + "hosted", "npm" + "js",
                             r"proxy\." + r"golang", "conda" + r"\.(?:io|anaconda)")))  # fmt: skip
MACHINE = re.compile(r"(?<![\w.{}])/(?:work|home|root|Users|tmp/w)/")
TEXT = {".py", ".toml", ".txt", ".md", ".cfg", ".yaml", ".yml", ".sh", ".json", ".html", ".xml", ""}
SKIPPED = {".git", ".venv", "data", "build", "dist", "node_modules"}


def committed() -> list[Path]:
    """Files of the project, as against what tools and runs leave in its folder."""
    found = []
    for top in PROJECT.iterdir():
        if top.name in SKIPPED or top.name.endswith(("_cache", ".egg-info")):
            continue
        if top.name in (".hypothesis", ".scrapy"):
            continue
        paths = top.rglob("*") if top.is_dir() else [top]
        found += [path for path in paths if path.is_file() and path.suffix in TEXT]
    assert len(found) > 100
    return [path for path in found if "__pycache__" not in path.parts]


def test_no_file_names_a_registrys_host_or_a_machines_path() -> None:
    for path in committed():
        if path == Path(__file__).resolve():
            continue
        text = path.read_text(errors="replace")
        assert not HOSTS.search(text), name(path)
        assert not MACHINE.search(text), (name(path), MACHINE.search(text))

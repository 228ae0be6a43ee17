"""The documents' generated parts, links, names, examples and commands agree with the code."""

import ast
import json
import pkgutil
import re
import runpy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crawler.article import stored_fields, with_iso_dates
from crawler.errors import ExitCode
from crawler.extract.page import FetchedPage, read_page
from crawler.monitor.causes_and_reasons import CAUSES
from crawler.store.schema import INDEXES
from scripts.extract import run_pipelines
from scripts.main import app

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *sorted((PROJECT / "docs").glob("*.md")),
    PROJECT / "README.md",
    PROJECT / "CHANGELOG.md",
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_generated_parts_are_up_to_date(document: Path) -> None:
    generated = runpy.run_path(str(PROJECT / "docs/generate.py"))["generated"]
    text = document.read_text()
    assert generated(text) == text, "run `python docs/generate.py`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", document.read_text()):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        headings = re.findall(r"^#+ (.*)", target.read_text(), re.M) if anchor else []
        slugs = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not anchor or anchor in slugs, link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_modules_and_files_exist(document: Path) -> None:
    text = document.read_text()
    for name in re.findall(r"`((?:crawler|pipelines|scripts|settings)(?:\.[a-z_]\w*)+)`", text):
        if not name.endswith(".py"):
            pkgutil.resolve_name(name)
    for path in re.findall(r"`((?:crawler|pipelines|scripts|settings|tests)/[\w./]*)`", text):
        assert (PROJECT / path).exists(), path


def test_classes_in_the_architecture_exist() -> None:
    named = re.findall(r"`([A-Z]\w*[a-z]\w*)`", (PROJECT / "docs/architecture.md").read_text())
    ours = {
        node.name
        for path in (PROJECT / "crawler").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    assert {"Article", "Lead"} < {*named} <= ours | {"Request", "Response"}


def test_the_worked_example_reads_as_printed() -> None:
    """The page, declaration and article in `adding-an-outlet.md` belong together."""
    blocks = re.findall(
        r"^```(\w+)\n(.*?)^```",
        (PROJECT / "docs/adding-an-outlet.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    (page, declaration, printed) = (text for _, text in blocks)
    assert [kind for kind, _ in blocks] == ["html", "python", "json"]
    names: dict[str, Any] = {}
    exec(declaration, names)
    spider = names["Meridian"]
    url = "https://meridian.example/2024/11/ferry-sails-again/"
    assert re.search(spider.stories, url)
    saved = FetchedPage(url=url, body=page.encode(), encoding=None, fetched=datetime.now(UTC))
    article = run_pipelines(read_page(saved, spider.extraction_config()), spider)
    read = json.loads(json.dumps(with_iso_dates(stored_fields(article))))
    expected = json.loads(printed)
    assert {name: read[name] for name in expected} == expected
    assert "map" not in article.body


def test_the_data_model_names_every_index() -> None:
    _, *sections = re.split(
        r"^## ", (PROJECT / "docs/data-model.md").read_text(), flags=re.MULTILINE
    )
    told: dict[str, int] = {}
    for section in sections:
        named = re.search(
            r"^Index(?:es)?: (.*?)\.(?:\n\n|\n?\Z)", section, re.MULTILINE | re.DOTALL
        )
        name = section.partition("\n")[0].strip("`")
        parts = named[1].split(";") if named else []
        told[name] = len([part for part in parts if "limited" not in part])
    assert {name: told.get(name, 0) for name in INDEXES} == {
        name: len(indexes) for name, indexes in INDEXES.items()
    }


def test_exit_codes_are_those_of_the_code() -> None:
    rows = re.findall(
        r"^\| (\d) \| ([A-Z]+) \| ", (PROJECT / "docs/operating.md").read_text(), re.M
    )
    assert rows == [(str(code.value), code.name) for code in ExitCode]


def test_every_cause_has_a_remedy() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (PROJECT / "docs/health.md").read_text(), re.M)
    named = {cause for row in rows for cause in re.findall(r"`(\w+)`", row)}
    assert CAUSES.keys() <= named


def test_commands_in_the_readme_exist() -> None:
    """Every ``dateline`` command the README shows has a help page that names its options."""
    shown = re.findall(
        r"dateline ([a-z]+(?: start| stop| status| backup| restore)?)(.*)",
        (PROJECT / "README.md").read_text(),
    )
    commands: dict[str, set[str]] = {}
    for command, rest in shown:
        commands.setdefault(command, set()).update(re.findall(r"--[a-z]+", rest))
    assert {"collect", "articles", "show", "export"} <= commands.keys()
    for command, options in commands.items():
        help_page = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
        assert help_page.exit_code == 0, command
        assert all(option in help_page.stdout for option in options), (command, options)

"""The documents' generated parts, links and commands agree with the code."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.store.database import INDEXES

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*sorted((PROJECT / "docs").glob("*.md")), PROJECT / "README.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_generated_parts_are_up_to_date(document: Path) -> None:
    generated = runpy.run_path(str(PROJECT / "docs/generate.py"))["generated"]
    text = document.read_text()
    assert generated(text) == text, "run `python docs/generate.py`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
        assert (document.parent / link).exists(), link


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
        help_page = subprocess.run(
            [sys.executable, "-m", "scripts.main", *command.split(), "--help"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert help_page.returncode == 0, command
        assert all(option in help_page.stdout for option in options), (command, options)

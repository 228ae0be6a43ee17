"""Writes the parts of the documents that follow from the code: ``python docs/generate.py``.

Each part stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``. A test checks that all
parts are up to date.
"""

import ast
import re
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PROJECT = DOCS.parent
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _described(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AnnAssign | ast.Assign, str]]:
    """Yield each assigned name, its statement, and the docstring below it."""
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign):
            target: ast.expr = statement.target
        elif isinstance(statement, ast.Assign):
            target = statement.targets[0]
        else:
            continue
        text = ""
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            text = " ".join(str(following.value.value).replace("``", "`").split())
        yield ast.unparse(target), statement, text


def _sentence(path: Path) -> str:
    text = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n\n")[0]
    return " ".join(text.split()).replace("``", "`")


def _modules() -> str:
    rows = ["| module | what it is |", "|---|---|"]
    paths = sorted((PROJECT / "crawler").glob("[a-z]*.py"))
    rows += [f"| `crawler.{path.stem}` | {_sentence(path)} |" for path in paths]
    return "\n".join(rows)


def _packages() -> str:
    rows = ["| package | what lives there | may import |", "|---|---|---|"]
    rooms = runpy.run_path(str(PROJECT / "tests/rooms.py"))["ROOMS"]
    for room in rooms:
        for path in sorted((PROJECT / "crawler" / room).glob("**/__init__.py")):
            name = ".".join(path.parent.relative_to(PROJECT).parts)
            imports = ", ".join(other for other in rooms if other in rooms[room])
            is_top = path.parent.name == room
            rows.append(f"| `{name}` | {_sentence(path)} | {imports if is_top else 'the same'} |")
    return "\n".join(rows)


def _class_fields(name: str, file: str = "crawler/article.py") -> str:
    tree = ast.parse((PROJECT / file).read_text())
    found = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for field, statement, text in _described(found.body):
        assert isinstance(statement, ast.AnnAssign)
        kind = ast.unparse(statement.annotation).replace("|", "or")
        rows.append(f"| `{field}` | {kind} | {text} |")
    return "\n".join(rows)


def _environment() -> str:
    tree = ast.parse((PROJECT / "settings/environment.py").read_text())
    rows = ["| variable | meaning |", "|---|---|"]
    for _, statement, text in _described(tree.body):
        if found := re.search(r"environ\.get\('(\w+)'", ast.unparse(statement)):
            rows.append(f"| `{found[1]}` | {text} |")
    return "\n".join(rows)


def _pipelines() -> str:
    from settings.base import ITEM_PIPELINES  # noqa: PLC0415 - only this part needs the package

    rows = ["| step | what it does |", "|---|---|"]
    for path in sorted(ITEM_PIPELINES, key=lambda path: ITEM_PIPELINES[path]):
        module = path.rpartition(".")[0]
        tree = ast.parse((PROJECT / f"{module.replace('.', '/')}.py").read_text())
        rows.append(f"| `{module}` | {ast.get_docstring(tree)} |")
    return "\n".join(rows)


def _metrics() -> str:
    from crawler.monitor.metrics import GAUGES, UP, WAITING  # noqa: PLC0415

    rows = [f"| `{name}` | | {meaning} |" for name, meaning in (UP, WAITING)]
    for gauge in GAUGES:
        labels = ", ".join(f"`{label}`" for label in ("outlet", *gauge.labels))
        rows.append(f"| `dateline_{gauge.name}` | {labels} | {gauge.meaning} |")
    return "\n".join(["| metric | labels | meaning |", "|---|---|---|", *rows])


PARTS: dict[str, Callable[[], str]] = {
    "modules": _modules,
    "packages": _packages,
    "article": lambda: _class_fields("Article"),
    "timestamp": lambda: _class_fields("Timestamp", "crawler/text/dates/timestamp.py"),
    "image": lambda: _class_fields("Image"),
    "leftout": lambda: _class_fields("LeftOut"),
    "environment": _environment,
    "pipelines": _pipelines,
    "metrics": _metrics,
}


def generated(text: str) -> str:
    """Return the document with its generated parts as the code has them now."""
    return PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}\n{part[3]}", text)


if __name__ == "__main__":
    for document in DOCS.glob("*.md"):
        document.write_text(generated(document.read_text()))

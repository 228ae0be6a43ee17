"""Every reason that the code can give for what became of an address has its sentence."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from crawler.fetch.failure_reasons import _NETWORK_ERRORS, RequestRefused
from crawler.monitor.causes_and_reasons import (
    CAUSES,
    FAMILIES,
    PASSED_OVER,
    REASONS,
    UNREADABLE_ENTRIES,
    Cause,
    cause_of_failure,
    find_reason,
)

EXPECTED = frozenset({"older", "beyond_newest", "beyond_limit"})
"""Reasons that say only that an entry was not asked for."""
PROJECT = Path(__file__).resolve().parents[3]
RAISED = {"ParseFailure": 0, "RequestRefused": 0, "reject": 0, "record_outcome": 2}
"""What takes a reason, and at which place."""
RETURNED = {
    "crawler/fetch/failure_reasons.py": {"failure_reason"},
    "crawler/extract/challenge.py": {"read_challenge", "_kind"},
}
"""What returns one."""
MODULES = sorted(
    path for part in ("crawler", "pipelines") for path in (PROJECT / part).rglob("*.py")
)


def name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def texts(node: ast.expr, module: str) -> Iterator[str]:
    """The texts an expression may come to: those it states, by constants too; of others, none.

    Of an f-string what stands before its first value, with an ``X`` for the rest.
    """
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield f"{text}X"
        case ast.Name(id=constant) if constant.isupper():
            yield str(getattr(import_module(module), constant))
        case ast.BoolOp(values=values):
            for value in values:
                yield from texts(value, module)
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts(body, module)
            yield from texts(orelse, module)


def returned() -> Iterator[str]:
    for path, functions in RETURNED.items():
        module = path.removesuffix(".py").replace("/", ".")
        for function in ast.walk(ast.parse((PROJECT / path).read_text())):
            if isinstance(function, ast.FunctionDef) and function.name in functions:
                for node in ast.walk(function):
                    if isinstance(node, ast.Return) and node.value:
                        yield from texts(node.value, module)


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """All of the code, with the module it stands in."""
    for path in MODULES:
        module = ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            yield module, node


def given() -> set[str]:
    """All reasons that are written in the code."""
    found: set[str] = set()
    for module, node in nodes():
        if isinstance(node, ast.Call) and name(node) in RAISED:
            place = RAISED[name(node)]
            if len(node.args) > place:
                found |= set(texts(node.args[place], module))
        match node:
            case ast.Assign(targets=[ast.Name(id="reason")], value=ast.JoinedStr() as value):
                found |= set(texts(value, module))
    found |= set(returned())
    found |= set(_NETWORK_ERRORS.values())
    return {reason for reason in found if re.fullmatch(r"[a-z0-9_]+X?", reason)}


GIVEN = sorted(given() - {"http_X", "no_X"})
"""These two are tried by their forms below."""


def test_the_code_is_read() -> None:
    told = {"no_body", "only_boilerplate", "offsite", "robots_X", "pipeline_X", "callback_X",
            "not_html", "redirected_away", "parse_timeout", "malformed_X", "out_of_range",
            "unstorable", "not_modified", "dns", "too_large", "error_X", "stopped", "soft_404",
            "captcha_page"}  # fmt: skip
    assert told - {"no_body"} <= set(GIVEN)
    assert issubclass(RequestRefused, Exception)


@pytest.mark.parametrize("reason", [*GIVEN, "http_404", "http_799", "no_title", "no_body"])
def test_every_reason_has_a_sentence_and_a_cause(reason: str) -> None:
    found = find_reason(reason)
    assert found
    assert found.sentence[0].isupper()
    assert found.sentence.endswith(".")
    assert found.cause in CAUSES


def test_no_sentence_is_made_up() -> None:
    for reason in ("nonsense", "http_", "http_x", "robots", *FAMILIES):
        assert find_reason(reason) is None
    assert all(find_reason(name) == reason for name, reason in REASONS.items())


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("http_403", "blocked"),
        ("http_404", "pages_gone"),
        ("http_503", "site_down"),
        ("http_418", "unreadable"),
        ("robots_disallowed", "blocked"),
        ("robots_http_503", "site_down"),
        ("error_ValueError", "unreadable"),
        ("not_a_feed", "unreadable"),
    ],
)
def test_what_a_failure_tells(reason: str, cause: Cause) -> None:
    assert cause_of_failure(reason) == cause


def test_entries_are_passed_over_for_reasons_that_are_expected_or_have_a_remedy() -> None:
    used: set[str] = set()
    for module, node in nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("passed_over.add"):
            used |= set(texts(node.args[0], module))
    assert used == PASSED_OVER.keys() | EXPECTED
    assert EXPECTED.isdisjoint(PASSED_OVER)
    assert PASSED_OVER.keys() > UNREADABLE_ENTRIES


def test_every_cause_has_its_words() -> None:
    assert set(get_args(Cause)) == CAUSES.keys()

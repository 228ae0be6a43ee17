"""The text of a story that a page carries for its scripts and shows only when they have run."""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from crawler.extract.structure import paragraphs_of
from crawler.text.paragraphs import Paragraph, size_of
from crawler.text.tidy import tidy

_LONGEST = 5_000_000  # characters of a script that is looked at
_PARAGRAPHS = 3  # what has fewer is no story
# A long string of JSON; linear, because each attempt ends at the next quotation mark.
_STRING = re.compile(r'"((?:[^"\\]|\\.){400,})"', re.DOTALL)
_PARAGRAPH = re.compile(r"<p[ >]", re.IGNORECASE)
_DEEP = 64  # levels of rich text


def read_state(root: etree._Element) -> list[Paragraph]:
    """Return the paragraphs of the longest text in the page's scripts, of HTML or rich text."""
    texts: list[list[Paragraph]] = [[]]
    best = ""
    for script in root.iter("script"):
        text = script.text or ""
        if len(text) > _LONGEST:
            continue
        if "\\u003cp" in text.lower() or "<p" in text:
            for string in _strings(text, depth=2):
                if len(string) > len(best) and len(_PARAGRAPH.findall(string)) >= _PARAGRAPHS:
                    best = string
        if '"paragraph"' in text:
            texts += _rich_texts(text)
    if best:
        texts.append(_paragraphs(best))
    return max(texts, key=size_of)


def _paragraphs(markup: str) -> list[Paragraph]:
    # As bytes: a string may declare an encoding or hold lone surrogates, which lxml refuses.
    parser = etree.HTMLParser(encoding="utf-8")
    root = etree.fromstring(markup.encode(errors="replace"), parser=parser)
    return [] if root is None else paragraphs_of([root])  # nothing but comments has no root


def _strings(text: str, depth: int) -> Iterator[str]:
    """Yield the long strings of JSON in `text`, of which some hold JSON themselves."""
    for found in _STRING.finditer(text):
        try:
            string = json.loads(f'"{found[1]}"', strict=False)
        except ValueError:
            continue
        inner = list(_strings(string, depth - 1)) if depth > 1 and '":' in string else []
        yield from inner or [string]


def _rich_texts(text: str) -> Iterator[list[Paragraph]]:
    """Yield the texts in JSON that are lists of typed nodes (ProseMirror, Contentful, Slate)."""
    try:
        queue = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while queue:
        value = queue.pop()
        if isinstance(value, dict):
            queue += value.values()
        elif isinstance(value, list):
            queue += value
            nodes = [node for node in value if _kind(node).startswith(("paragraph", "heading"))]
            if len(nodes) >= _PARAGRAPHS:
                yield [
                    Paragraph(line, "p" if _kind(node).startswith("paragraph") else "h2")
                    for node in nodes
                    if (line := tidy(_text_of(node)))
                ]


def _kind(node: Any) -> str:
    return str(node.get("type") or node.get("nodeType")) if isinstance(node, dict) else ""


def _text_of(node: Any, depth: int = 0) -> str:
    if not isinstance(node, dict) or depth > _DEEP:
        return ""
    for name in ("text", "value"):
        if isinstance(node.get(name), str):
            return str(node[name])
    inner = node.get("content") or node.get("children")
    return "".join(_text_of(child, depth + 1) for child in inner) if isinstance(inner, list) else ""

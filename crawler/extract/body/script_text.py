"""The text of a story that a page carries in its scripts and shows only when they have run."""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from crawler.extract.body.structure import read_paragraphs
from crawler.text.paragraphs import Paragraph, text_length
from crawler.text.tidy import tidy

_MAX_SCRIPT = 5_000_000  # characters of a script that is looked at
_MIN_PARAGRAPHS = 3  # what has fewer is no story
_STRING_CONTENT = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)  # of a string of JSON
_MIN_TEXT = 400  # characters of a string that may be a text
_PARAGRAPH = re.compile(r"<p[ >]", re.IGNORECASE)
_MAX_DEPTH = 64  # levels of rich text


def read_script_text(root: etree._Element) -> list[Paragraph]:
    """Return the paragraphs of the longest text in the page's scripts, of HTML or rich text."""
    texts: list[list[Paragraph]] = [[]]
    best = ""
    for script in root.iter("script"):
        text = script.text or ""
        if len(text) > _MAX_SCRIPT:
            continue
        if "\\u003cp" in text.lower() or "<p" in text:
            for string in _strings(text, depth=2):
                if len(string) > len(best) and len(_PARAGRAPH.findall(string)) >= _MIN_PARAGRAPHS:
                    best = string
        if '"paragraph"' in text:
            texts += _rich_texts(text)
    if best:
        texts.append(_paragraphs(best))
    return max(texts, key=text_length)


def _paragraphs(markup: str) -> list[Paragraph]:
    # As bytes: a string may declare an encoding or hold lone surrogates, which lxml refuses.
    parser = etree.HTMLParser(encoding="utf-8")
    root = etree.fromstring(markup.encode(errors="replace"), parser=parser)
    return [] if root is None else read_paragraphs([root])  # nothing but comments has no root


def _strings(text: str, depth: int) -> Iterator[str]:
    """Yield the long strings of JSON in `text`, of which some hold JSON themselves."""
    for found in _long_strings(text):
        try:
            string = json.loads(f'"{found}"', strict=False)
        except ValueError:
            continue
        inner = list(_strings(string, depth - 1)) if depth > 1 and '":' in string else []
        yield from inner or [string]


def _long_strings(text: str) -> Iterator[str]:
    """Yield the insides of long strings; any quotation mark may begin one.

    One that is never closed ends the search: those that begin within it are not closed either.
    """
    at = text.find('"')
    while at >= 0:
        inside = _STRING_CONTENT.match(text, at + 1)
        assert inside  # it matches nothing, too
        end = inside.end()
        if text[end : end + 1] != '"':
            return
        if end - at > _MIN_TEXT:
            yield inside[0]
            at = end
        at = text.find('"', at + 1)


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
            if len(nodes) >= _MIN_PARAGRAPHS:
                yield [
                    Paragraph(line, "p" if _kind(node).startswith("paragraph") else "h2")
                    for node in nodes
                    if (line := tidy(_text_of(node)))
                ]


def _kind(node: Any) -> str:
    return str(node.get("type") or node.get("nodeType")) if isinstance(node, dict) else ""


def _text_of(node: Any, depth: int = 0) -> str:
    if not isinstance(node, dict) or depth > _MAX_DEPTH:
        return ""
    for name in ("text", "value"):
        if isinstance(node.get(name), str):
            return str(node[name])
    inner = node.get("content") or node.get("children")
    return "".join(_text_of(child, depth + 1) for child in inner) if isinstance(inner, list) else ""

import json

from lxml import html

from crawler.extract.body.script_text import read_script_text

PROSE = [
    f"Ferry {number} left the pier with sixty people and two carts on board. " * 3
    for number in (1, 2, 3)
]
TEXT = "".join(f'<p class="x">{text}</p>' for text in PROSE)
READ = [text.strip() for text in PROSE]


def read(script: str) -> list[str]:
    page = html.document_fromstring(f"<html><body><script>{script}</script></body></html>")
    return [part.text for part in read_script_text(page)]


def test_the_text_is_found_in_the_state_of_an_application() -> None:
    state = json.dumps({"id": 7, "story": {"title": "The ferry", "html": TEXT}})
    assert read(f"window.state = {state};".replace("<", "\\u003c")) == READ


def test_the_text_is_found_in_json_within_a_string_of_json() -> None:
    inner = json.dumps({"story": {"html": TEXT}})
    pushed = json.dumps([1, f"7:{inner}"]).replace("<", "\\u003c")
    assert read(f"self.push({pushed})") == READ


def test_rich_text_is_read_as_paragraphs() -> None:
    nodes = [
        {
            "type": "paragraph",
            "content": [{"type": "text", "value": text[:20]}, {"text": text[20:]}],
        }
        for text in PROSE
    ]
    advert = {"type": "ad", "content": [{"type": "text", "value": "Buy salt."}]}
    state = {"story": {"body": {"type": "document", "content": [nodes[0], advert, *nodes[1:]]}}}
    assert read(json.dumps(state)) == READ


def test_what_is_no_unicode_or_no_text_does_no_harm() -> None:
    text = '<?xml version="1.0" encoding="latin-1"?>\ud800\x00' + TEXT
    assert read(json.dumps(text).replace("<", "\\u003c"))[-1] == READ[-1]
    assert read(json.dumps("<!--" + TEXT).replace("<", "\\u003c")) == []


def test_a_string_without_paragraphs_is_no_text() -> None:
    assert read(json.dumps({"css": "a { b: c } " * 100, "html": f"<p>{'x ' * 300}</p>"})) == []
    assert read('"' + "<p>\\" * 500) == []

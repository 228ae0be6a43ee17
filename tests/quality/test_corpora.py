"""What mends encodings harms no real page; without the corpora there is nothing to test."""

import pytest

from benchmarks.quality.__main__ import CORPORA
from crawler.extract.encoding import decode
from crawler.reparse.corpus import corpora, saved_pages
from crawler.text.tidy import tidy

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here")


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def test_pages_decode_as_their_gold_says_and_true_text_stays() -> None:
    """A few pages are encoded twice or escaped twice in part, in their gold too."""
    pages = other = titles = changed = 0
    for place in corpora(CORPORA):
        for saved in saved_pages(place):
            if saved.path.is_file():
                body = saved.page().body
                told = body.decode(saved.gold["encoding"], errors="replace").lstrip("\ufeff")
                if "\ufffd" not in told:
                    pages += 1
                    other += any(decode(body, name) != told for name in (None, "latin-1"))
            if title := saved.gold.get("title"):
                titles += 1
                changed += letters(tidy(title)) != letters(title)
    assert pages > 1000
    assert other <= pages / 400
    assert titles > 500
    assert changed <= titles / 200

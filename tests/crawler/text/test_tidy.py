import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.tidy import tidy

# Characters whose removal, folding or composition could bring out another.
TRICKY = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "ae\u0301\u200b\u200c\u200d\u2060\ufeff\u00a0\u2028\r\n\t \ud800\udc00\x00"
        ),
        st.sampled_from("\u202e\u1100\u1161\u0915\u094d\u2764\ufe0f\u2126\u2329\u05d0\u05bc"),
        st.characters(),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\u00a0 \n words\u2003", "two words"),
        ("cafe\u0301", "café"),
        ("a\ud800b", "a\ufffdb"),
        ("nul\x00, bell\x07, soft\u00adhyphen", "nul, bell, softhyphen"),
        ("evil \u202etxt.exe\u202c, zero\u200bwidth\ufeff", "evil txt.exe, zerowidth"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚒", "👩\u200d🚒"),
        ("la\u200cm\u200de", "lame"),
    ],
)
def test_tidy(text: str, expected: str) -> None:
    assert tidy(text) == expected


@given(TRICKY)
def test_tidying_again_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(TRICKY)
def test_tidy_text_can_be_stored_on_one_line(text: str) -> None:
    tidy(text).encode()
    assert not set(tidy(text)) & set("\n\r\x00\u202e\u200b")

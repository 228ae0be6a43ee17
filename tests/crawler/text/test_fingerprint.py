import pytest

from crawler.text.fingerprint import fingerprint, word_count


def test_case_spacing_punctuation_and_width_do_not_count() -> None:
    assert fingerprint("The Ferry’s Late", "It left\n\nat 9.") == fingerprint(
        "THE FERRYS  LATE", "“It left at ９”"
    )


@pytest.mark.parametrize(
    ("title", "body"),
    [("The ferry is late", "It left at 8"), ("The ferry is", "late It left at 9")],
)
def test_another_text_has_another_fingerprint(title: str, body: str) -> None:
    assert fingerprint(title, body) != fingerprint("The ferry is late", "It left at 9")


def test_vowel_signs_count() -> None:
    assert fingerprint("कि", "") != fingerprint("का", "")


def test_a_lone_surrogate_is_no_error() -> None:
    assert len(fingerprint("a\ud800", "b")) == 64


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("", None, 0),
        ("The state-owned ferry isn’t late — yet.", "en", 6),
        ("港口今天关闭。", "zh", 6),
        ("Der 港 Hafen", "de", 3),
        ("부산항은 오늘(今日) 닫혔다", "ko", 3),
        ("ท่าเรือ", "th", 5),
    ],
)
def test_word_count(text: str, language: str | None, words: int) -> None:
    assert word_count(text, language) == words

"""Folded text, fingerprints and word counts: the same for a text however it is set."""

import hashlib
import re
import unicodedata

from crawler.text.tidy import limit_runs

# Thai, Lao, Tibetan, Burmese, Khmer, kana, bopomofo and Han: written without spaces between words.
UNSPACED = re.compile(
    "[\u0e01-\u0e30\u0e40-\u0e46\u0e81-\u0eb0\u0ec0-\u0ec6\u0f40-\u0f6c\u1000-\u102a\u1780-\u17b3"
    "\u3041-\u3096\u30a1-\u30fa\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
# What is neither letter nor digit; the ASCII part of it, nearly all, goes without a closer look.
_ASCII = re.compile(r"[\x00-/:-@\[-`{-\x7f]+")
_FOLDED = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)}
_NOT_LETTER = re.compile(r"\W|_")


def fold(text: str) -> str:
    """Reduce `text` to its letters, vowel signs and digits, without case or compatibility forms.

    Two texts that a reader would call the same fold to the same string.
    """
    if text.isascii():
        return text.translate(_FOLDED)
    text = "".join(limit_runs(text).split())  # nearly all of what goes, at once
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _NOT_LETTER.sub(lambda char: char[0] if _is_sign(char[0]) else "", _ASCII.sub("", text))


def fingerprint(title: str, body: str) -> str:
    """Return the SHA-256 (64 hex digits) of the folded title and body."""
    return hashlib.sha256(f"{fold(title)}\n{fold(body)}".encode(errors="replace")).hexdigest()


def word_count(text: str, language: str | None = None) -> int:
    """Count the words of `text`.

    In scripts written without spaces every letter counts as one, except in a `language` (BCP 47)
    that puts spaces between words whatever the script: Korean and Vietnamese.
    """
    if not text.isascii() and not (language or "").lower().startswith(("ko", "vi")):
        text = UNSPACED.sub(" x ", text)
    return sum(word.isalnum() or any(map(str.isalnum, word)) for word in text.split())


def _is_sign(char: str) -> bool:
    # Vowel signs of Indic and other scripts are marks; variation selectors are marks but no text.
    return unicodedata.category(char)[0] == "M" and not "\ufe00" <= char <= "\ufe0f"

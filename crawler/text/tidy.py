"""Text as it should be stored: one Unicode form, no invisible characters, one kind of space."""

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
# Controls that are not white space, soft hyphen, zero-width characters, bidirectional controls
# (which can make text read other than it is stored: CVE-2021-42574), and non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# ZWNJ and ZWJ change what is read only after a letter of a joining script (Hebrew to Khmer and
# Mongolian; not Hangul) or within an emoji sequence.
_IDLE_JOINER = re.compile(
    "(?<![\u0590-\u10ff\u1200-\u1cff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
_BLANK_LINE = re.compile(r"\n\s*\n")


def tidy(text: str) -> str:
    """Make `text` one clean line.

    The result is in Unicode normal form C, with lone surrogates replaced by U+FFFD, control,
    zero-width and bidirectional characters removed and every run of white space made one space.
    """
    return " ".join(_visible(text).split())


def tidy_body(text: str) -> str:
    """Make `text` clean paragraphs with one blank line between them.

    A paragraph ends at a blank line; a single line break inside one is a space.
    """
    paragraphs = (" ".join(part.split()) for part in _BLANK_LINE.split(_visible(text)))
    return "\n\n".join(part for part in paragraphs if part)


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text))
    text = _IDLE_JOINER.sub("", unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", text)

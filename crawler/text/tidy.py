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


def tidy(text: str) -> str:
    """Make `text` one clean line.

    The result is in Unicode normal form C, with lone surrogates replaced by U+FFFD, control,
    zero-width and bidirectional characters removed and every run of white space made one space.
    """
    # What is to be removed or replaced is not printable, nor is any space but the common one.
    if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join(text.split())
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text
    text = _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text))
    text = _IDLE_JOINER.sub("", unicodedata.normalize("NFC", text))
    return " ".join(unicodedata.normalize("NFC", text).split())

"""Sentences that a text has lost of its gold, and those that leaked into it."""

import re
import unicodedata
from dataclasses import dataclass

_END = re.compile(r"(?<=[.!?])[\"'”’»)\]]*\s+|(?<=[。！？।؟۔])|\n+")
_WORD = re.compile(r"\w+")
_SHORTEST = 12
"""Letters and digits; what is shorter occurs in other sentences by chance."""


@dataclass(frozen=True, slots=True)
class SentenceComparison:
    """A text beside its gold."""

    lost: list[str]
    """Sentences of the gold that the text has not."""
    leaked: list[str]
    """Sentences of the text that the gold has not."""
    gold: int
    """Sentences in the gold."""
    text: int
    """Sentences in the text."""


def compare(gold: str, text: str) -> SentenceComparison:
    """Compare sentence by sentence; letters and digits count, case and all else does not."""
    wanted, found = sentences(gold), sentences(text)
    in_gold, in_text = fold(gold), fold(text)
    return SentenceComparison(
        lost=[sentence for sentence in wanted if fold(sentence) not in in_text],
        leaked=[sentence for sentence in found if fold(sentence) not in in_gold],
        gold=len(wanted),
        text=len(found),
    )


def sentences(text: str) -> list[str]:
    """Split after full stops and at line ends, without the very short."""
    parts = (part.strip() for part in _END.split(text))
    return [part for part in parts if len(fold(part)) >= _SHORTEST]


def fold(text: str) -> str:
    """Return the letters and digits alone, in one case and one form."""
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))

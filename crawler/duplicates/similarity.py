"""Similarity of two stories: the same words in the same order, or one event in other words.

Copies of one wire story share on average only 30 % of their 3-grams: each desk cuts, adds and
rewrites (E. Silcock and others, "Noise-Robust De-Duplication at Scale", 2023). So a copy is
recognised by what survives: far more of the shorter text's word order is in the other than the
words they share would explain, and words that are rare elsewhere are in both. Two reports of one
event share the rare words, names and numbers without the order. A word's rarity is counted in the
newest stories of its language: there is no list of stop words.
"""

import re
import unicodedata
import zlib
from array import array
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, islice
from math import inf, log, sqrt
from typing import NamedTuple

from crawler.text.fingerprint import UNSPACED

COUNTED_STORIES = 2_000
"""Newest stories of a language whose words are counted, at least, where there are so many."""
_FORGOTTEN_TOGETHER = 250  # the oldest ones
SHINGLE = 3
"""Words in a shingle."""
WORD_FLAG = 1 << 32
"""Set in keys that are words, not shingles."""

_QUOTED = re.compile(
    "(“[^“”\n]{1,800}[”“]|„[^“”\n]{1,800}[”“]"  # each begins with a letter: that is found faster
    '|"[^"\n]{1,800}"|«[^«»\n]{1,800}»|「[^「」\n]{1,800}」)'
)
_MAX_LETTERS = 12_000  # read of a text
_STEM_BYTES = 7  # of a word: its forms count as one
_RUN = re.compile(r"\d+|[^\W\d_]+")
_PLAIN_RUN = re.compile(rb"[0-9]+|[^0-9 ]+")
_SPACED = bytes(at if at > 127 or chr(at).isalnum() else 32 for at in range(256))
_ASCII = bytes(range(128))
_KINDS = bytes(32 if at == 32 else 48 if chr(at) in "0123456789" else 97 for at in range(256))
_SAMPLE_BELOW = 2**32 // 8  # shingles with a smaller hash: one in eight
_NUMBER, _SHORT = 1, 2  # flags in the hashes of such words
_MIN_SHINGLES, _MAX_SHINGLES = 12, 48  # shingles by which a story is found
_MIN_WORD_BYTES = 4  # UTF-8, of a word by which a story is found
_MAX_COUNT = 3  # more occurrences of a word in a story add nothing
_MAX_TERMS = 16  # words by which a story is found
_RARE_SHARE = 0.015  # of the newest stories: words in no more of them are rare
_MIN_RARE = 4  # stories: the same while few are known
_COMMON_KEY_SHARE = 0.03  # of the newest stories: a key in more of them finds too many
_MIN_CONTAINED = 0.16  # of the shorter text's shingles: no copy has less
_FEW_STORIES_PENALTY = 40  # log-odds times stories: while few are known all words seem rare


@dataclass(frozen=True, slots=True)
class Sketch:
    """Hashes by which a text is recognised."""

    shingles: frozenset[int] = frozenset()
    """Hashes of every three words in a row."""
    words: frozenset[int] = frozenset()
    """Hashes of its words, headline included."""


@dataclass(frozen=True, slots=True)
class WeightedSketch:
    """A sketch, and the weight of its words."""

    sketch: Sketch
    weight: float
    rare: frozenset[int]
    """Its words that a few other stories have."""
    numbers: frozenset[int]


class MatchScores(NamedTuple):
    """Log-odds that two stories match: above 0 it is more likely than not."""

    copy: float
    """One is a copy of the other, or both of a third."""
    event: float
    """Both report one event, in whatever words."""


def tokens(text: str) -> list[bytes]:
    """Return the words of `text` in one case, as UTF-8; without spaces, every two letters.

    A word is a run of letters or of digits.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.casefold()
    plain = text.encode(errors="replace")
    odd = set(plain.translate(None, _ASCII).decode())
    if any(map(str.isdecimal, odd)) or UNSPACED.search("".join(odd)):
        return " ".join(_runs(text)).encode().split()
    for char in odd:  # a table of bytes does the rest, in a tenth of the time of a pattern
        if not char.isalnum():
            plain = plain.replace(char.encode(), b" ")
    plain = plain.translate(_SPACED)
    kinds = plain.translate(_KINDS)
    return _PLAIN_RUN.findall(plain) if b"0a" in kinds or b"a0" in kinds else plain.split()


def _runs(text: str) -> list[str]:
    found: list[str] = []
    for run in _RUN.findall(text):
        if UNSPACED.search(run) and len(run) > 1:
            found += [run[at : at + 2] for at in range(len(run) - 1)]
        else:
            found.append(run)
    return found


def sketch(title: str, body: str) -> tuple[Sketch, Mapping[int, int]]:
    """Return the sketch of a story, and the number of times each word is in it.

    Quotations count for their words only: two reporters in one room quote the same sentence.
    """
    parts = _QUOTED.split(body[:_MAX_LETTERS])
    own = tokens(" ".join(parts[::2]))
    quoted = tokens(" ".join([title[:_MAX_LETTERS], *parts[1::2]]))
    # Where every two letters are a word, three in a row are those that have no letter in common.
    step = 2 if 2 * len(UNSPACED.findall(body[:_MAX_LETTERS])) > len(own) else 1
    rows = [islice(own, at, None) for at in range(0, SHINGLE * step, step)]
    shingles = frozenset(map(zlib.crc32, map(b" ".join, zip(*rows, strict=False))))
    if step == 2:  # of one for each letter three in five, for a word has more than one
        shingles = frozenset([shingle for shingle in shingles if shingle % 5 < 3])
    counts = Counter(map(_word_hash, chain(quoted, own)))
    return Sketch(shingles, frozenset(counts)), counts


@lru_cache(maxsize=100_000)
def _word_hash(word: bytes) -> int:
    """Hash a word by its beginning, with the flags `_NUMBER` and `_SHORT`."""
    kind = _NUMBER * word.isdigit() | _SHORT * (len(word) < _MIN_WORD_BYTES)
    return zlib.crc32(word[:_STEM_BYTES]) & ~(_NUMBER | _SHORT) | kind


class WordFrequencies:
    """Counts of a language's newest stories that have each word and each key."""

    def __init__(self) -> None:
        self._stories: deque[tuple[array[int], array[int]]] = deque()
        self._words: Counter[int] = Counter()
        self._keys: Counter[int] = Counter()
        self._limit = _MIN_RARE
        self._settle()

    def add(self, words: Iterable[int], keys: Iterable[int]) -> None:
        """Count one more story; now and then, stop counting the oldest."""
        self._words.update(words)
        self._keys.update(keys)
        self._stories.append((array("I", words), array("Q", keys)))
        if len(self._stories) >= COUNTED_STORIES + _FORGOTTEN_TOGETHER:
            self._forget()
        stories = len(self._stories)
        self._limit = max(_MIN_RARE, int(_RARE_SHARE * stories))
        self._unsettled += 1
        if self._unsettled > stories // 5:
            self._settle()

    def _settle(self) -> None:
        """Compute all weights anew, each on first use; not after each story, for it costs.

        A weight is the square of a word's inverse document frequency.
        """
        counts, stories = self._words, len(self._stories) + 10
        self._weight = cache(lambda word: log(stories / (counts.get(word, 0) + 0.5)) ** 2)
        self._unsettled = 0

    def _forget(self) -> None:
        oldest = [self._stories.popleft() for _ in range(_FORGOTTEN_TOGETHER)]
        for counts, gone in zip((self._words, self._keys), zip(*oldest, strict=True), strict=True):
            for hashed, times in Counter(chain.from_iterable(gone)).items():
                if counts[hashed] > times:
                    counts[hashed] -= times
                else:
                    counts.pop(hashed)  # `del` of a counter takes longer

    def weigh(self, sketch: Sketch) -> WeightedSketch:
        """Return a story ready to be compared, its words weighted by the counts of now."""
        counts, limit = self._words.get, self._limit
        return WeightedSketch(
            sketch,
            weight=sum(map(self._weight, sketch.words)),
            # A word that no other story has is as likely a typing error as a name.
            rare=frozenset([word for word in sketch.words if 1 < counts(word, 0) <= limit]),
            numbers=frozenset([word for word in sketch.words if word & _NUMBER]),
        )

    def keys(self, sketch: Sketch, counts: Mapping[int, int]) -> list[int]:
        """Return the keys by which a story is found: sampled shingles, and its heaviest words.

        A sample by hash is the same for the same shingles (A. Broder, "On the resemblance and
        containment of documents", 1997).
        """
        sample = [shingle for shingle in sketch.shingles if shingle < _SAMPLE_BELOW]
        ordered = sorted(sample)[:_MAX_SHINGLES]
        if len(ordered) < _MIN_SHINGLES:
            ordered = sorted(sketch.shingles)[:_MIN_SHINGLES]
        weight = self._weight
        # By the words themselves where they are worth the same, for copies to have the same ones.
        heaviest = sorted(
            [
                (-weight(word) * (count if count < _MAX_COUNT else _MAX_COUNT), word)
                for word, count in counts.items()
                if not word & _SHORT
            ]
        )
        return [*ordered, *(WORD_FLAG | word for _, word in heaviest[:_MAX_TERMS])]

    def compare(self, a: WeightedSketch, b: WeightedSketch, days: float) -> MatchScores:
        """Return the scores of two stories that were published so many days apart.

        The numbers were fitted by logistic regression (`benchmarks/similar`).
        """
        shared = a.sketch.words & b.sketch.words
        total = sqrt(a.weight * b.weight)
        cosine = log((sum(map(self._weight, shared)) / total if total else 0) + 0.02)
        shorter = min(len(a.sketch.shingles), len(b.sketch.shingles))
        in_order = len(a.sketch.shingles & b.sketch.shingles)
        contained = in_order / max(1, shorter)
        rare = len(a.rare & b.rare)
        agreeing = log(rare / max(1, len(a.rare) + len(b.rare) - rare) + 0.03)
        numbers = min(len(a.numbers), len(b.numbers)) - len(a.numbers & b.numbers)
        differing = log(1 + numbers)
        copy = (
            0.76 * log(contained + 0.02)
            + 2.76 * cosine
            + 1.46 * agreeing
            + 2.84 * log(1 + in_order)
            # Of a text that is abridged figures go with the rest; in one of a form they differ.
            - 9.69 * contained * differing
        )
        event = (
            2.95 * cosine
            - 1.01 * agreeing
            + 2.08 * log(1 + rare)
            - 1.01 * log(1 + shorter)
            - 2.27 * differing
            - 3.4 * days
            + 6.87
            - _FEW_STORIES_PENALTY / (len(self._stories) + 10)
        )
        return MatchScores(copy if contained >= _MIN_CONTAINED else -inf, event)

    def selective(self, keys: Iterable[int]) -> list[int]:
        """Return the keys by which to look for others: not those of many stories."""
        limit = max(20, int(_COMMON_KEY_SHARE * len(self._stories)))
        return [key for key in keys if self._keys.get(key, 0) <= limit]

"""How alike two stories are: the same words in the same order, or the same event in other words.

Copies of one wire story share on average only 30 % of their 3-grams: each desk cuts, adds and
rewrites (E. Silcock and others, "Noise-Robust De-Duplication at Scale", 2023). So a copy is told
by what does survive: far more of the shorter text's word order stands in the other than the words
they share would explain, and the words that are rare elsewhere stand in both. Two reports of one
event share the rare words, names and numbers without the order. How rare a word is follows from
the newest stories of its language: there is no list of stop words.
"""

import re
import unicodedata
import zlib
from array import array
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from math import inf, log, sqrt
from typing import NamedTuple

from crawler.text.fingerprint import UNSPACED

NEWEST = 2_000
"""Of at least so many stories of a language the words are counted, where there are so many."""
_PART = 250  # of them that are forgotten together
SHINGLE = 3
"""Words in a shingle."""
TERM = 1 << 32
"""Set in keys that are words."""

_QUOTED = re.compile(
    "(“[^“”\n]{1,800}[”“]|„[^“”\n]{1,800}[”“]"  # each begins with a letter: that is found faster
    '|"[^"\n]{1,800}"|«[^«»\n]{1,800}»|「[^「」\n]{1,800}」)'
)
_LETTERS = 12_000  # of a text that are looked at
_STEM = 7  # letters of a word by which its forms are one
_RUN = re.compile(r"\d+|[^\W\d_]+")
_PLAIN_RUN = re.compile(rb"[0-9]+|[^0-9 ]+")
_SPACED = bytes(at if at > 127 or chr(at).isalnum() else 32 for at in range(256))
_ASCII = bytes(range(128))
_KINDS = bytes(32 if at == 32 else 48 if chr(at) in "0123456789" else 97 for at in range(256))
_SAMPLED = 2**32 // 8  # shingles whose hash is below: one in eight
_NUMBER, _SHORT = 1, 2  # set in the hashes of such words
_FEWEST, _MOST = 12, 48  # shingles by which a story is found
_TELLING = 4  # bytes of UTF-8 of the shortest word by which it is found
_OFTEN = 3  # in a story: a word that stands in it oftener tells no more
_TERMS = 16  # words by which it is found
_RARE = 0.015  # share of the newest stories
_RARE_AT_FIRST = 4  # of so many stories, while few are known
_COMMON_KEY = 0.03  # share of the newest stories in which a key leads nowhere
_CONTAINED = 0.16  # of the shorter text's word order: no copy has less
_UNSURE = 40  # log-odds times stories: of what few stories are known all words seem rare


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is remembered of a text to recognise it by."""

    shingles: frozenset[int]
    """Hashes of every three words in a row."""
    words: frozenset[int]
    """Hashes of its words, headline included."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sketch, and what its words are worth."""

    sketch: Sketch
    weight: float
    rare: frozenset[int]
    """Its words that a few other stories have."""
    numbers: frozenset[int]


class Likeness(NamedTuple):
    """How alike two stories are, each as log-odds: above 0 it is more likely than not."""

    copy: float
    """That one is a copy of the other, or both of a third."""
    event: float
    """That both tell of one event, in whatever words."""


def tokens(text: str) -> list[bytes]:
    """Return the words of `text` in one case, as UTF-8; where there are no spaces, all two letters.

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
    """Return the sketch of a story, and how often each word stands in it.

    What is quoted counts for its words only: two reporters in one room quote the same sentence.
    """
    parts = _QUOTED.split(body[:_LETTERS])
    told = tokens(" ".join(parts[::2]))
    quoted = tokens(" ".join([title[:_LETTERS], *parts[1::2]]))
    # Where every two letters are a word, three in a row are those that have no letter in common.
    step = 2 if 2 * len(UNSPACED.findall(body[:_LETTERS])) > len(told) else 1
    rows = [islice(told, at, None) for at in range(0, SHINGLE * step, step)]
    shingles = frozenset(map(zlib.crc32, map(b" ".join, zip(*rows, strict=False))))
    if step == 2:  # of one for each letter three in five, for a word has more than one
        shingles = frozenset([shingle for shingle in shingles if shingle % 5 < 3])
    counts = Counter(map(_words.__getitem__, chain(quoted, told)))
    return Sketch(shingles, frozenset(counts)), counts


class _Words(dict[bytes, int]):
    """The hash of each word by its beginning: `_NUMBER` and `_SHORT` say what it is."""

    def __missing__(self, word: bytes) -> int:
        if len(self) > 100_000:
            self.clear()
        kind = _NUMBER * word.isdigit() | _SHORT * (len(word) < _TELLING)
        self[word] = hashed = zlib.crc32(word[:_STEM]) & ~(_NUMBER | _SHORT) | kind
        return hashed


_words = _Words()


class Frequencies:
    """In how many of a language's newest stories each word and each key stands."""

    def __init__(self) -> None:
        self._stories: deque[tuple[array[int], array[int]]] = deque()
        self._words: Counter[int] = Counter()
        self._keys: Counter[int] = Counter()
        self._weights = _Weights(self._words)
        self._unsettled = 0
        self._limit = _RARE_AT_FIRST

    def add(self, words: Iterable[int], keys: Iterable[int]) -> None:
        """Count one story more, and now and then the oldest no longer."""
        self._words.update(words)
        self._keys.update(keys)
        self._stories.append((array("I", words), array("Q", keys)))
        if len(self._stories) >= NEWEST + _PART:
            self._forget()
        stories = len(self._stories)
        self._limit = max(_RARE_AT_FIRST, int(_RARE * stories))
        self._unsettled += 1
        if self._unsettled > stories // 5:
            self._weights.settle(stories)
            self._unsettled = 0

    def _forget(self) -> None:
        oldest = [self._stories.popleft() for _ in range(_PART)]
        for counts, gone in zip((self._words, self._keys), zip(*oldest, strict=True), strict=True):
            for hashed, times in Counter(chain.from_iterable(gone)).items():
                if counts[hashed] > times:
                    counts[hashed] -= times
                else:
                    counts.pop(hashed)  # `del` of a counter takes longer

    def weighed(self, told: Sketch) -> Weighed:
        """Return a story ready to be compared, its words weighed by what is known now."""
        counts, limit = self._words.get, self._limit
        return Weighed(
            told,
            weight=sum(map(self._weights.__getitem__, told.words)),
            # A word that no other story has is as likely a typing error as a name.
            rare=frozenset([word for word in told.words if 1 < counts(word, 0) <= limit]),
            numbers=frozenset([word for word in told.words if word & _NUMBER]),
        )

    def keys(self, told: Sketch, counts: Mapping[int, int]) -> list[int]:
        """Return the keys by which a story is found: sampled shingles, and its telling words.

        A sample by hash is the same for the same shingles (A. Broder, "On the resemblance and
        containment of documents", 1997).
        """
        ordered = sorted([shingle for shingle in told.shingles if shingle < _SAMPLED])[:_MOST]
        if len(ordered) < _FEWEST:
            ordered = sorted(told.shingles)[:_FEWEST]
        weights = self._weights
        # By the words themselves where they are worth the same, for copies to have the same ones.
        telling = sorted(
            [
                (-weights[word] * (count if count < _OFTEN else _OFTEN), word)
                for word, count in counts.items()
                if not word & _SHORT
            ]
        )
        return [*ordered, *(TERM | word for _, word in telling[:_TERMS])]

    def compare(self, a: Weighed, b: Weighed, days: float) -> Likeness:
        """Tell how alike two stories are that were published so many days apart.

        The numbers were fitted by logistic regression (`benchmarks/similar`).
        """
        shared = a.sketch.words & b.sketch.words
        total = sqrt(a.weight * b.weight)
        cosine = log((sum(map(self._weights.__getitem__, shared)) / total if total else 0) + 0.02)
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
            - _UNSURE / (len(self._stories) + 10)
        )
        return Likeness(copy if contained >= _CONTAINED else -inf, event)

    def worth(self, keys: Iterable[int]) -> list[int]:
        """Return the keys by which to look for others: not those that many stories have."""
        limit = max(20, int(_COMMON_KEY * len(self._stories)))
        return [key for key in keys if self._keys.get(key, 0) <= limit]


class _Weights(dict[int, float]):
    """Square of each word's inverse document frequency, worked out when first asked for."""

    def __init__(self, counts: Counter[int]) -> None:
        super().__init__()
        self._counts = counts
        self._stories = 0

    def settle(self, stories: int) -> None:
        """Take notice that there are other stories now, so many: not of each, for it costs."""
        self._stories = stories
        self.clear()

    def __missing__(self, word: int) -> float:
        weight = log((self._stories + 10) / (self._counts.get(word, 0) + 0.5)) ** 2
        self[word] = weight
        return weight

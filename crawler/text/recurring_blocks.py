"""Boilerplate of an outlet: blocks that recur across its stories and belong to none of them.

A newsletter prompt stands in story after story, whatever they are about. So does, for a day or a
month, the quote or the background of a running story; and some true sentences recur for ever
(“Police are investigating.”). A block is boilerplate only if it is dense, in an outlet or one of
its sections or authors, and the stories that show it have nothing else in common.
"""

import hashlib
import re
import zlib
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations
from math import comb
from statistics import fmean

from crawler.text.fingerprint import UNSPACED, fold, word_count

WINDOW = 100
"""The number of an outlet's newest stories that are remembered."""
STORIES_TO_LEARN = 4
"""The number of unrelated stories that keep a block; in the next one it is boilerplate."""

_DENSITIES = ((STORIES_TO_LEARN + 1, 6, 8), (2 * STORIES_TO_LEARN + 4, 15, 40))
# That many hosts among so many stories; among more if it stands in the same place of each.
_MIN_IN_PLACE = 0.8  # share of the hosts in which "the same place" must hold
_MAX_SKETCH = 300  # words of a story that are remembered
_MIN_WORD_BYTES = 6  # bytes of UTF-8 of the shortest word that says what a text is about
_COMPARED = 12  # hosts
_MIN_OTHERS = 10  # stories without the block that make a comparison
_MAX_CHANCE = 0.01  # of taking a word that some stories share by chance for a running story's name
# Mean Jaccard similarity of unrelated stories: .04, in groups of six at most .07 of a hundred
# groups (measured on 694 stories in nine languages); of the halves of one story: .16.
_MAX_SIMILARITY = 0.07
_MAX_EXCESS = 1.5  # times what stories have in common with others
_MAX_SHARE = 0.3  # of a block's words, so many more are found in the stories that show it
_MIN_COPY = 0.8  # similarity of what is the same story twice
_STEADY = (30, timedelta(days=14))  # no running story fills an outlet for so many stories and days
_MIN_WORDS = 4  # words; what is shorter is a sub-heading, or too common
_QUOTE = re.compile(r"[\"'“”„‟‘’«»‹›「『〝—–-]")  # speech opens so
_RUN = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class StoryTraits:
    """The traits of a story by which boilerplate is recognised: its blocks, words and groups."""

    url: str
    at: datetime
    """When it was published, or else fetched: aware."""
    groups: tuple[str, ...]
    """Its section and its authors."""
    blocks: tuple[str, ...]
    """The keys of its paragraphs, in order."""
    words: frozenset[int]
    """Hashes of the words in those of its paragraphs that no other story shows."""


def block_key(paragraph: str) -> str:
    """Return a block's key, twelve hex digits; case, spaces and punctuation do not change it."""
    return hashlib.blake2b(fold(paragraph).encode(errors="replace"), digest_size=6).hexdigest()


def may_be_boilerplate(paragraph: str) -> bool:
    """Tell whether a paragraph could be boilerplate: it is no speech, and long enough."""
    return word_count(paragraph) >= _MIN_WORDS and not _QUOTE.match(paragraph)


def sketch_words(texts: Iterable[str], language: str | None = None) -> frozenset[int]:
    """Return a sketch of what texts are about: the smallest hashes of their longer words.

    Names of days and months tell nothing: the stories of one day share them. The smallest hashes
    are a random sample that is the same for the same words (A. Broder, "On the resemblance and
    containment of documents", 1997). Scripts without spaces give pairs of letters.
    """
    found: set[str] = set()
    dates = _dates_in(language or "en")
    for text in texts:
        for run in _RUN.findall(text.casefold()):
            if UNSPACED.search(run):
                found.update(run[i : i + 2] for i in range(len(run) - 1))
            elif len(run.encode(errors="replace")) >= _MIN_WORD_BYTES and not run.startswith(dates):
                found.add(run)
    hashes = sorted(zlib.crc32(word.encode(errors="replace")) for word in found)
    return frozenset(hashes[:_MAX_SKETCH])


@cache
def _dates_in(language: str) -> tuple[str, ...]:
    """Return how the names of days and months begin, whatever the case of grammar."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - it takes its time
    from babel.dates import get_day_names, get_month_names  # noqa: PLC0415 - as above

    try:
        locale = Locale.parse(language.replace("-", "_").partition("_")[0])
    except (UnknownLocaleError, ValueError):
        return ()
    names = [*get_day_names(locale=locale).values(), *get_month_names(locale=locale).values()]
    return tuple(name.casefold()[: max(3, len(name) - 2)] for name in names)


class RecurringBlocks:
    """The newest stories of an outlet, and which of their blocks recur: boilerplate."""

    def __init__(self, stories: Iterable[StoryTraits] = ()) -> None:
        self.stories: deque[StoryTraits] = deque()
        self._hosts: defaultdict[str, list[StoryTraits]] = defaultdict(list)
        self._urls: set[str] = set()
        for story in stories:
            self.add(story)

    def __contains__(self, url: str) -> bool:
        return url in self._urls

    def shows(self, key: str) -> bool:
        """Tell whether any of its stories shows this block."""
        return key in self._hosts

    def add(self, story: StoryTraits) -> None:
        """Add the newest story; the oldest leaves when there are more than `WINDOW`."""
        self.stories.append(story)
        self._urls.add(story.url)
        for key in set(story.blocks):
            self._hosts[key].append(story)
        if len(self.stories) > WINDOW:
            oldest = self.stories.popleft()
            self._urls.discard(oldest.url)
            for key in set(oldest.blocks):
                self._hosts[key].pop(0)
                if not self._hosts[key]:
                    del self._hosts[key]

    def hosts(self, key: str) -> list[StoryTraits]:
        """Return the stories that show a block, without those that are the same story again."""
        hosts: list[StoryTraits] = []
        for story in self._hosts.get(key, ()):
            if all(_similarity(story, host) < _MIN_COPY for host in hosts[-_COMPARED:]):
                hosts.append(story)
        return hosts

    def is_boilerplate(self, key: str, words: frozenset[int]) -> bool:
        """Tell whether a block that the newest story shows is boilerplate of the outlet.

        Args:
            words: of the block (`sketch_words`).
        """
        if len(self._hosts.get(key, ())) <= STORIES_TO_LEARN:
            return False
        hosts = self.hosts(key)
        return self._are_dense(key, hosts) and self._are_unrelated(hosts, words)

    def _are_dense(self, key: str, hosts: Sequence[StoryTraits]) -> bool:
        if len(hosts) <= STORIES_TO_LEARN:
            return False
        for group in ("", *hosts[-1].groups):
            members = [story for story in self.stories if not group or group in story.groups]
            own = [host for host in hosts if not group or group in host.groups]
            for count, anywhere, in_place in _DENSITIES:
                if len(own) >= count:
                    last = own[-count:]
                    span = len(members) - members.index(last[0])
                    if span <= anywhere or (span <= in_place and _in_place(key, last)):
                        return True
        return False

    def _are_unrelated(self, hosts: Sequence[StoryTraits], words: frozenset[int]) -> bool:
        met = {host.url for host in hosts}
        others = [story for story in self.stories if story.url not in met]
        if _are_steady(hosts) and len(others) * 10 <= len(hosts):
            return True
        last = hosts[-_COMPARED:]
        likeness = fmean(_similarity(one, other) for one, other in combinations(last, 2))
        if len(others) < _MIN_OTHERS:
            shared = frozenset.intersection(*(host.words for host in last))
            return likeness <= _MAX_SIMILARITY and not shared
        usual = fmean(_similarity(host, other) for host in last for other in others[-_COMPARED:])
        return (
            likeness <= _MAX_EXCESS * usual
            and _share(words, last) - _share(words, others) <= _MAX_SHARE
            and not _have_a_name(last, others)
        )


def _have_a_name(stories: Sequence[StoryTraits], others: Sequence[StoryTraits]) -> bool:
    """Tell whether most stories share a word, such as a name, that is rare in the others.

    That is, too rare for so many to share it by chance (binomial test, Bonferroni's correction).
    """
    counts = Counter(word for story in stories for word in story.words)
    size = len(stories)
    for word, count in counts.items():
        if count * 2 > size:
            rate = (sum(word in other.words for other in others) + 1) / (len(others) + 2)
            chance = sum(
                comb(size, k) * rate**k * (1 - rate) ** (size - k) for k in range(count, size + 1)
            )
            if chance * len(counts) < _MAX_CHANCE:
                return True
    return False


def _share(words: frozenset[int], stories: Sequence[StoryTraits]) -> float:
    """Return which share of some words is found in a story, on average."""
    return fmean(len(words & story.words) / (len(words) or 1) for story in stories)


def _are_steady(hosts: Sequence[StoryTraits]) -> bool:
    count, span = _STEADY
    days = [host.at for host in hosts]
    return len(hosts) >= count and max(days) - min(days) >= span


def _similarity(one: StoryTraits, other: StoryTraits) -> float:
    """Return the Jaccard similarity of two stories' words."""
    union = len(one.words | other.words)
    return len(one.words & other.words) / union if union else 1.0


def _in_place(key: str, hosts: Sequence[StoryTraits]) -> bool:
    """Tell whether a block stands as far from the start, or from the end, of nearly all stories."""
    starts = [host.blocks.index(key) for host in hosts]
    ends = [len(host.blocks) - start for host, start in zip(hosts, starts, strict=True)]
    return _agree(starts) or _agree(ends)


def _agree(places: Collection[int]) -> bool:
    return any(
        sum(abs(place - middle) <= 1 for place in places) >= _MIN_IN_PLACE * len(places)
        for middle in set(places)
    )

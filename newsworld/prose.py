"""Invented news copy: a headline, a standfirst and sentences, from a random generator and a name.

Every sentence holds a name that no other story has, so stories never share one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from newsworld import phrases, words

NBSP = "\u00a0"
_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeio]|un[^i])")


@dataclass(frozen=True, slots=True)
class StoryText:
    """Text of a story as its reporter files it, before an outlet's layout."""

    headline: str
    standfirst: str
    """Without a full stop."""
    sentences: tuple[str, ...]
    """The first one is the lead; at least 45 of them, no two alike."""
    tags: tuple[str, ...]
    caption: str


def place_name(index: int) -> str:
    """Return the `index`-th invented place; distinct below 25,000."""
    ends, middles, onsets = words.PLACE_ENDS, words.MIDDLES, words.ONSETS
    index = index * 7919 % (len(onsets) * len(middles) * len(ends))
    index, end = divmod(index, len(ends))
    onset, middle = divmod(index, len(middles))
    return onsets[onset] + middles[middle] + ends[end]


def surname(index: int) -> str:
    """Return the `index`-th invented surname; distinct below 40,000."""
    ends, middles, onsets = words.SURNAME_ENDS, words.MIDDLES, words.ONSETS
    index = index * 9973 % (len(onsets) * len(middles) * len(ends))
    index, end = divmod(index, len(ends))
    onset, middle = divmod(index, len(middles))
    return onsets[onset] + middles[middle] + ends[end]


def write(rng: Random, name: int, weekday: str) -> StoryText:
    """Copy about the place and people numbered `name`, for a story printed on a `weekday`."""
    place, last, second = place_name(name), surname(2 * name), surname(2 * name + 1)
    topic = words.TOPICS[rng.choice(tuple(words.TOPICS))]
    cast = {
        "place": place,
        "last": last,
        "slast": second,
        "lead": f"{rng.choice(words.FIRST_NAMES)} {last}",
        "second": f"{rng.choice(words.FIRST_NAMES)} {second}",
        "org": f"{place} {rng.choice(words.ORGANISATIONS)}",
        "today": weekday,
        "project": rng.choice(topic["project"]),
        "body": rng.choice(topic["body"]),
    }
    pools = {**words.POOLS, **topic, "group_c": tuple(g.capitalize() for g in topic["group"])}
    body = [*rng.sample(phrases.STATEMENTS, 38), *rng.sample(phrases.QUOTES, 10)]
    rng.shuffle(body)
    return StoryText(
        headline=_fill(rng.choice(phrases.HEADLINES), cast, pools, rng),
        standfirst=_fill(rng.choice(phrases.STANDFIRSTS), cast, pools, rng),
        sentences=tuple(
            _fill(sentence, cast, pools, rng) for sentence in (rng.choice(phrases.LEADS), *body)
        ),
        tags=(*rng.sample(topic["tags"], 2), place),
        caption=_fill("The {org} in {place}, where the {project} was debated", cast, pools, rng),
    )


def title_case(text: str) -> str:
    """Capitalise each word, as one of the outlets prints its headlines."""
    return re.sub(r"(?<![\w’])[^\W\d_]", lambda letter: letter.group().upper(), text)


def fold(text: str) -> str:
    """White space, NBSP included, as a reader perceives it: single spaces, none at the ends."""
    return " ".join(text.split())


def excerpt(text: str, length: int) -> str:
    """Return the first `length` words."""
    return " ".join(text.split()[:length])


def _fill(
    phrase: str, cast: Mapping[str, str], pools: Mapping[str, tuple[str, ...]], rng: Random
) -> str:
    def value(slot: re.Match[str]) -> str:
        name = slot.group(1)
        return cast[name] if name in cast else rng.choice(pools[name])

    while "{" in phrase:
        phrase = _SLOT.sub(value, phrase)
    phrase = _ARTICLE.sub(r"\1n ", phrase)
    return phrase[0].upper() + phrase[1:]

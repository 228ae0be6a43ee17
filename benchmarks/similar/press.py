"""An invented press of a week or two, and the gold: who copied whom, and who tells of one event.

Made to be as hard as real wire copy: copies are abridged, re-edited, reordered, given local
paragraphs and typing errors, until they share some 30 % of their 3-grams (E. Silcock and others,
"Noise-Robust De-Duplication at Scale", 2023). Beside them stands what only looks alike: the next
day's story of the same people, sentences out of the same mould, daily reports of one form.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.similar import voices
from newsworld import phrases, words
from newsworld.prose import place_name, surname

START = datetime(2031, 3, 3, tzinfo=UTC)
AGENCIES = ("IANS", "Reuters", "Yonhap", "Anadolu", "ANI", "dpa")
OUTLETS = (
    *(f"{name}.example" for name in ("argus", "beacon", "clarion", "dispatch", "echo", "gleaner")),
    *(f"{name}.example" for name in ("herald", "ledger", "mirror", "observer", "sentinel")),
    "lantern.example",
    "lantern.test",  # its sister under another ending
)
_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[^\W\d_]+")
_WORD_OR_SLOT = re.compile(r"\{\w+\}|[^\W\d_]+")
_PLACES = 90  # so many make the news, some far oftener than others
_STOCK = 0.25  # share of sentences that are out of the common mould, but for names and figures
_MOULDS = (
    *phrases.LEADS,
    *phrases.STATEMENTS,
    *phrases.QUOTES,
    *(s for _, v in voices.VOICES for s in v),
)
_USES = Counter(word for mould in _MOULDS for word in set(_WORD.findall(_SLOT.sub("", mould))))
_VOCABULARY = tuple(
    dict.fromkeys(
        [
            *(word for word in sorted(_USES) if len(word) > 3 and word.islower()),
            *(surname(7 * n).lower() + ("ing", "ed", "al", "ous", "ly", "ion", "s")[n % 7]
              for n in range(3_000)),
        ]
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FiledStory:
    """One story of one outlet, and the gold."""

    url: str
    outlet: str
    title: str
    body: str
    published: datetime
    """Instant as its page states it: of some only the day."""
    is_day: bool
    first_seen: datetime
    credit: str | None
    event: str
    """Equal for all that tell of the same event."""
    text: str
    """Equal for all copies of one text."""
    origin: str = ""
    """Origin of a text with copies: the address of the first, or else the name of its agency."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, once."""

    name: str
    at: datetime
    facts: dict[str, str]
    vocabulary: tuple[str, ...]
    """Words that belong to its matter, the most common first."""


def press(seed: int, events: int = 300) -> list[FiledStory]:
    """Return all stories of the press, in order of time; the same for the same seed."""
    rng = Random(f"press:{seed}")
    filed: list[FiledStory] = []
    told: list[Event] = []
    for number in range(events):
        if told and rng.random() < 0.3:
            event = _next_day(rng, rng.choice(told[-40:]), f"{seed}-{number}")
        else:
            at = START + timedelta(minutes=45 * number)
            event = _event(rng, f"{seed}-{number}", at)
        told.append(event)
        filed += _coverage(rng, event)
        if rng.random() < 0.3:
            filed.append(_report(rng, event))
    order = sorted(filed, key=lambda story: (story.first_seen, story.url))
    return [story for story in order if len(story.body) > 400]


# -- What happens


def _event(rng: Random, name: str, at: datetime) -> Event:
    index = min(int(rng.expovariate(1 / 25)), _PLACES - 1)
    last, second = (
        surname(3 * index + rng.randrange(3)),
        surname(1000 + 3 * index + rng.randrange(3)),
    )
    topic = words.TOPICS[rng.choice(tuple(words.TOPICS))]
    place = place_name(index)
    firsts = words.FIRST_NAMES
    organisation = words.ORGANISATIONS[(index + rng.randrange(2)) % len(words.ORGANISATIONS)]
    facts = {
        "place": place,
        "other": place_name(rng.randrange(_PLACES)),
        "last": last,
        "slast": second,
        "lead": f"{firsts[zlib.crc32(last.encode()) % len(firsts)]} {last}",
        "second": f"{firsts[zlib.crc32(second.encode()) % len(firsts)]} {second}",
        "org": f"{place} {organisation}",
        "quote": rng.choice(voices.QUOTES),
    }
    for slot in ("project", "body", "group", "aim", "worry"):
        facts[slot] = rng.choice(topic[slot])
    facts["group_c"] = facts["group"].capitalize()
    theirs = Random(f"{facts['project']}:words").sample(_VOCABULARY, 300)
    vocabulary = (*rng.sample(_VOCABULARY, 12), *theirs)
    return Event(name, at, _figures(rng, facts, at), vocabulary)


def _figures(rng: Random, facts: dict[str, str], at: datetime) -> dict[str, str]:
    drawn = {
        slot: _fill(f"{{{slot}}}", {}, rng)
        for slot in ("country", "money", "percent", "large", "span", "month", "quality")
    }
    return {**facts, **drawn, "today": f"{at:%A}"}


def _next_day(rng: Random, event: Event, name: str) -> Event:
    """Write the next day's story: the same people and matter, other news."""
    at = event.at + timedelta(hours=rng.randrange(20, 50))
    facts = _figures(rng, event.facts, at) | {"country": event.facts["country"]}
    fresh = (*event.vocabulary[:4], *rng.sample(_VOCABULARY, 8), *event.vocabulary[12:])
    return Event(name, at, facts | {"quote": rng.choice(voices.QUOTES)}, fresh)


# -- Who tells of it, and how


def _coverage(rng: Random, event: Event) -> Iterator[FiledStory]:
    outlets = rng.sample(OUTLETS, len(OUTLETS))
    at = event.at
    if rng.random() < 0.55:
        copies = rng.choice((1, 1, 2, 2, 3, 4, 6))
        yield from _wire(rng, event, [outlets.pop() for _ in range(copies + 1)])
    for voice in rng.sample(range(3), rng.choice((0, 1, 1, 2, 3))):
        at = event.at + timedelta(minutes=rng.randrange(600))
        title, body = _telling(rng, event, voice)
        story = _file(rng, event, f"own{voice}", outlets.pop(), title, body, at)
        yield story
        if rng.random() < 0.08:  # published again, by itself or its sister
            again = "lantern.test" if story.outlet == "lantern.example" else story.outlet
            body = "\n\n".join(
                [*_edited(rng, body, 0.05, 0, 0), _fill(voices.LOCAL[0], event.facts, rng)]
            )
            late = at + timedelta(hours=rng.randrange(1, 40))
            yield replace(
                _file(rng, event, f"own{voice}", again, title, body, late), origin=story.url
            )


def _wire(rng: Random, event: Event, outlets: list[str]) -> Iterator[FiledStory]:
    """Write an agency's text, or an outlet's, and what others made of it."""
    title, body = _agency_copy(rng, event)
    agency = rng.choice(AGENCIES) if rng.random() < 0.75 else None
    first = outlets.pop()
    if agency and rng.random() < 0.4:
        first = f"{agency.lower()}.example"  # the agency's own site
    at = event.at + timedelta(minutes=rng.randrange(60))
    own = first.startswith((agency or "?").lower())
    original = _file(
        rng,
        event,
        "wire",
        first,
        title,
        body,
        at,
        agency if agency and not own else None,
        exact=True,
    )
    origin = original.url if own or not agency else agency
    yield replace(original, origin=origin)
    for outlet in outlets:
        late = original.first_seen + timedelta(minutes=rng.randrange(5, 1200))
        headline, text = _copied(rng, event, title, body)
        named = agency if agency and rng.random() < 0.8 else None
        copy = _file(rng, event, "wire", outlet, headline, text, late, named)
        yield replace(copy, origin=origin)


def _file(  # noqa: PLR0913, PLR0917 - all that makes a story
    rng: Random, event: Event, text: str, outlet: str, title: str, body: str, at: datetime,
    credit: str | None = None, *, exact: bool = False,
) -> FiledStory:  # fmt: skip
    is_day = not exact and rng.random() < 0.15
    url = f"https://{outlet}/{event.name}/{text}-{rng.randrange(10**6)}"
    published = at.replace(hour=0, minute=0) if is_day else at
    seen = at + timedelta(minutes=rng.randrange(1, 30))
    return FiledStory(
        url,
        outlet,
        title,
        body,
        published,
        is_day,
        seen,
        credit,
        event.name,
        f"{event.name}/{text}",
    )


def _agency_copy(rng: Random, event: Event) -> tuple[str, str]:
    body = [*rng.sample(phrases.STATEMENTS, 20), *rng.sample(phrases.QUOTES, 5)]
    rng.shuffle(body)
    body = body[: rng.randrange(8, 25)]
    if rng.random() < 0.6:
        body.insert(2, "“{quote},” {last} said on {today}.")
    sentences = [
        _fill(_reworded(rng, sentence, event), event.facts, rng, loose=0.5)
        for sentence in (rng.choice(phrases.LEADS), *body)
    ]
    return _fill(rng.choice(phrases.HEADLINES), event.facts, rng), _paragraphs(rng, sentences)


def _telling(rng: Random, event: Event, voice: int) -> tuple[str, str]:
    """Write about the event in a reporter's own words."""
    headlines, sentences = voices.VOICES[voice]
    body = rng.sample(sentences[4:], rng.randrange(6, 13))
    body += rng.sample(phrases.STATEMENTS, rng.randrange(4))
    rng.shuffle(body)
    moulds = (rng.choice(sentences[:4]), *body)
    facts = dict(event.facts)
    for slot in ("money", "percent", "large", "span"):
        if rng.random() < 0.25:  # another count of the same
            facts[slot] = _fill(f"{{{slot}}}", {}, rng)
    told = [_fill(_reworded(rng, mould, event), facts, rng) for mould in moulds]
    text = _paragraphs(rng, [_synonyms(rng, sentence, 0.3) for sentence in told])
    return _fill(rng.choice(headlines), event.facts, rng), text


def _reworded(rng: Random, mould: str, event: Event) -> str:
    """Replace a mould's words of meaning: nobody else's sentence, though it reads as nonsense."""
    if rng.random() < _STOCK:
        return mould

    def other(found: re.Match[str]) -> str:
        word = found[0]
        if found[0][0] == "{" or len(word) < 4 or _USES[word] > 5:
            return word
        if rng.random() < 0.5:
            new = event.vocabulary[min(int(rng.expovariate(1 / 40)), len(event.vocabulary) - 1)]
        else:
            new = _VOCABULARY[min(int(rng.expovariate(1 / 500)), len(_VOCABULARY) - 1)]
        return new if word.islower() else new.capitalize()

    return _WORD_OR_SLOT.sub(other, mould)


def _paragraphs(rng: Random, sentences: list[str]) -> str:
    paragraphs = [sentences[0]]
    rest = sentences[1:]
    while rest:
        size = rng.choice((1, 1, 2, 2, 3))
        paragraphs.append(" ".join(rest[:size]))
        rest = rest[size:]
    return "\n\n".join(paragraphs)


def _copied(rng: Random, event: Event, title: str, body: str) -> tuple[str, str]:
    """Edit wire copy as a desk does; some desks hardly touch it, some leave little of it."""
    hand = rng.random() ** 0.5
    paragraphs = list(_edited(rng, body, 0.75 * hand, 0.38 * hand * rng.random(), 0.6 * hand))
    keep = max(3, round(len(paragraphs) * (1 - 0.75 * hand * rng.random())))
    paragraphs = paragraphs[:keep]
    if rng.random() < 0.5 * hand:
        head, tail = paragraphs[:1], paragraphs[1:]
        rng.shuffle(tail)
        paragraphs = head + tail
    if rng.random() < 0.7 * hand:
        paragraphs[0] = _fill(rng.choice(voices.LOCAL_LEADS), event.facts, rng)
    local = rng.sample(voices.LOCAL, rng.choice((0, 0, 1, 1, 2, 3)))
    for sentence in local[: max(1, len(paragraphs) // 2)]:
        at = rng.choice((0, len(paragraphs), len(paragraphs)))
        paragraphs.insert(at, _fill(sentence, event.facts, rng))
    if rng.random() < 0.6:
        title = _fill(rng.choice(phrases.HEADLINES), event.facts, rng)
    return title, "\n\n".join(paragraphs)


def _edited(rng: Random, body: str, synonyms: float, noise: float, figures: float) -> Iterator[str]:
    for paragraph in body.split("\n\n"):
        text = _synonyms(rng, paragraph, synonyms)
        if rng.random() < figures:
            text = re.sub(
                r"\d+(?=\D*$)", lambda found: str(int(found[0]) + rng.randrange(1, 9)), text
            )
        if rng.random() < 0.5:
            text = text.translate(str.maketrans("“”’", '""\''))
        yield _mistyped(rng, text, noise)


def _synonyms(rng: Random, text: str, share: float) -> str:
    def other(found: re.Match[str]) -> str:
        word = found[0]
        return voices.SYNONYMS[word] if word in voices.SYNONYMS and rng.random() < share else word

    return _WORD.sub(other, text)


def _mistyped(rng: Random, text: str, share: float) -> str:
    """Mistype a text as a scanner or a hurried typist does."""

    def slip(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) < 3 or rng.random() >= share:
            return word
        at = rng.randrange(len(word) - 1)
        return rng.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + rng.choice("eilnorsc") + word[at + 1 :],
                word[: at + 1] + " " + word[at + 1 :],
            )
        )

    damaged = re.sub(
        r"\d", lambda d: str(rng.randrange(10)) if rng.random() < share / 2 else d[0], text
    )
    return _WORD.sub(slip, damaged)


def _report(rng: Random, event: Event) -> FiledStory:
    """Write a daily report: nobody's copy, however like the day before's."""
    kind, headline, paragraphs = rng.choice(voices.REPORTS)
    facts = dict(event.facts)
    sector = rng.choice(("energy", "textile", "cement", "software"))
    facts |= {
        "sector": sector,
        "way": rng.choice(("higher", "lower")),
        "sector_way": rng.choice(("gained", "lost")),
        "sky": rng.choice(("fair", "wet")),
    }
    event = replace(event, name=f"{event.name}-{kind}")
    title, text = _fill(headline, facts, rng), _fill("\n\n".join(paragraphs), facts, rng)
    return _file(rng, event, kind, rng.choice(OUTLETS), title, text, event.at)


def _fill(phrase: str, facts: Mapping[str, str], rng: Random, loose: float = 0) -> str:
    """Fill the slots with the facts; a share `loose` of what is no name, with anything."""

    def value(slot: re.Match[str]) -> str:
        name = slot[1]
        fixed = name in facts and not (name in words.POOLS and loose and rng.random() < loose)
        return facts[name] if fixed else rng.choice(words.POOLS[name])

    while "{" in phrase:
        phrase = _SLOT.sub(value, phrase)
    return phrase[0].upper() + phrase[1:]


# -- In a script without spaces


def unspaced(story: FiledStory) -> FiledStory:
    """Encipher each word of a story in one to three Han characters, without spaces."""
    return replace(story, title=_cipher(story.title), body=_cipher(story.body))


def _cipher(text: str) -> str:
    def han(found: re.Match[str]) -> str:
        code = zlib.crc32(found[0].casefold().encode())
        size = 1 + (len(found[0]) > 3) + (len(found[0]) > 8)
        return "".join(chr(0x4E00 + (code >> (9 * i)) % 2500) for i in range(size))

    return _WORD.sub(han, text).replace(" ", "")

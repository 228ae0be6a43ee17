"""The invented prose: distinct names, no sentence twice, plausible English."""

import re

from newsworld import phrases, words
from newsworld.prose import excerpt, place_name, surname, title_case
from newsworld.story import OUTLETS
from newsworld.world import World

UNIQUE = re.compile(r"\{(place|last|slast|lead|second|org)\}")


def test_names_are_distinct() -> None:
    assert len({place_name(index) for index in range(25_000)}) == 25_000
    assert len({surname(index) for index in range(40_000)}) == 40_000


def test_every_phrase_names_something_of_its_story_alone() -> None:
    for phrase in (*phrases.STANDFIRSTS, *phrases.STATEMENTS, *phrases.QUOTES, *phrases.LEADS):
        assert UNIQUE.search(phrase), phrase


def test_every_slot_can_be_filled() -> None:
    cast = {"place", "last", "slast", "lead", "second", "org", "today"}
    for topic in words.TOPICS.values():
        known = cast | words.POOLS.keys() | topic.keys() | {"group_c"}
        texts = [*phrases.HEADLINES, *phrases.STATEMENTS, *phrases.QUOTES, *phrases.LEADS]
        texts += [text for pool in words.POOLS.values() for text in pool]
        assert {slot for text in texts for slot in re.findall(r"\{(\w+)\}", text)} <= known


def test_no_two_stories_share_a_sentence() -> None:
    world, seen = World(), dict[str, str]()
    for outlet in OUTLETS:
        for story in world.stories(outlet):
            for sentence in re.split(r"(?<=[.!?]) |\n\n", story.body):
                assert sentence not in seen, f"{sentence!r} in {story.url} and {seen[sentence]}"
                seen[sentence] = story.url
    assert len(seen) > 5000


def test_texts_are_of_realistic_length_and_english(world: World) -> None:
    for outlet in OUTLETS:
        for story in world.stories(outlet):
            assert 500 < len(story.body) < 6000
            assert not re.search(r"\b[Aa] [aeio]|[{}\u00a0]|  ", story.body)
            for paragraph in story.body.split("\n\n")[1:]:
                assert re.match(r"[“\w]", paragraph)
                assert paragraph.endswith((".", "”"))


def test_quirks_of_typography_occur(world: World) -> None:
    stories = [story for outlet in OUTLETS for story in world.stories(outlet)]
    text = "\n".join(story.title + story.body for story in stories)
    typed = "\n".join(paragraph for story in stories for paragraph in story.paragraphs)
    for character in "‘’“”&éï£€"[:5] + "&é£€":
        assert character in text
    assert "\u00a0" in typed
    assert " \u00a0 " in typed or "\u00a0 " in typed


def test_title_case_and_excerpts() -> None:
    assert title_case("‘we wait’: a women’s league in Xé") == "‘We Wait’: A Women’s League In Xé"
    assert excerpt("one two  three\n\nfour", 3) == "one two three"

"""How alike texts are held to be: invented stories in several scripts."""

from collections import Counter
from random import Random

import pytest

from crawler.duplicates.similarity import MatchScores, WordFrequencies, sketch, tokens

STORY = (
    "The harbour board of Vellmouth voted on Monday to rebuild the eastern mole, which a storm "
    "had broken in two places. Engineer Orla Quenby told the meeting that 340 metres of stone had "
    "to be laid before October.\n\nFishermen have moored at the coal quay since the night of the "
    "storm. Their guild asked for a lower fee and was given half of what it wanted.\n\nThe board "
    "borrows the money from a bank in Tarnwick and pays it back over nineteen years. A second vote "
    "is not needed, Quenby noted, since the first was unanimous.\n\nDivers found the keel of an "
    "old ketch beneath the rubble of the mole. It goes to the museum of Vellmouth once it is dry."
)
ABRIDGED = (
    "Our correspondent in the west sends this report about the sea and those who live by it.\n\n"
    "Engineer Orla Quenby told the meeting that 340 metres of stone had to be laid before winter. "
    "Fishermen have moored at the coal quay ever since the night of the storm. Their guild had "
    "asked for a lower fee and was given half of what it sought.\n\nThe harbour board of Vellmouth "
    "voted Monday to rebuild the eastern mole, broken in two places."
)
RETOLD = (
    "Vellmouth is to have its mole again. Orla Quenby, who has charge of the works, needs until "
    "October for the 340 metres that the sea took, she explained on Monday when the harbour board "
    "met. Tarnwick lends what it costs; the guild of fishermen, at the coal quay for now, haggled "
    "over fees. Without the mole no boat is safe, Quenby warned. Of a ketch the divers met with, a "
    "museum in Vellmouth will take care."
)
OTHER = (
    "Schoolchildren in Brackenholt planted four hundred saplings on Monday along the road to the "
    "quarry. The forester had marked each place with a painted stick.\n\nA lime tree costs as much "
    "as a bicycle, he told them, and lives longer than anybody who rides one. Rain is expected by "
    "the end of the week, which would suit the trees better than the picnic."
)


def compare(a: str, b: str, days: float = 0.2) -> MatchScores:
    known = WordFrequencies()
    for text in (STORY, OTHER):
        known.add(sketch("", text)[0].words, ())
    first, second = (known.weigh(sketch("", text)[0]) for text in (a, b))
    assert known.compare(first, second, days) == known.compare(second, first, days)
    return known.compare(first, second, days)


def test_an_abridged_and_reordered_copy_is_a_copy() -> None:
    assert compare(STORY, STORY).copy > compare(STORY, ABRIDGED).copy > 0


def test_the_same_event_in_other_words_is_no_copy() -> None:
    like = compare(STORY, RETOLD)
    assert like.copy < 0 < like.event


def test_another_story_is_neither() -> None:
    assert max(compare(STORY, OTHER).copy, compare(STORY, OTHER).event) < 0


def test_what_was_told_days_before_is_another_event() -> None:
    assert compare(STORY, RETOLD, days=2.9).event < 0 < compare(STORY, RETOLD).event


def test_figures_that_differ_make_another_story() -> None:
    report = "The index stood at {} points, after {} on the day before. " * 3
    same = compare(report.format(*range(6011, 6017)), report.format(*range(6011, 6017)))
    other = compare(report.format(*range(6011, 6017)), report.format(*range(7043, 7049)))
    assert other.copy < same.copy - 3


def test_a_quote_alone_makes_no_copy() -> None:
    said = "“We shall count every stone twice and the sea may count them once more after us.”"
    told, _ = sketch("", f"Quenby laughed. {said}")
    other, _ = sketch("", f"Nobody contradicted her. {said}")
    assert not told.shingles & other.shingles
    assert len(told.words & other.words) >= 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ærø’s 2nd FERRY", ["ærø", "s", "2", "nd", "ferry"]),
        ("港務局週一", ["港務", "務局", "局週", "週一"]),
        ("ｆｅｒｒｙ 40", ["ferry", "40"]),
        ("The 2nd FERRY’s “5G” _mast_ – 1,250t", "the 2 nd ferry s 5 g mast 1 250 t".split()),
        ("It’s 40 – or 50…", ["it", "s", "40", "or", "50"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [word.decode() for word in tokens(text)] == expected


def test_scripts_without_spaces_are_told_apart() -> None:
    rng = Random("han")
    story = "".join(chr(0x4E00 + rng.randrange(3_000)) for _ in range(300))
    other = "".join(chr(0x4E00 + rng.randrange(3_000)) for _ in range(300))
    assert compare(story, story[60:220] + other[:40]).copy > 0
    assert compare(story, other).copy < 0


def test_the_sample_of_a_part_is_a_sample_of_the_whole() -> None:
    known = WordFrequencies()
    words = " ".join(f"w{number}" for number in range(400))
    whole, part = (known.keys(*sketch("", text)) for text in (words, words[: len(words) // 2]))
    shingles = {key for key in part if key < 2**32}
    assert len(shingles) >= 12
    assert len(shingles & set(whole)) >= 10


def test_keys_that_all_stories_have_are_not_looked_up() -> None:
    known = WordFrequencies()
    stock, _ = sketch("", "more on this story as it comes in to our newsroom tonight")
    for _ in range(40):
        known.add(stock.words, [7])
    assert known.selective([7, 8]) == [8]


def test_only_the_newest_stories_count() -> None:
    known = WordFrequencies()
    for number in range(2_500):
        known.add([number, 7_000], [number, 7_000])
    told, _ = sketch("", "x")
    assert known.weigh(told).weight > 0
    assert len(known._stories) == 2_000
    for counts in (known._words, known._keys):
        assert counts == Counter(range(500, 2_500)) + Counter({7_000: 2_000})


def test_words_are_weighed_anew_as_the_news_changes() -> None:
    known = WordFrequencies()
    new, _ = sketch("", "mole")
    for _ in range(3_000):
        known.add([], [])
    rare = known.weigh(new).weight
    for _ in range(500):
        known.add(new.words, [])
    assert known.weigh(new).weight < rare / 2


@pytest.mark.parametrize("text", ["", "…", "\ud800 word", "x" * 100_000, "0 " * 10_000])
def test_nothing_is_too_odd(text: str) -> None:
    assert compare(text, text).copy < float("inf")

"""What recurs is boilerplate only if the stories that show it have nothing else in common."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from crawler.text.recurring_blocks import (
    STORIES_TO_LEARN,
    WINDOW,
    RecurringBlocks,
    StoryTraits,
    block_key,
    may_be_boilerplate,
    sketch_words,
)
from newsworld import prose

START = datetime(2024, 1, 1, tzinfo=UTC)
STOCK = (
    ("Police are still investigating the matter.", 0.05),
    ("A spokesperson did not immediately respond to a request for comment.", 0.04),
    ("The investigation is ongoing, officials added later.", 0.03),
)
PLACES = (1, 2, -1, -2)


@dataclass
class Outlet:
    """An outlet whose stories go through a window; it remembers what was found to recur."""

    rng: Random
    window: RecurringBlocks = field(default_factory=RecurringBlocks)
    count: int = 0
    learnt: dict[str, str] = field(default_factory=dict)
    shown: Counter[str] = field(default_factory=Counter)
    """Stories that showed a block before it was learnt."""

    def publish(self, title: str, paragraphs: Sequence[str], section: str = "news") -> None:
        self.count += 1
        keys = [block_key(paragraph) for paragraph in paragraphs]
        fresh = [
            text for key, text in zip(keys, paragraphs, strict=True) if not self.window.shows(key)
        ]
        at = START + timedelta(hours=6 * self.count)
        words = sketch_words([title, *fresh])
        self.window.add(StoryTraits(f"{title} {self.count}", at, (section,), tuple(keys), words))
        for key, text in zip(keys, paragraphs, strict=True):
            if key in self.learnt:
                continue
            if may_be_boilerplate(text) and self.window.is_boilerplate(key, sketch_words([text])):
                self.learnt[key] = text
            else:
                self.shown[text] += 1

    def story(self, name: int) -> tuple[str, list[str]]:
        """A story about the place and people numbered `name`."""
        copy = prose.write(self.rng, name, "Monday")
        return copy.headline, list(copy.sentences[: self.rng.randrange(6, 18)])


def put(paragraphs: list[str], text: str, place: int) -> None:
    paragraphs.insert(place if place >= 0 else len(paragraphs) + 1 + place, text)


def test_prompts_go_after_a_few_stories_and_no_true_sentence_ever(
    request: pytest.FixtureRequest,
) -> None:
    """Ten thousand stories: prompts that come and go, running stories, and stock sentences."""
    stories = 10_000 if request.config.getoption("soak") else 2_000
    rng = Random(3)
    outlet = Outlet(rng)
    prompts: list[str] = []
    running = 0  # stories left of the running story
    saga, share, quote, background, prompt, place = 0, 0.0, "", "", "", 0
    undisturbed: set[str] = set()
    for number in range(stories):
        if number % 500 == 250:
            prompt = f"Sign up for edition {number} of our letter and never miss what matters"
            place = rng.choice(PLACES)
            prompts.append(prompt)
            undisturbed.add(prompt)
        if not running and rng.random() < 0.02:
            running, saga, share = rng.randrange(5, 25), 10_000 + number, rng.choice((0.3, 0.6, 1))
            quote = f"We will not rest until all {number} are found, the mayor told the crowd"
            background = prose.write(Random(saga), saga, "Monday").sentences[3]
        follows = running and rng.random() < share
        title, paragraphs = outlet.story(saga if follows else number)
        if follows:
            running -= 1
            put(paragraphs, quote, rng.choice(PLACES))
            put(paragraphs, background, -1)
            if outlet.shown[prompt] < STORIES_TO_LEARN:
                undisturbed.discard(prompt)
        for sentence, chance in STOCK:
            if rng.random() < chance:
                put(paragraphs, sentence, rng.choice((-1, -1, -2, 2)))
        if prompt:
            put(paragraphs, prompt, place)
        outlet.publish(title, paragraphs, rng.choice(("news", "sport", "world")))
    assert set(outlet.learnt.values()) == set(prompts)
    assert len(undisturbed) >= stories // 1_000
    times = sorted(outlet.shown[prompt] for prompt in undisturbed)
    # Once in a while the stories share a rare word by chance.
    assert times[len(times) // 2] == STORIES_TO_LEARN
    assert times[-2] <= STORIES_TO_LEARN + 1
    # A running story that fills the page makes it wait until others are told.
    assert max(outlet.shown[prompt] for prompt in prompts) <= 5 * STORIES_TO_LEARN


def test_a_prompt_of_one_section_is_learnt_from_that_section() -> None:
    outlet = Outlet(Random(1))
    prompt = "Get every result by letter on Sunday night, free of charge"
    for number in range(300):
        sport = number % 8 == 0
        title, paragraphs = outlet.story(number)
        if sport and number > 100:
            put(paragraphs, prompt, 2)
        outlet.publish(title, paragraphs, "sport" if sport else "news")
    assert list(outlet.learnt.values()) == [prompt]
    assert outlet.shown[prompt] == STORIES_TO_LEARN


def test_a_block_in_every_story_from_the_first_is_learnt() -> None:
    outlet = Outlet(Random(2))
    prompt = "This newsroom is funded by its readers and by nobody else"
    for number in range(20):
        title, paragraphs = outlet.story(number)
        put(paragraphs, prompt, -1)
        outlet.publish(title, paragraphs)
    assert list(outlet.learnt.values()) == [prompt]
    assert outlet.shown[prompt] <= 2 * STORIES_TO_LEARN


def test_an_outlet_with_one_subject_takes_longer_than_any_running_story() -> None:
    outlet = Outlet(Random(2))
    prompt = "This newsroom is funded by its readers and by nobody else"
    for number in range(70):
        title, paragraphs = outlet.story(number)
        paragraphs = [f"{text} So the Hollandale reservoir inquiry heard." for text in paragraphs]
        put(paragraphs, prompt, -1)
        outlet.publish(title, paragraphs)
        assert number > 50 or not outlet.learnt  # a fortnight
    assert list(outlet.learnt.values()) == [prompt]


def test_the_same_story_again_is_no_recurrence() -> None:
    """A story printed under many addresses recurs as a whole."""
    outlet = Outlet(Random(4))
    for number in range(40):
        outlet.publish(*outlet.story(number))
    copy = outlet.story(1_000)
    for _ in range(30):
        outlet.publish(*copy)
    assert not outlet.learnt


@pytest.mark.parametrize(
    "text",
    [
        "Why it matters",
        "“We will rebuild this town stone by stone,” she said.",
        "— We will rebuild this town stone by stone",
        "結論",
    ],
)
def test_speech_and_sub_headings_are_never_boilerplate(text: str) -> None:
    assert not may_be_boilerplate(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sign up for our letter now!",
        "本紙の記事の無断転載を禁じます",
        "اشترك الآن في نشرتنا اليومية",
    ],
)
def test_what_may_be_boilerplate_in_any_script(text: str) -> None:
    assert may_be_boilerplate(text)


def test_key_folds_what_readers_do_not_see() -> None:
    assert block_key("Sign up  NOW!") == block_key("sign up now") != block_key("sign up then")


def test_window_forgets_the_oldest() -> None:
    window = RecurringBlocks()
    for number in range(WINDOW + 1):
        window.add(
            StoryTraits(str(number), START, (), (f"only {number}", "all"), frozenset({number}))
        )
    assert "0" not in window
    assert "1" in window
    assert not window.shows("only 0")
    assert len(window.hosts("all")) == len(window.stories) == WINDOW


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The harbour authority announced", "the HARBOUR authority, announced!"),
        ("国会は予算案を可決した", "国会は予算案を可決した。"),
        ("Правительство одобрило проект", "правительство одобрило проект"),
    ],
)
def test_words_are_those_that_tell_what_a_text_is_about(one: str, other: str) -> None:
    assert sketch_words([one]) == sketch_words([other]) != frozenset()


def test_short_words_tell_nothing() -> None:
    assert sketch_words(["It is so and we say it"]) == frozenset()

"""What a run lost though nothing failed is found at once, and nothing is found where none was."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from crawler.monitor.causes_and_reasons import PASSED_OVER
from crawler.monitor.findings import find_findings, learn_usual, too_few_leads
from tests.crawler.monitor.outlet_years import HEALTHY, LEAD, SourceYear, Watch
from tests.crawler.monitor.test_causes_and_reasons import EXPECTED

USUAL = dict.fromkeys(PASSED_OVER, 0.0)


def source(leads: int, kind: str = "feed", **more: Any) -> dict[str, Any]:
    """A source that shows so many leads; `more` names reasons to pass over entries, or fields."""
    counts = Counter({LEAD: leads}) + Counter(
        {name: more.pop(name) for name in {*PASSED_OVER, *EXPECTED} & more.keys()}
    )
    return SourceYear(kind, {}).part(counts) | {"usual": {}} | more


CASES: list[tuple[str, dict[str, Any], str | None]] = [
    ("one lead of fifty", source(1, not_a_story=49), "not_a_story"),
    ("none at all", source(0, other_host=20), "other_host"),
    ("several reasons", source(2, not_a_story=20, other_host=25, repeated=3), "other_host"),
    ("one address for all", source(1, repeated=29), "repeated"),
    ("one lead of twenty", source(1, not_a_story=19), "not_a_story"),
    ("a tenth", source(5, not_a_story=45), None),
    ("less than a tenth", source(4, not_a_story=46), None),
    ("less than usual", source(4, not_a_story=46, usual=USUAL), "not_a_story"),
    ("few entries", source(0, not_a_story=8), None),
    ("adverts", source(20, other_host=20), None),
    ("nothing new of many", source(3, kind="sitemap", older=497), None),
    ("a limit", source(10, beyond_limit=490, beyond_newest=4_500), None),
    ("a quiet day", source(0), None),
    ("half without address", source(25, no_address=25), "no_address"),
    ("some without address", source(40, no_address=10), None),
    ("three without address", source(3, no_address=3), None),
    ("as usual without address", source(50, no_address=50, usual=USUAL | {"no_address": 0.5}),
     None),
    ("more without address", source(20, no_address=80, usual=USUAL | {"no_address": 0.5}),
     "no_address"),
    ("a news sitemap", source(1, kind="news-sitemap", not_a_story=49), "not_a_story"),
    ("posts", source(1, kind="wordpress", not_a_story=99), "not_a_story"),
    ("a page at first", source(1, kind="listing", not_a_story=499), None),
    ("a page of which ten were", source(1, kind="listing", not_a_story=499,
                                       usual=USUAL | {"not_a_story": 0.9}), "not_a_story"),
    ("a sitemap at first", source(5, kind="sitemap", not_a_story=495), None),
    ("damage at first", source(5, kind="sitemap", bad_address=495), "bad_address"),
    ("a sitemap of stories", source(5, kind="sitemap", not_a_story=495, usual=USUAL),
     "not_a_story"),
    ("pages of tags changed", source(0, kind="sitemap", not_a_story=495, usual=USUAL, floor=1),
     None),
    ("it moved", source(0, kind="sitemap", other_host=90, usual=USUAL, floor=1), "other_host"),
    ("languages", source(0, kind="sitemap", other_host=90, usual=USUAL | {"other_host": 0.8},
                         floor=1), None),
    ("accepted", source(1, not_a_story=49, usual=None), None),
    ("an earlier version's", {"key": "feed:/feed", "outcome": "read", "leads": 1}, None),
]  # fmt: skip


@pytest.mark.parametrize(("part", "reason"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_a_source_that_shows_few_leads(part: dict[str, Any], reason: str | None) -> None:
    sentence = too_few_leads(part)
    assert bool(sentence) == bool(reason), sentence
    if sentence:
        assert f"({reason})" in sentence
        assert f"such as https://outlet.example/{reason}" in sentence
        assert sentence.endswith(".")
    found = list(find_findings({"sources": [part]}))
    assert found == ([("few_leads", sentence)] if sentence else [])


def test_a_source_that_ends_in_the_middle() -> None:
    found = list(find_findings({"sources": [source(400, kind="sitemap", cut_off=1)]}))
    assert found == [("source_cut", "sitemap:/source ends in the middle of an entry: "
                                    "see whether its server sends all of it.")]  # fmt: skip


def test_the_sentence_tells_what_to_do() -> None:
    assert too_few_leads(source(1, not_a_story=49, older=7)) == (
        "Of 50 entries of feed:/source (leads: 1), 49 do not match `stories`, such as "
        "https://outlet.example/not_a_story (not_a_story): correct that pattern, or accept it as "
        "usual (`dateline relearn`)."
    )


def test_what_is_usual_rises_at_once_and_falls_slowly() -> None:
    usual = learn_usual(source(8, not_a_story=2, usual={}))
    assert usual == USUAL | {"not_a_story": 0.2}
    assert learn_usual(source(4, not_a_story=6, usual=usual)) == USUAL | {"not_a_story": 0.6}
    assert learn_usual(source(10, usual=usual)) == USUAL | {"not_a_story": 0.198}
    # Too little to learn from, a finding, and a finding that was accepted.
    assert learn_usual(source(0, not_a_story=4, usual=usual)) == usual
    assert learn_usual(source(1, not_a_story=99, usual=usual)) == usual
    assert learn_usual(source(1, not_a_story=99, usual=None)) == USUAL | {"not_a_story": 0.99}


@pytest.mark.parametrize(
    ("merged", "is_finding"),
    [((30, 31), True), ((10, 20), True), ((9, 9), False), ((10, 21), False), (None, False)],
)
def test_many_leads_that_end_in_one_article(
    merged: tuple[int, int] | None, is_finding: bool
) -> None:
    most, of = merged or (0, 0)
    told = {"worst": "https://a.example/404", "most": most, "leads": most, "articles": 1}
    account = {"stored": of - 2, "unchanged": {"same": 2}}
    run: dict[str, Any] = {"sources": [], "account": account, "merged": told if merged else None}
    found = list(find_findings(run))
    assert [cause for cause, _ in found] == ["merged_stories"] * is_finding
    assert all("article, https://a.example/404: " in sentence for _, sentence in found)


def test_readings_that_are_not_believed() -> None:
    account = {"stored": 0, "unchanged": {"doubtful": 3}}
    run = {"sources": [], "account": account, "doubtful": "https://a.example/1"}
    ((cause, sentence),) = find_findings(run)
    assert cause == "doubtful_readings"
    assert sentence.startswith("3 stored stories now read as less than they did, such as https://a")


@pytest.mark.timeout(600)  # the long form takes longer than other tests may
@pytest.mark.parametrize("habit", HEALTHY, ids=[habit.__name__ for habit in HEALTHY])
def test_nothing_is_found_in_healthy_years(habit: Any, request: pytest.FixtureRequest) -> None:
    """A year of a hundred outlets of each kind has none; here two of each live for a season."""
    outlets, days = (100, 365) if request.config.getoption("soak") else (2, 90)
    polls = 0
    for seed in range(outlets):
        rng = Random(f"{habit.__name__} {seed}")
        watch = Watch()
        for part in habit(rng).polls(rng, days):
            polls += 1
            assert watch.see(part) is None, (seed, part)
    assert polls > outlets * days


def pattern(counts: Counter[str], rng: Random) -> None:
    kept = sum(rng.random() < 0.02 for _ in range(counts[LEAD]))
    counts["not_a_story"] += counts[LEAD] - kept + counts.pop("repeated", 0)
    counts[LEAD] = kept


def elsewhere(counts: Counter[str], rng: Random) -> None:
    counts["other_host"] += counts.pop(LEAD) + counts.pop("repeated", 0)


def no_address(counts: Counter[str], rng: Random) -> None:
    counts["no_address"] += counts.pop(LEAD) + counts.pop("repeated", 0)


def half(counts: Counter[str], rng: Random) -> None:
    lost = {kind: count // 2 for kind, count in counts.items() if kind not in EXPECTED}
    counts.subtract(lost)
    counts["no_address"] += sum(lost.values())


def one_address(counts: Counter[str], rng: Random) -> None:
    counts["repeated"] += counts[LEAD] - 1
    counts[LEAD] = 1


BREAKAGES = (pattern, elsewhere, no_address, half, one_address)


@pytest.mark.parametrize("breakage", BREAKAGES, ids=[each.__name__ for each in BREAKAGES])
@pytest.mark.parametrize("habit", HEALTHY, ids=[habit.__name__ for habit in HEALTHY])
def test_what_breaks_is_found_within_two_polls(
    habit: Any, breakage: Any, request: pytest.FixtureRequest
) -> None:
    """After a healthy month, in a poll that shows at least thirty stories.

    But for those that in that month once looked as if they were broken.
    """
    outlets, missed = 50 if request.config.getoption("soak") else 2, list[int]()
    for seed in range(outlets):
        rng = Random(f"{habit.__name__} {breakage.__name__} {seed}")
        year = habit(rng)
        watch, found = Watch(), list[str | None]()
        for number, part in enumerate(year.polls(rng, 60)):
            if number < 200:
                watch.see(part)
                continue
            counts = Counter(part["passed_over"]) + Counter({LEAD: part["leads"]})
            if counts[LEAD] < 30:
                continue
            # Another pattern makes a source be read as if for the first time.
            floor = None if breakage is pattern else part["floor"]
            breakage(counts, rng)
            found.append(watch.see(year.part(counts, floor)))
            if len(found) == 2:
                break
        missed += [seed] if found and not any(found) else []
    assert len(missed) <= outlets // 25, missed

"""An outlet watched run by run: what is noticed, after how many stories, and what it is called."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crawler.monitor.causes_and_reasons import Cause
from crawler.monitor.drift.detector import DriftDetector
from tests.crawler.monitor.drift.stories import ORIGINS, SOURCES, Outlet, story
from tests.pipelines.helpers import stamp


@pytest.fixture
def outlet() -> Outlet:
    """One that was healthy for sixty stories."""
    known = Outlet()
    assert known.runs(60) == [None] * 60
    return known


def without(*names: str, **others: str) -> dict[str, str]:
    return {name: value for name, value in ORIGINS.items() if name not in names} | others


BROKEN: dict[str, tuple[dict[str, Any], Cause]] = {
    "the body's rule is dead": ({"origins": without(body="generic")}, "selector_dead"),
    "all rules are dead": (
        {"origins": without("authors", title="meta", body="generic", published="meta")},
        "selector_dead",
    ),
    "no headline": ({"failing": "no_title"}, "selector_dead"),
    "byline and date": ({"flags": ["suspect_byline", "misread_published"]}, "fields_swapped"),
    "one headline": ({"title": "World News"}, "fields_swapped"),
    "teasers": ({"flags": ["suspect_teaser"], "word_count": 30}, "teaser"),
    "short": ({"word_count": 30}, "teaser"),
    "captcha": ({"failing": "captcha_page"}, "captcha_page"),
    "consent": ({"failing": "consent_page"}, "consent_page"),
    "soft 404": ({"failing": "soft_404"}, "soft_404"),
    "forbidden": ({"failing": "http_403"}, "blocked"),
    "one page": ({"fingerprint": "f" * 64, "title": "Hello"}, "blocked"),
    "one address": ({"url": "https://news.example/undefined"}, "merged_stories"),
    "server errors": ({"failing": "http_503"}, "site_down"),
    "no dates": (
        {"published": None, "origins": without("published"), "flags": ["misread_published"]},
        "date_format",
    ),
    "lost letters": ({"flags": ["suspect_encoding"]}, "encoding"),
    "not in the feed": ({"sources": SOURCES[1:]}, "feed_frozen"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_breaks_is_found_and_named(outlet: Outlet, what: str) -> None:
    changes, cause = BROKEN[what]
    found = outlet.runs(20, **changes)
    first = next(number for number, health in enumerate(found) if health)
    assert first < 10
    health = found[first]
    assert health
    assert (health.cause, health.sentence[-1]) == (cause, ".")
    # It stays so, under the same name, since it was first found.
    assert all(later and later.cause == cause for later in found[first:])
    assert found[-1]
    assert found[-1].since == health.since


def test_the_sentence_names_the_rule_and_the_numbers(outlet: Outlet) -> None:
    health = outlet.runs(8, origins=without(body="generic"))[-1]
    assert health
    told = "body: 8 of the last 10 stories have it from generic (usually 0%, and .copy matches"
    assert told in health.sentence


def test_a_story_of_a_broken_template_is_held_back_and_those_before_are_not(outlet: Outlet) -> None:
    outlet.broken.clear()
    outlet.runs(10, flags=["suspect_teaser"], word_count=30)
    first = outlet.broken.index(True)
    assert 3 <= first <= 5
    assert all(outlet.broken[first:])
    # Whoever reads right goes on.
    outlet.broken.clear()
    outlet.run()
    assert outlet.broken == [False]


def test_a_fallback_that_serves_well_holds_nothing_back(outlet: Outlet) -> None:
    outlet.broken.clear()
    outlet.runs(10, origins=without(body="generic"))
    assert not any(outlet.broken)


def test_after_the_repair_it_is_healthy_and_has_learnt_nothing_wrong(outlet: Outlet) -> None:
    outlet.runs(40, flags=["suspect_encoding"])
    found = outlet.runs(6)
    assert found[-1] is None
    outlet.runs(30)
    again = outlet.runs(8, flags=["suspect_encoding"])
    assert again[-1]


def test_a_single_story_that_deviates_is_no_alarm(outlet: Outlet) -> None:
    for _ in range(20):
        assert outlet.run(word_count=20, flags=["suspect_teaser"]) is None
        assert outlet.runs(9) == [None] * 9


def test_what_was_always_so_is_usual() -> None:
    found = Outlet().runs(120, authors=[], origins=without("authors"), word_count=40)
    assert found == [None] * 120


def test_values_that_cannot_be_are_noticed_without_any_history() -> None:
    found = Outlet().runs(10, flags=["suspect_byline"])
    assert found[-1]
    assert found[-1].cause == "fields_swapped"


def test_new_rules_are_learnt_anew(outlet: Outlet) -> None:
    outlet.rules = replace(outlet.rules, body=".text")
    assert outlet.runs(40, origins=without(title="meta", body="generic")) == [None] * 40


def test_archives_tell_nothing_of_sources(outlet: Outlet) -> None:
    """An outlet's first run reads what its sources remember, and later ones what is new."""
    fresh = DriftDetector(outlet.rules, SOURCES, outlet.zone)
    for number in range(80):
        at = outlet.now - timedelta(days=number)
        old = story(number, outlet.now, published=stamp(at), origins=without(authors="rest"))
        fresh.add_article(old, SOURCES[1:], is_new=True)
    assert fresh.end_run(outlet.now, dict.fromkeys(SOURCES, "read")) is None
    outlet.state = fresh.to_dict()
    assert outlet.runs(40) == [None] * 40


def test_what_was_overlooked_comes_as_an_archive_does(outlet: Outlet) -> None:
    """A sitemap shows old stories that the feed has not: by day, and without their authors."""
    old = stamp(outlet.now - timedelta(days=30), precision="day", source="sitemap")
    origins = without("authors", published="sitemap")
    assert outlet.run(40, sources=SOURCES[1:], published=old, origins=origins) is None
    assert outlet.runs(30) == [None] * 30


def test_a_story_read_again_is_not_two(outlet: Outlet) -> None:
    for _ in range(20):
        detector = DriftDetector(outlet.rules, SOURCES, outlet.zone, outlet.state)
        detector.add_article(story(60, outlet.now), SOURCES, is_new=False)
        assert detector.end_run(outlet.now, dict.fromkeys(SOURCES, "read")) is None
        outlet.state = detector.to_dict()


@pytest.mark.parametrize(("addresses", "cause"), [(3, None), (20, "blocked")])
def test_a_story_has_few_addresses(outlet: Outlet, addresses: int, cause: Cause | None) -> None:
    """What looks the same with more queries than that is a wall."""
    detector = DriftDetector(outlet.rules, SOURCES, outlet.zone, outlet.state)
    for number in range(20):
        own = 61 + number // addresses
        lead = f"https://news.example/{own}?from={number}"
        one = story(own, outlet.now, url=lead, lead=lead)
        detector.add_article(one, SOURCES, is_new=False)
    drift = detector.end_run(outlet.now, dict.fromkeys(SOURCES, "read"))
    assert (drift.cause if drift else None) == cause


def test_a_source_that_failed_is_gone_and_not_frozen(outlet: Outlet) -> None:
    outlet.runs(10, sources=SOURCES[1:])
    detector = DriftDetector(outlet.rules, SOURCES, outlet.zone, outlet.state)
    health = detector.end_run(outlet.now, {SOURCES[0]: "failed", SOURCES[1]: "read"})
    assert health
    assert health.cause == "feed_gone"


def test_silence(outlet: Outlet) -> None:
    outlet.runs(300)
    assert outlet.runs(12, count=0) == [None] * 12
    health = outlet.runs(8, count=0)[-1]
    assert health
    assert health.cause == "nothing_published"
    assert "stories come in that time" in health.sentence

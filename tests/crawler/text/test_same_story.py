"""Which readings are of one story, and which are believed at once."""

from datetime import timedelta
from typing import Any

import pytest

from crawler.store.schema import document
from crawler.text.same_story import (
    count_doubt,
    find_doubt,
    is_another_story,
    is_believed,
    is_same_page,
    page_key,
)
from tests.crawler.store_fixture import AT, article, stamp

FERRY = (
    "The ferry to Skarholm will not sail before Friday, its owner said on Monday evening. "
    "A crack was found in the hull during an inspection in the dry dock at Varnes.\n\n"
    "Some four hundred people on the island depend on the crossing for work and school. "
    "The council has asked the navy for a boat, and a baker sells bread by the dozen."
)
FERRY_LATER = FERRY.replace("Friday", "Sunday").replace("four hundred", "380")
FERRY_LONGER = (
    f"{FERRY}\n\nOn Tuesday the navy sent a launch, which takes thirty passengers a trip."
)
FERRY_SHORTER = FERRY.partition(" The council")[0]
ORCHARD = (
    "Apple growers in the Lower Tarn valley expect their smallest harvest in a decade. "
    "Frost in the last week of April killed two blossoms in three, a survey of 64 farms shows. "
    "Prices at the wholesale market have risen by a quarter since the middle of August."
)
FERRY_HAN = (
    "前往史卡霍姆島的渡輪週五前不會開航，船東週一晚間表示船體發現裂縫，島上約四百人靠此上班。"
)
ORCHARD_HAN = (
    "下塔恩谷地的果農預計今年收成將創十年新低，四月最後一週的霜害凍死了三分之二的花朵，批發價上漲。"
)
PAGE = "https://news.example/2026/ferry-1"
AN_HOUR, A_WEEK = timedelta(hours=1), timedelta(days=7)


def story(title: str, body: str, **changes: Any) -> dict[str, Any]:
    return document(article(title=title, body=body, **changes))


OLD = story("Ferry to Skarholm stays in dock", FERRY)
SHORT = story("Ferry stays in dock", "The ferry to Skarholm will not sail before Friday.")
EDITS = {
    "a word": story("Ferry to Skarholm stays in dock", FERRY_LATER),
    "another headline": story("Islanders wait for a boat", FERRY),
    "a headline in another language": story("Fähre nach Skarholm bleibt im Dock", FERRY_LATER),
    "more text": story("Navy helps out Skarholm", FERRY_LONGER),
    "less text": story("Ferry to Skarholm stays in dock", FERRY_SHORTER),
    "a later date": story("Ferry to Skarholm stays in dock", FERRY, published=stamp(AT + A_WEEK)),
    "an hour earlier": story(
        "Ferry to Skarholm stays in dock", FERRY_LATER, published=stamp(AT - AN_HOUR)
    ),
    "a page used again": story("The ferry to Skarholm: what we know", ORCHARD),
    "days that are counted": story(
        "Ferry stays in dock", FERRY_LATER, published=stamp(AT - A_WEEK, flags=("relative",))
    ),
}
DOUBTS = {
    "maintenance": ("another_story", story("Back soon", "We are working on our site.")),
    "another story": ("another_story", story("Frost halves the harvest", ORCHARD)),
    "gone, by its headline": ("removed", story("Ferry to Skarholm stays in dock", "Removed.")),
    "gone, by what is said": ("removed", story("Notice", "This article was withdrawn.")),
    "gone, in Czech": ("removed", story("Ferry to Skarholm stays in dock", "Článek byl stažen.")),
    "gone, by its Greek headline": ("removed", story("Το άρθρο αποσύρθηκε", "Ευχαριστούμε.")),
    "gone, in Swedish": ("removed", story("Meddelande", "Artikeln har tagits bort.")),
    "maintenance under a like headline": ("shorter", story("Back in dock stays", "Soon.")),
    "unavailable for now": ("another_story", story("Notice", "We are unavailable at present.")),
    "nothing": ("shorter", story("Ferry to Skarholm stays in dock", "")),
    "a wall": (
        "shorter",
        story("Ferry to Skarholm stays in dock", "Log in to read.", flags=["paywalled"]),
    ),
    "a headline that shares a short word": ("another_story", story("Log in", ORCHARD)),
    "a teaser": (
        "shorter",
        story("Ferry to Skarholm stays in dock", f"{FERRY[:120]} ... Subscribe to read on."),
    ),
    "an older date": (
        "older_date",
        story("Ferry stays in dock", FERRY, published=stamp(AT - A_WEEK)),
    ),
    "a wall, under the headline of its feed": (
        "another_story",
        story(OLD["title"], "Rebooting.", origins={"title": "feed", "body": "generic"}),
    ),
    "no date": ("older_date", story("Ferry stays in dock", FERRY_LATER, published=None)),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_believed(name: str) -> None:
    assert find_doubt(OLD, EDITS[name]) is None
    assert not is_another_story(OLD, EDITS[name])


@pytest.mark.parametrize("name", DOUBTS)
def test_less_than_the_story_is_doubted(name: str) -> None:
    reason, new = DOUBTS[name]
    assert find_doubt(OLD, new) == reason


def key(url: str = PAGE, body: str = FERRY) -> str:
    return page_key(url, body)


@pytest.mark.parametrize(
    ("url", "is_same"),
    [
        ("https://news.example/2026/ferry-1?src=front", True),
        ("http://www.news.example/2026/ferry-1/?p=2&x", True),
        ("https://news-now.example/2026/ferry-1", True),
        ("https://fr.news.example/2026/ferry-1?page=7#!a", True),
        ("https://news.example/2026/ferry-2", False),
        ("https://news.example/sport/ferry-1", False),
        ("https://news.example/", False),
    ],
)
def test_a_page_is_known_at_another_host_and_with_another_query(url: str, is_same: bool) -> None:
    assert (key(url) == key()) is is_same


def test_a_path_that_names_no_story_tells_none_apart() -> None:
    for path in ("?p=", "article?id=", "news/view.php?n="):
        one, other = f"https://news.example/{path}1", f"https://news.example/{path}2"
        assert key(one) != key(other)
        assert key(one) == key(one.replace("news.", "m.news-now."))


@pytest.mark.parametrize(
    ("url", "is_same"),
    [
        ("https://m.news.example/?p=17&sid=5c0d22ab91f07e", True),
        ("https://news.example/?src=front&p=17", True),
        ("https://news.example/?p=17&page=2", False),
        ("https://news.example/?p=18&sid=5c0d22ab91f07e", False),
        ("https://news.example/?sid=5c0d22ab91f07e", False),
    ],
)
def test_what_names_no_story_in_a_query_tells_none_apart(url: str, is_same: bool) -> None:
    assert (key(url) == key("https://news.example/?p=17")) is is_same


def test_a_short_text_may_be_that_of_two_stories() -> None:
    assert key(f"{PAGE}?p=2", body="A photo.") != key(f"{PAGE}?p=1", body="A photo.")
    assert key("http://m.news.example/2026/ferry-1?p=1", body="A photo.") == key(
        f"{PAGE}?p=1", body="A photo."
    )


OTHER_DAY = {"published": stamp(AT - timedelta(days=2000))}


@pytest.mark.parametrize(
    ("body", "changes", "is_same"),
    [
        (FERRY, {}, True),
        (FERRY_SHORTER, {}, True),
        (ORCHARD, {}, False),
        (FERRY, {"fingerprint": "f", **OTHER_DAY}, True),
        (FERRY, {"fingerprint": "f", "published": None}, True),
        (FERRY_SHORTER, OTHER_DAY, False),
        (FERRY_SHORTER, {"published": None}, False),
        (FERRY, {"url": "https://news.example/2026/ferry-2"}, False),
    ],
)
def test_a_page_is_known_by_its_text_or_its_date(
    body: str, changes: dict[str, Any], is_same: bool
) -> None:
    old = story("Ferry", FERRY, url=PAGE, fingerprint="f")
    new = story("Ferry", body, **{"url": f"{PAGE}?sid=2", "fingerprint": "g", **changes})
    assert is_same_page(old, new) is is_same


def test_the_story_that_its_source_shows_is_believed() -> None:
    new = story("Frost halves the harvest", ORCHARD)
    assert find_doubt(OLD, new, "Harvest halved by frost") is None
    assert find_doubt(OLD, new, "Ferry to Skarholm") == "another_story"
    other = story("Ferry to Skarholm leaves its dock", " ".join(ORCHARD.split()[:24]))
    assert find_doubt(OLD, other) == "shorter"
    assert find_doubt(OLD, other, other["title"]) is None
    note = other | {"body": "This article has been removed."}
    assert find_doubt(OLD, note, other["title"]) == "removed"  # a headline alone is no story
    address = "https://news.example/2/frost-halves-harvest-of-apples-7"
    assert find_doubt(OLD, new | {"lead": address}) is None
    told = story(new["title"], ORCHARD, origins={"title": "feed", "body": "generic"})
    assert find_doubt(OLD, told, "Harvest halved by frost") == "another_story"


def test_a_flash_grows_and_is_reworded() -> None:
    assert find_doubt(SHORT, OLD) is None
    assert find_doubt(SHORT, story("Ferry stays in dock", "No ferry this week.")) is None


LIVE = {"flags": ["live_blog"]}


@pytest.mark.parametrize(
    ("title", "later", "flags"),
    [
        ("Briefing: no ferry to Skarholm", "Briefing: apples will be dear", {}),
        ("Der Tag | Die Fähre steht", "Der Tag | Äpfel sind teuer", {}),
        ("Storm reaches the coast", "Power returns to the villages", LIVE),
    ],
)
def test_a_page_filled_anew_is_one_story(title: str, later: str, flags: dict[str, Any]) -> None:
    page = story(title, FERRY, **flags)
    for text in (ORCHARD, ORCHARD[:150]):
        tomorrow = story(later, text, published=stamp(AT + A_WEEK), **flags)
        assert find_doubt(page, tomorrow) is None
        assert find_doubt(page, story(later, text, **flags))


def test_a_story_takes_the_place_of_a_note_that_was_there_first() -> None:
    note = story("Back soon", "We are working on our site.")
    assert find_doubt(note, OLD) is None
    assert find_doubt(note, OLD | {"published": None}) == "another_story"


def test_scripts_without_spaces() -> None:
    one, other = story("渡輪停航", FERRY_HAN), story("蘋果歉收", ORCHARD_HAN)
    assert is_another_story(one, other)
    assert find_doubt(one, story("渡輪停駛", FERRY_HAN.replace("週五", "週日"))) is None


def test_doubts_are_believed_when_they_last() -> None:
    old, told = OLD, list[tuple[int, bool]]()
    for hours in (1, 4, 4, 24, 26):  # once brought again
        new = story("Frost", ORCHARD, fetched=AT + timedelta(hours=hours))
        doubtful = count_doubt(old, new, "another_story")
        old = OLD | {"doubtful": doubtful}
        told.append((doubtful["readings"], is_believed(doubtful)))
    assert told == [(1, False), (2, False), (2, False), (3, False), (4, True)]
    assert not is_believed(doubtful | {"reason": "removed"})


def test_doubts_of_several_kinds_do_not_add_up() -> None:
    old, counted = OLD, list[int]()
    readings = [("Frost", ORCHARD), ("Back soon", "Wait."), ("Frost", ORCHARD), ("Frost", FERRY)]
    for days, (title, body) in enumerate(readings, start=1):
        new = story(title, body, fetched=AT + timedelta(days=days))
        doubtful = count_doubt(old, new, "shorter" if body == FERRY else "another_story")
        counted.append(doubtful["readings"])
        old = OLD | {"doubtful": doubtful}
    assert counted == [1, 1, 1, 1]

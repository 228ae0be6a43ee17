"""What counts as an edit of a story, and what it is called."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.text.recurring_blocks import block_key
from crawler.text.revision import (
    TextPiece,
    changed_fields,
    compare_texts,
    outlet_edits,
    revision_label,
)

AT = datetime(2024, 11, 30, 18, 15, 20, tzinfo=UTC)
PROMPT = "Our readers pay for what you read here, every single day."


def stamp(at: datetime = AT, **changes: Any) -> dict[str, Any]:
    stated = {"at": at, "offset": "+05:00", "precision": "second", "flags": []}
    return stated | changes


def version(**changes: Any) -> dict[str, Any]:
    """A story as stored, as far as it matters."""
    whole = {
        "title": "Ports reopen",
        "standfirst": None,
        "authors": ["Ana Poe", "Rui Lem"],
        "body": "The ports are open.\n\nShips are sailing.",
        "credit": None,
        "correction": None,
        "published": stamp(),
        "left_out": [],
        "flags": [],
        "origins": {"body": "generic"},
        "page": "a",
    }
    return whole | changes


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"title": "PORTS  re‑open"},
        {"standfirst": ""},
        {"authors": ["Rui Lem", "ana poe"]},
        {"body": "The ports are “open”.\n\nShips\xa0are sailing…"},
        {"body": "The ports are open. Ships are sailing."},
        {"body": f"The ports are open.\n\n{PROMPT}\n\nShips are sailing.",
         "left_out": [{"block": block_key(PROMPT)}]},
        {"tags": ["sea"], "images": [], "word_count": 3, "modified": stamp(), "language": "en"},
        {"published": stamp(AT + timedelta(milliseconds=300))},
        {"published": stamp(AT.replace(second=0), precision="minute")},
        {"published": stamp(AT.replace(hour=2), precision="day")},
        {"published": stamp(AT + timedelta(hours=1), flags=["relative"])},
        {"published": stamp(AT + timedelta(days=2)), "flags": ["update_shown"]},
        {"body": "The ports are open. Ships are sailing.", "authors": [], "credit": "Xinhua",
         "published": None, "origins": {"body": "rest"}},
    ],
)  # fmt: skip
def test_no_edit(change: dict[str, Any]) -> None:
    assert changed_fields(version(), version(**change)) == ()
    assert changed_fields(version(**change), version()) == ()


@pytest.mark.parametrize(
    ("page", "before", "after", "edits"),
    [
        ("b", "meta", "meta", ("title", "authors", "published")),
        ("a", "meta", "meta", ()),
        ("a", "jsonld", "feed", ()),
        ("a", "feed", "feed", ("authors", "published")),
        ("a", "sitemap", "rest", ("authors", "published")),
    ],
)
def test_what_another_rule_makes_of_the_same_page_is_no_edit(
    page: str, before: str, after: str, edits: tuple[str, ...]
) -> None:
    changed = ("title", "authors", "published")
    old, new = (
        version(page=which, origins=dict.fromkeys((*changed, "body"), origin))
        for which, origin in (("a", before), (page, after))
    )
    assert outlet_edits(changed, old, new) == edits


@pytest.mark.parametrize("origin", ["rest", "feed"])
@pytest.mark.parametrize(
    ("change", "differs", "edits"),
    [
        ({"body": "Rewritten."}, ("body",), ()),
        ({"title": "Ports close"}, ("title",), ("title",)),
        ({"title": "Ports close", "body": "Correction: it was Rui."}, ("title", "body"),
         ("title",)),
    ],
)  # fmt: skip
def test_between_what_a_source_delivers_and_its_page_only_the_title_is_edited(
    origin: str, change: dict[str, Any], differs: tuple[str, ...], edits: tuple[str, ...]
) -> None:
    page, posted = version(), version(**change, origins={"body": origin}, page="b")
    for old, new in ((page, posted), (posted, page)):
        found = changed_fields(old, new)
        assert (found, outlet_edits(found, old, new)) == (differs, edits)
        assert not edits or revision_label(edits, old, new) == "headline"


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({"title": "Ports close"}, "headline"),
        ({"standfirst": "At last."}, "substantial"),
        ({"authors": ["Ana Poe"]}, "substantial"),
        ({"body": "The ports are shut.\n\nShips are sailing."}, "substantial"),
        ({"body": "The ports are open."}, "substantial"),
        ({"credit": "Xinhua"}, "substantial"),
        ({"correction": "Correction: it was Rui."}, "correction"),
        ({"title": "Ports close", "correction": "Correction: they close."}, "correction"),
        ({"published": stamp(AT + timedelta(minutes=1))}, "substantial"),
        ({"published": stamp(AT.replace(hour=19), precision="day")}, "substantial"),
        ({"published": None}, "substantial"),
        ({"title": "Ports close", "body": "Shut."}, "substantial"),
    ],
)
def test_an_edit_and_its_label(change: dict[str, Any], label: str) -> None:
    new = version(**change)
    found = changed_fields(version(), new)
    assert set(found) == change.keys()
    assert revision_label(found, version(), new) == label


def test_a_correction_that_goes_is_none() -> None:
    old = version(correction="Correction: it was Rui.")
    assert revision_label(changed_fields(old, version()), old, version()) == "substantial"


def test_a_second_correction() -> None:
    notes = ["The ports are open.", "Correction: it was Rui.", "Correction: it was on Sunday."]
    old = version(body="\n\n".join(notes[:2]), correction=notes[1])
    new = version(body="\n\n".join(notes), correction=notes[1])
    assert changed_fields(old, new) == ("body",)
    assert revision_label(("body",), old, new) == "correction"
    assert revision_label(("body",), new, old) == "substantial"


def test_the_words_that_differ() -> None:
    old = "One stays.\n\nThe port is open, they say.\n\nThree stays.\n\nFour goes."
    new = "One stays.\n\nThe old port is shut, they say.\n\nThree stays."
    assert compare_texts(old, new) == [
        [
            TextPiece("both", "The"),
            TextPiece("new", " old"),
            TextPiece("both", " port is "),
            TextPiece("old", "open"),
            TextPiece("new", "shut"),
            TextPiece("both", ", they say."),
        ],
        [TextPiece("old", "Four goes.")],
    ]
    assert compare_texts(old, old) == []

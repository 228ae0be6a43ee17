"""What a story said before, in a real MongoDB: kept once, whatever is brought again, and when."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from pymongo import monitoring

from crawler.article import Article
from crawler.lead import Lead
from crawler.queue.writer import MongoWriter
from crawler.queue.writes import ArticleWrite, OutcomeWrite, Write
from crawler.run.recorder import outcome_of
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED, Document
from crawler.store.database import Database
from crawler.store.ledger import NOT_MODIFIED, WITHDRAWN, Ledger, LedgerEntry
from crawler.store.revisions import Revisions
from crawler.store.schema import document
from tests.crawler.schedule.test_schedule_store import Trips
from tests.crawler.store_fixture import (
    AT,
    Store,
    article,
    in_eight_processes,
    save_articles,
    versions,
)

URL = article().url
HOUR = timedelta(hours=1)


def reading(hours: int, **changes: Any) -> Article:
    """The story as read so many hours later."""
    page = f"{hours:064}"
    return article(**changes, fetched=AT + hours * HOUR, page=page, markup=b"%d" % hours)


def at(hours: int) -> datetime:
    return (AT + hours * HOUR).replace(microsecond=123000)


def save(store: Store, *readings: Article) -> list[Document]:
    """Save one reading after the other; return the earlier versions."""

    async def work(database: Database) -> list[Document]:
        for read in readings:
            await save_articles(database, [read])
        return await Revisions(database).of(URL)

    return store.run(work)


def current(store: Store) -> Document:
    found = store.plain.articles.find_one({"_id": URL})
    assert found
    return found


def test_an_edit_keeps_what_it_said_before(store: Store) -> None:
    first, second = article(), reading(2, title="Another title")
    (kept,) = save(store, first, reading(1), second)
    assert (kept["label"], kept["changed"]) == ("headline", ["title"])
    assert (kept["seen_first"], kept["seen_last"], kept["replaced"]) == (at(0), at(1), at(2))
    whole = document(article())
    for name in ("title", "body", "authors", "credit", "page", "origins", "url"):
        assert kept[name] == whole[name]
    assert store.plain.pages.count_documents({"_id": kept["page"]}) == 1
    found = current(store)
    assert (found["title"], found["seen_first"]) == ("Another title", at(2))


def test_noise_makes_no_version(store: Store) -> None:
    noise = reading(1, images=[], tags=["other"], modified=None, word_count=9, title="“TITLE” 1")
    assert save(store, article(), noise) == []
    found = current(store)
    assert (found["tags"], found["seen_first"], found["seen_last"]) == (["other"], at(0), at(1))


def test_brought_again_it_changes_nothing(store: Store) -> None:
    texts = ["Rewritten.", "Rewritten again.", "And again."]
    readings = [reading(n, body=body) for n, body in enumerate(texts, 1)]
    once = save(store, article(), *readings)
    assert [kept["label"] for kept in once] == ["substantial"] * 3
    before = current(store)
    for order in permutations([article(), *readings]):
        assert save(store, *order) == once
    assert current(store) == before


def test_killed_between_the_two_writes(store: Store) -> None:
    """The earlier version is there, and the article still says the same."""
    save(store, article())
    before = current(store)
    once = save(store, reading(1, title="New"))
    store.plain.articles.replace_one({"_id": URL}, before)
    assert save(store, reading(1, title="New")) == once
    assert current(store)["title"] == "New"


def test_an_older_reading_of_what_was_seen_otherwise_then_changes_nothing(store: Store) -> None:
    assert save(store, reading(2, title="New"), reading(4, title="New")) == []
    assert save(store, reading(3, title="Late"), reading(1, title="“NEW”")) == []
    assert current(store)["title"] == "New"


def test_a_version_that_comes_late_gets_its_place(store: Store) -> None:
    """Whatever the order in which four readings come, and however often."""
    texts = [
        {"title": "Other title"},
        {"title": "Other title", "body": "Rewritten."},
        {"title": "Last title"},
    ]
    readings = [article(), *(reading(n, **text) for n, text in enumerate(texts, 1))]
    expected = save(store, *readings)
    assert [(one["label"], one["changed"], one["replaced"]) for one in expected] == [
        ("headline", ["title"], at(1)),
        ("substantial", ["body"], at(2)),
        ("substantial", ["title", "body"], at(3)),
    ]
    for order in permutations(readings):
        for name in ("articles", "revisions", "pages"):
            store.plain[name].delete_many({})
        assert [told(one) for one in save(store, *order)] == [told(one) for one in expected], order
        assert [told(one) for one in save(store, *order)] == [told(one) for one in expected], order
        assert [one["changed"] for one in save(store)] == [one["changed"] for one in expected]
        assert current(store)["title"] == "Last title"
        for one in expected:
            assert store.plain.pages.count_documents({"_id": one["page"]}) == 1


def test_a_version_that_comes_late_is_none_where_the_story_was_not_there(store: Store) -> None:
    save(store, article())
    store.run(lambda database: Articles(database).withdraw(UNFENCED, [(URL, AT + 2 * HOUR)]))
    once = save(store, reading(4, title="Back"))
    assert save(store, reading(1, title="Late"), reading(3, title="Late")) == once


def test_withdrawn_and_restored(store: Store) -> None:
    async def withdraw(database: Database) -> None:
        for hours in (1, 1, 2):  # also brought again, and found again
            await Articles(database).withdraw(UNFENCED, [(URL, AT + hours * HOUR)])

    save(store, article())
    store.run(withdraw)
    assert current(store)["withdrawn"] == at(1)
    (kept,) = save(store)
    assert (kept["label"], kept["replaced"]) == ("withdrawn", at(1))
    both = save(store, reading(3, title="New"))
    assert [(kept["label"], kept["changed"]) for kept in both] == [
        ("withdrawn", []),
        ("restored", ["title"]),
    ]
    assert both[1]["withdrawn"] == at(1)
    found = current(store)
    assert "withdrawn" not in found
    assert (found["title"], found["seen_first"]) == ("New", at(3))
    store.run(withdraw)
    assert save(store) == both


def told(kept: Document) -> tuple[Any, ...]:
    return tuple(kept[name] for name in ("title", "label", "seen_first", "seen_last", "replaced"))


def test_the_same_page_read_by_other_rules_is_no_edit(store: Store) -> None:
    again: dict[str, Any] = {"title": "Read otherwise", "tags": ["other"]}
    (kept,) = once = save(store, article(), article(fetched=AT + HOUR, **again))
    assert told(kept) == ("Title 1", "reparse", at(0), at(0), at(1))
    assert kept["changed"] == ["title"]
    found = current(store)
    assert (found["title"], found["tags"]) == ("Read otherwise", ["other"])
    assert (found["seen_first"], found["seen_last"]) == (at(0), at(1))
    assert save(store, article(fetched=AT + HOUR, **again), article()) == once

    # Back, and forth: what was read so is kept once, as ended the last time.
    flips = (article(fetched=AT + n * HOUR, **(again if n % 2 else {})) for n in (2, 3, 4))
    assert [told(each) for each in save(store, *flips)] == [
        ("Title 1", "reparse", at(0), at(2), at(3)),
        ("Read otherwise", "reparse", at(0), at(3), at(4)),
    ]
    # And the version that it was all the time ends by an edit.
    edits = (reading(5, title="New"), reading(6, title="Newer"))
    assert [told(each) for each in save(store, *edits)][2:] == [
        ("Title 1", "headline", at(0), at(4), at(5)),
        ("New", "headline", at(5), at(5), at(6)),
    ]


def test_the_same_page_back_and_read_by_other_rules(store: Store) -> None:
    save(store, article())
    store.run(lambda database: Articles(database).withdraw(UNFENCED, [(URL, AT + HOUR)]))
    kept = save(store, article(title="Read otherwise", fetched=AT + 2 * HOUR))
    assert [(each["label"], each["changed"]) for each in kept] == [
        ("withdrawn", []),
        ("restored", []),
    ]
    assert current(store)["title"] == "Read otherwise"


def test_what_a_source_says_beside_the_same_page_is_an_edit(store: Store) -> None:
    told_so: dict[str, Any] = {"origins": {"title": "rest", "body": "rest", "authors": "rest"}}
    edit = article(**told_so, authors=["Rui Lem"], title="Other", fetched=AT + HOUR)
    (kept,) = save(store, article(**told_so), edit)
    assert (kept["label"], kept["changed"]) == ("substantial", ["authors"])


def test_what_a_source_delivered_is_kept_where_the_page_reads_otherwise(store: Store) -> None:
    posted = article(origins={"body": "rest"}, body="As delivered.", authors=[])
    (kept,) = once = save(store, posted, reading(1))
    assert (kept["label"], kept["changed"]) == ("reparse", ["body"])
    assert (kept["body"], kept["seen_first"]) == ("As delivered.", at(0))
    found = current(store)
    assert (found["body"], found["seen_first"], found["seen_last"]) == (
        reading(1).body,
        at(0),
        at(1),
    )
    # The same again from its page is no other reading; another title is an edit.
    assert save(store, reading(2)) == once
    delivered = reading(3, title="Other title", body="As delivered now.", origins={"body": "rest"})
    edit = save(store, delivered)[1]
    assert (edit["label"], edit["changed"], edit["body"]) == ("headline", ["title"], found["body"])


TEXT = " ".join(f"word{n}" for n in range(60))
OTHER = " ".join(f"other{n}" for n in range(60))


def test_less_than_the_story_replaces_it_only_when_it_lasts(store: Store) -> None:
    good = article(body=TEXT)
    doubtful = [reading(n, title="Frost", body=OTHER) for n in (1, 4, 26)]
    assert save(store, good, doubtful[0], doubtful[0], doubtful[1]) == []
    found = current(store)
    assert (found["title"], found["body"], found["published"]) == (
        good.title, TEXT, found["published"],
    )  # fmt: skip
    assert (found["doubtful"]["reason"], found["doubtful"]["readings"]) == ("another_story", 2)
    assert store.plain.pages.count_documents({"_id": found["doubtful"]["page"]}) == 1
    (kept,) = save(store, doubtful[2])
    assert kept["body"] == TEXT
    assert (current(store)["body"], "doubtful" in current(store)) == (OTHER, False)


def test_a_good_reading_ends_the_doubt(store: Store) -> None:
    save(store, article(body=TEXT), reading(1, title="Frost", body=OTHER))
    assert save(store, reading(2, body=TEXT)) == []
    assert "doubtful" not in current(store)


def test_a_note_in_place_of_a_story_withdraws_it_at_once(store: Store) -> None:
    notes = [reading(n, body="Removed.") for n in (1, 26, 50)]
    (kept,) = save(store, article(body=TEXT), *notes)
    found = current(store)
    assert (kept["label"], found["withdrawn"], found["body"]) == ("withdrawn", at(1), TEXT)
    assert save(store, reading(60, body=TEXT))[1]["label"] == "restored"


def test_no_story_takes_the_place_of_another(store: Store) -> None:
    """Whatever address its page calls canonical; the same story by another lead is one."""
    lead = "https://amp.news.example/b"
    other = reading(1, lead=lead, title="Frost", body=OTHER, aliases=[lead])
    assert save(store, article(body=TEXT), other, other) == []
    assert current(store)["body"] == TEXT
    apart = store.plain.articles.find_one({"_id": lead})
    assert apart
    assert (apart["body"], apart["aliases"]) == (OTHER, [])
    assert "canonical_doubted" in apart["flags"]
    copy = reading(2, lead="https://news.example/c", body=TEXT)
    assert save(store, copy) == []
    assert store.plain.articles.count_documents({}) == 2


def test_a_story_that_led_to_another_one_has_its_own_when_it_is_there(store: Store) -> None:
    """Not what a source does not show: a page in place of a story is stored as none."""
    lead = "https://news.example/frost-warning-lifted"
    own = {"lead": lead, "url": lead, "aliases": []}
    assert save(store, article(body=TEXT, aliases=[lead])) == []
    save(store, reading(1, **own, title="We are mending our site", body=OTHER))
    assert store.plain.articles.count_documents({}) == 1
    save(store, reading(2, **own, title="Frost warning lifted", body=OTHER))
    found = store.plain.articles.find_one({"_id": lead})
    assert found
    assert (found["body"], current(store)["body"]) == (OTHER, TEXT)
    assert current(store)["aliases"] == []
    save(store, reading(3, **own, title="Frost warning lifted", body=OTHER))
    assert store.plain.articles.count_documents({}) == 2


def test_a_page_on_another_host_replaces_nothing(store: Store) -> None:
    """Nor if it has much of the text; on its own host it is an edit."""
    less = " ".join(f"word{n}" for n in range(50))
    other = reading(1, lead="https://sport.news.example/b", title="Briefly", body=less)
    assert save(store, article(body=TEXT), other) == []
    assert current(store)["body"] == TEXT
    (kept,) = save(store, replace(other, lead="https://www.news.example/c"))
    assert (kept["body"], current(store)["body"]) == (TEXT, less)


def test_a_teaser_elsewhere_is_the_same_story(store: Store) -> None:
    """One path and one date; another text there is another story."""
    path = "https://news.example/2026/ferry-stays-in-dock"
    teaser = " ".join(f"word{n}" for n in range(28))
    whole: dict[str, Any] = {"url": path, "lead": path, "aliases": []}
    there: dict[str, Any] = {"url": f"{path}?src=front", "lead": f"{path}?src=front", "aliases": []}
    save(store, article(body=TEXT, **whole), reading(1, body=teaser, **there))
    (found,) = store.plain.articles.find()
    assert (found["body"], found["aliases"]) == (TEXT, [f"{path}?src=front"])
    another: dict[str, Any] = {"url": f"{path}?id=9", "lead": f"{path}?id=9", "aliases": []}
    save(store, reading(2, body=OTHER, **another))
    assert store.plain.articles.count_documents({}) == 2


def test_versions_of_one_millisecond_are_all_kept(store: Store) -> None:
    kept = save(store, *(article(page=f"{n:064}", title=f"Title {'i' * n}") for n in range(40)))
    assert len({one["title"] for one in kept} | {current(store)["title"]}) == 40


def test_of_a_story_that_is_not_there_nothing_is_withdrawn(store: Store) -> None:
    store.run(lambda database: Articles(database).withdraw(UNFENCED, [(URL, AT)]))
    assert store.plain.articles.count_documents({}) == 0


def test_many_are_withdrawn_at_once(store: Store) -> None:
    trips = Trips()
    monitoring.register(trips)

    async def work(database: Database) -> dict[str, int]:
        articles = Articles(database)
        stories = [article(n, fetched=AT + n % 3 * HOUR) for n in range(40)]
        await articles.save(UNFENCED, versions(stories))
        # At an instant when every third was there still; and by two leads of the same story.
        gone = [(story.url, AT + hours * HOUR) for hours in (1, 2, 3) for story in stories]
        await articles.withdraw(UNFENCED, [(article(99).url, AT), *gone[:40]])
        trips.names.clear()
        await articles.withdraw(UNFENCED, gone)
        asked = dict(trips.names)
        await articles.withdraw(UNFENCED, gone)
        return asked

    assert store.run(work) == {"find": 1, "update": 2}
    for stored in store.plain.articles.find():
        (kept,) = store.plain.revisions.find({"article": stored["_id"]})
        n = int(stored["_id"].rsplit("/")[-1])
        assert stored["withdrawn"] == stored["seen_first"] == at(max(1, n % 3))
        assert (kept["label"], kept["replaced"]) == ("withdrawn", stored["withdrawn"])


@pytest.mark.parametrize("hours", [1, 5])
def test_seen_again(hours: int, store: Store) -> None:
    save(store, article(), reading(2))
    store.run(lambda database: Articles(database).see(UNFENCED, {URL: AT + hours * HOUR}))
    assert current(store)["seen_last"] == at(max(2, hours))


def test_visits_that_waited_on_disk_are_brought_again(store: Store) -> None:
    """Read, found unchanged, and not found any more: in order, and from wherever it stopped."""
    due, validators = AT + 9 * HOUR, {"etag": '"a"', "last_modified": None, "read_at": at(0)}

    async def work(database: Database) -> None:
        ledger, filing = Ledger(database, "news"), MongoWriter(database)
        await ledger.sight(UNFENCED, [Lead(url=URL, origin="feed")], "feed:/feed")
        writes: list[Write] = [ArticleWrite.of(article(), due=due, validators=validators, at=AT)]
        await filing.write(UNFENCED, writes)
        (entry,) = await ledger.sight(UNFENCED, [Lead(url=URL, origin="feed")], "feed:/feed")
        assert (entry.article, entry.validators) == (URL, validators)
        for hours, reason in ((1, NOT_MODIFIED), (2, "timeout"), (3, "http_410")):
            fate = replace(
                outcome_of(entry, "failed", reason, "failed", due)[1], at=AT + hours * HOUR
            )
            writes.append(OutcomeWrite(outcome=fate))
            await filing.write(UNFENCED, writes)
            lead = store.plain.leads.find_one()
            assert lead
            assert (lead["state"], lead["reason"], lead["due"]) == ("stored", fate.reason, at(9))
            assert (lead["validators"] is None) == (fate.reason == WITHDRAWN)
        for start in range(len(writes)):
            await filing.write(UNFENCED, writes[start:])

    store.run(work)
    (kept,) = store.plain.revisions.find()
    assert (kept["label"], kept["seen_last"], kept["replaced"]) == ("withdrawn", at(1), at(3))
    assert current(store)["withdrawn"] == at(3)


@pytest.mark.parametrize(
    ("reason", "called", "told"),
    [
        ("http_404", "unchanged", WITHDRAWN),
        ("http_410", "unchanged", WITHDRAWN),
        ("http_500", "failed", "http_500"),
    ],
)
def test_what_a_visit_is_called(reason: str, called: str, told: str) -> None:
    entry = LedgerEntry(
        lead=Lead(url=URL, origin="feed"), first_seen=AT, sighted_by=(), article=URL
    )
    ended, fate = outcome_of(entry, "failed", reason, "failed", None)
    assert (ended, fate.reason, fate.state) == (called, told, "stored")
    ended, fate = outcome_of(replace(entry, article=None), "failed", reason, "failed", None)
    assert (ended, fate.reason, fate.state) == ("failed", reason, "failed")


async def edit(database: Database) -> int:
    """Save the same edit of 50 stories."""
    changes: dict[str, Any] = {"title": "New", "fetched": AT + HOUR}
    edits = [article(n, page=f"{n:064}", **changes) for n in range(50)]
    saved = await save_articles(database, edits)
    return saved.count("stored")


def test_eight_writers_of_an_edit_make_one_version(store: Store) -> None:
    store.run(
        lambda database: Articles(database).save(
            UNFENCED, versions([article(n) for n in range(50)])
        )
    )
    in_eight_processes(store, "store.test_revisions", "edit")
    found = list(store.plain.revisions.find())
    assert len(found) == len({kept["article"] for kept in found}) == 50
    assert {kept["label"] for kept in found} == {"headline"}
    assert store.plain.articles.count_documents({"title": "New"}) == 50


def test_versions_are_found_by_an_index(store: Store) -> None:
    save(store, article(), reading(1, title="New"))
    plan = store.plain.revisions.find({"article": URL}).sort("seen_first", 1).explain()
    stage = plan["queryPlanner"]["winningPlan"]
    assert (stage["stage"], stage["inputStage"]["stage"]) == ("FETCH", "IXSCAN")

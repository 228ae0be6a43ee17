"""A database of an earlier version, as a user meets it: refused, migrated, used again."""

import time
from datetime import UTC, datetime
from typing import Any

from crawler.admin.migrations import BATCH
from crawler.store.ledger import identities
from tests.desk import Desk

LATER = ("left_out", "structure", "correction", "confidence", "seen_first", "seen_last")
MANY = 10_000
LATELY = ("-a", "since=2024-11-29")


def make_older(desk: Desk) -> None:
    """Take away what the first version did not write."""
    for name in ("articles", "leads", "pages"):
        desk.database.command("collMod", name, validationLevel="off")
    desk.database.articles.update_many({}, {"$unset": dict.fromkeys(LATER, "")})
    desk.database.leads.update_many({}, {"$unset": {"identities": "", "stated.at": ""}})
    desk.database.pages.update_many({}, {"$unset": {"packed": ""}})
    desk.database.meta.drop()


def settled(desk: Desk) -> dict[str, dict[str, Any]]:
    """Articles without what tells when they were met."""
    apart = ("seen_first", "seen_last", "fetched")
    return {
        url: {name: value for name, value in one.items() if name not in apart}
        for url, one in desk.articles().items()
    }


def test_a_database_of_an_earlier_version_is_migrated_and_used_again(desk: Desk) -> None:
    assert desk.crawl("national_times", *LATELY).code == 0
    before, leads = settled(desk), len(desk.leads())
    make_older(desk)
    for refused in (desk.dateline("articles"), desk.crawl("national_times", *LATELY)):
        assert refused.code == 4
        assert "run `dateline db migrate`" in refused.err
        assert "Traceback" not in refused.err
    assert desk.database.meta.count_documents({}) == 0

    what = f"{leads} leads, {len(before)} articles, {desk.database.pages.count_documents({})} pages"
    dry = desk.dateline("db", "migrate", "--dry-run")
    assert (dry.code, dry.out) == (0, f"to be migrated: {what}\n")
    assert desk.database.meta.count_documents({}) == 0
    done = desk.dateline("db", "migrate")
    assert (done.code, done.out) == (0, f"migrated: {what}\n")
    assert desk.dateline("db", "migrate").out == "migrated: nothing\n"

    # What no earlier version knew, the stored pages tell.
    assert desk.dateline("reparse", "national_times").code == 0
    assert settled(desk) == before
    assert desk.crawl("national_times", *LATELY).code == 0
    assert settled(desk) == before


def test_a_migration_that_is_killed_is_taken_up_again(desk: Desk) -> None:
    make_older(desk)
    at = datetime(2024, 11, 30, tzinfo=UTC)
    lead = {
        "outlet": "news",
        "stated": {"origin": "feed", "title": "T", "published": None},
        "first_seen": at,
        "sightings": [{"source": "feed:/feed", "at": at}],
        "state": "pending",
        "reason": None,
        "attempts": 0,
        "due": at,
    }
    urls = [f"https://news.example/{number:05}" for number in range(MANY)]
    desk.database.leads.insert_many(
        [{**lead, "_id": url, "aliases": [f"{url}/short"]} for url in urls]
    )
    migrated = {"identities": {"$exists": True}}
    with desk.start("scripts.main", "db", "migrate") as process:
        while not desk.database.leads.count_documents(migrated):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    while (done_so_far := desk.database.leads.count_documents(migrated)) % BATCH:
        time.sleep(0.01)  # the server does the rest of what it has been sent
    assert 0 < done_so_far < MANY
    done = desk.dateline("db", "migrate")
    assert (done.code, done.out) == (0, f"migrated: {MANY - done_so_far} leads\n")
    found = {one["_id"]: one["identities"] for one in desk.leads()}
    assert found == {url: identities(url, [f"{url}/short"]) for url in urls}

"""Articles built anew from stored pages after a rule has changed."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import ExitCode
from crawler.reparse.reparse import NotRebuilt
from crawler.text.recurring_blocks import block_key
from newsworld.client import Client
from scripts.reparse import count_left
from tests.desk import Desk
from tests.integration.test_alerts import papers

DECLARED = {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings"}


def reparse(desk: Desk, *words: str, **rules: Any) -> Any:
    """What ``dateline reparse --json`` tells of one outlet under changed rules."""
    changed = json.dumps(rules)
    result = desk.dateline("reparse", "--json", *words, CHANGED_RULES=changed, **DECLARED)
    assert result.code == 0, result.err
    (told,) = result.json()
    return told


@pytest.mark.parametrize("outlet", ["changing", "changing_posts"])
def test_without_a_change_of_rules_nothing_changes(desk: Desk, outlet: str) -> None:
    assert desk.crawl(outlet, "-a", "since=2024-11-29", **DECLARED).code == 0
    stored = desk.articles()
    assert len(stored) > 5
    told = reparse(desk, outlet)
    assert (told["read"], told["changed"], told["left"]) == (len(stored), 0, {})
    assert desk.articles() == stored


def test_of_what_stays_as_it_is_a_few_addresses_are_held() -> None:
    left: dict[str, dict[str, Any]] = {}
    for start in range(0, 10_000, 50):
        count_left(
            left,
            (
                NotRebuilt(str(n), "no_title" if n % 10 else "no_page")
                for n in range(start, start + 50)
            ),
        )
    assert left == {
        "no_page": {"count": 1_000, "urls": ["0", "10", "20"]},
        "no_title": {"count": 9_000, "urls": ["1", "2", "3"]},
    }


def test_stories_met_by_several_leads_come_out_as_they_are_stored(
    desk: Desk, press: Client
) -> None:
    """One of two leads may state what the other does not: an article names that it was read for."""
    for outlet in ("paper_02", "paper_15"):
        result = desk.crawl(outlet, DATELINE_GATEWAY=press.url, **DECLARED)
        assert result.code == 0, result.err
        told = reparse(desk, outlet)
        assert (told["changed"], told["left"]) == (0, {})
        assert told["read"] == len(desk.articles(outlet)) > 20


def test_a_changed_selector_changes_what_depends_on_it_and_asks_nobody(
    desk: Desk, world: Client
) -> None:
    assert desk.crawl("changing", **DECLARED).code == 0
    stored, ledger = desk.articles(), desk.leads()
    world.clear_log()

    # First it is only shown.
    rules = {"section": ".no-such-element", "published": ".single56__header .nothing"}
    told = reparse(desk, "changing", "--dry-run", **rules)
    assert desk.articles() == stored
    assert told["changed"] == len(stored)
    assert reparse(desk, "changing", **rules) == told

    allowed = {"section", "published", "origins", "confidence"}
    after = desk.articles()
    assert after.keys() == stored.keys()
    for url, article in after.items():
        changed = {name for name, value in article.items() if value != stored[url][name]}
        assert changed
        assert changed <= allowed
        for name in ("origins", "confidence"):
            same = article[name].keys() - allowed
            assert {key: article[name][key] for key in same} == {
                key: stored[url][name][key] for key in same
            }
    fields = {name: sum(after[u][name] != stored[u][name] for u in after) for name in allowed}
    assert told["fields"] == {name: count for name, count in fields.items() if count}
    (example, *_) = told["examples"]["origins"]
    assert example["was"] == stored[example["url"]]["origins"]
    assert example["is"] == after[example["url"]]["origins"]

    # What a reader saw before is kept, and nobody has edited it.
    kept = {one["article"]: one for one in desk.database.revisions.find()}
    assert kept.keys() == stored.keys()
    for url, one in kept.items():
        shown = [name for name in ("section", "published") if after[url][name] != stored[url][name]]
        assert (one["label"], one["seen_first"]) == ("reparse", stored[url]["fetched"])
        assert sorted(one["changed"]) == sorted(shown)
        assert {name: one[name] for name in shown} == {name: stored[url][name] for name in shown}
    assert reparse(desk, "changing", **rules)["changed"] == 0
    assert desk.database.revisions.count_documents({}) == len(stored)

    # And back again.
    reparse(desk, "changing")
    assert desk.articles() == stored
    assert desk.leads() == ledger
    assert world.log() == []


def visit(desk: Desk, **rules: Any) -> None:
    """Read all stories again, in full, under changed rules."""
    due = {"$set": {"due": datetime.now(UTC), "validators": None}}
    desk.database.leads.update_many({"state": "stored"}, due)
    words = ("-s", "REVISITS=True")
    result = desk.crawl("changing", *words, CHANGED_RULES=json.dumps(rules), **DECLARED)
    assert result.code == 0, result.err


def test_a_crawl_takes_no_change_of_rules_for_an_edit(desk: Desk) -> None:
    first = {"body": ".single56__content > p:first-of-type"}
    assert desk.crawl("changing", **DECLARED).code == 0
    stored = desk.articles()

    def labels() -> Counter[str]:
        return Counter(kept["label"] for kept in desk.database.revisions.find())

    # The rule is mended, the articles are built anew, and then their pages are read as they were.
    changed = reparse(desk, "changing", **first)["changed"]
    assert changed > 5
    rebuilt = desk.articles()
    visit(desk, **first)
    assert desk.run("changing")["account"]["unchanged"]["same"] == len(stored)
    assert labels() == {"reparse": changed}
    assert {url: one["body"] for url, one in desk.articles().items()} == {
        url: one["body"] for url, one in rebuilt.items()
    }

    # The rule is changed back, and nothing is built anew before the pages are read.
    visit(desk)
    assert labels() == {"reparse": 2 * changed}
    after = desk.articles()
    assert after.keys() == stored.keys()
    for url, article in after.items():
        assert article["body"] == stored[url]["body"]
        assert article["seen_first"] == stored[url]["fetched"]
    url = next(url for url in stored if rebuilt[url]["body"] != stored[url]["body"])
    shown = desk.dateline("history", url).out
    assert shown.count("UTC: reparse, read again and not edited") == 2


def test_what_makes_no_article_any_more_stays_and_is_told(desk: Desk) -> None:
    assert desk.crawl("changing", **DECLARED).code == 0
    stored = desk.articles()
    lost = next(iter(stored.values()))
    desk.database.pages.delete_one({"_id": lost["page"]})
    told = reparse(desk, "changing", drop_text=[".*"])
    assert told["left"]["no_page"] == {"count": 1, "urls": [lost["url"]]}
    assert told["left"]["only_boilerplate"]["count"] == len(stored) - 1
    assert desk.articles() == stored

    shown = desk.dateline("reparse", "changing", "--since", "2999-01-01", **DECLARED)
    assert shown.out == "changing: 0 of 0 articles changed.\n"


def test_blocks_learnt_since_stay_where_they_are_read(desk: Desk) -> None:
    """What the rules of a page say has not changed; what was left out stays left out."""
    assert desk.crawl("changing", **DECLARED).code == 0
    stored = desk.articles()
    (one, other, *_) = stored.values()
    blocks = desk.database.blocks
    paragraph = one["body"].split("\n\n")[-1]
    key = block_key(paragraph)
    block = {"outlet": "changing", "key": key, "text": paragraph, "fate": "dropped"}
    blocks.insert_one({"_id": f"changing/{key}", **block, "learnt": one["fetched"], "stories": []})
    assert reparse(desk, "changing")["changed"] == 0

    # As if it had been learnt before the crawl.
    paragraphs = one["body"].split("\n\n")
    shorter = {
        "body": "\n\n".join(paragraphs[:-1]),
        "structure": one["structure"][:-1],
        "left_out": [{"block": key, "index": len(paragraphs) - 1, "kind": one["structure"][-1]}],
    }
    desk.database.articles.update_one({"_id": one["_id"]}, {"$set": shorter})
    told = reparse(desk, "changing")
    assert told["fields"] == {"word_count": 1, "fingerprint": 1}
    assert desk.articles()[one["url"]]["left_out"] == shorter["left_out"]
    assert desk.articles()[other["url"]] == other


def test_a_file_of_rules_that_cannot_be_read_is_told(desk: Desk, tmp_path: Path) -> None:
    """It is likeliest right after rules have been changed."""
    env = papers(tmp_path)
    (tmp_path / "papers/later.py").write_text("x = (")
    told = desk.dateline("reparse", **env)
    assert told.code == ExitCode.CONFIGURATION
    assert "papers/later.py cannot be read (line 1)" in told.err

"""`reckon`: whether all that newsworld's press has shown is stored, once, and nothing else is."""

import os
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.store.dictionaries import PackedPage, _data
from crawler.text.urls import identity
from newsworld.client import Client
from tests.desk import Desk

SHOWN = ("url", "title", "body", "authors")
"""What a press story's truth and its article state in the same form."""


def exposed(world: Client, outlets: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The stories, by address, that any channel of these papers shows, and that are still there."""
    names = set(outlets)
    return {
        row["url"]: row
        for row in world.truth()
        if row["outlet"] in names and row["channels"] and not row["gone"]
    }


def reckon(desk: Desk, world: Client, outlets: Iterable[str], data: Path) -> None:
    """Compare everything that runs leave behind with the ground truth."""
    truth = exposed(world, outlets)
    articles = desk.articles()
    assert sorted(articles.keys() - truth.keys()) == []
    assert sorted(truth.keys() - articles.keys()) == []
    for url, row in truth.items():
        found = articles[url]
        assert {name: found[name] for name in SHOWN} == {name: row[name] for name in SHOWN}
        assert found["published"]["at"] == datetime.fromisoformat(row["published"])
    addresses = Counter(
        address for found in articles.values() for address in {found["url"], *found["aliases"]}
    )
    assert [address for address, count in addresses.items() if count > 1] == []
    _reckon_leads(desk, articles)
    _reckon_rest(desk, articles)
    assert [path for _, _, names in os.walk(data / "spool") for path in names] == []


def _reckon_leads(desk: Desk, articles: dict[str, Any]) -> None:
    """Every lead has exactly one fate, and every article a lead."""
    leads = desk.leads()
    ours = Counter(identity(lead["_id"]) for lead in leads)
    assert [form for form, count in ours.items() if count > 1] == []
    fates = {lead["_id"]: (lead["state"], lead["reason"]) for lead in leads}
    settled = {"stored", "failed", "gone"}
    assert {url: fate for url, fate in fates.items() if fate[0] not in settled} == {}
    gone = {url: fate for url, fate in fates.items() if fate[0] != "stored"}
    assert {reason for _, reason in gone.values()} <= {"http_404", "http_410"}
    assert articles.keys().isdisjoint(gone)
    assert {lead["article"] for lead in leads if lead["state"] == "stored"} == articles.keys()
    sightings = [
        (lead["_id"], sighting["source"]) for lead in leads for sighting in lead["sightings"]
    ]
    assert len(sightings) == len(set(sightings))


def _reckon_rest(desk: Desk, articles: dict[str, Any]) -> None:
    database = desk.database
    by = {None: None} | {kept["_id"]: _data(kept) for kept in database.dictionaries.find()}
    pages = {
        page["_id"]: PackedPage(page["zstd"], by[page["dictionary"]]).unpack()
        for page in database.pages.find()
    }
    assert pages.keys() == {found["page"] for found in articles.values()}
    assert [digest for digest, page in pages.items() if sha256(page).hexdigest() != digest] == []
    assert database.revisions.count_documents({}) == 0
    assert database.quarantine.count_documents({}) == 0
    assert set(database.sketches.distinct("_id")) == articles.keys()
    assert [run for run in desk.runs() if not run["ended"] or run["outcome"] == "running"] == []
    desk.check_accounts()

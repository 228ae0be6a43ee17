"""Every address of newsworld's press can be explained, whatever became of it; faults included."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from newsworld.client import Client
from tests.declared.press import OUTLETS
from tests.desk import Desk

NAMES = ("paper_01", "paper_05")
"""One with every kind of channel, and one whose sources show stories that are gone."""
DECLARED = {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings"}
HOME = "https://paper-01.example/"
PDF = {"Content-Type": "application/pdf"}
FAULTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("failed", "http_500", "answered 500", {"status": 500}),
    ("failed", "http_404", "answered 404", {"status": 404}),
    ("gone", "http_410", "answered 410", {"status": 410}),
    ("failed", "connection_lost", "connection to its server was lost", {"close": True}),
    ("failed", "no_body", "no text of a story", {"body": "<h1>A</h1>", "headers": {}}),
    ("failed", "not_html", "not a page", {"body": "%PDF", "headers": PDF}),
    ("failed", "redirected_away", "redirects to a page",
     {"status": 302, "headers": {"Location": HOME}}),
    ("failed", "offsite", "site that is not",
     {"status": 302, "headers": {"Location": "https://elsewhere.example/"}}),
]  # fmt: skip
"""Fate, reason, part of its sentence, and what is wrong with a page."""


def test_all_of_newsworld_is_explained(desk: Desk, press: Client) -> None:
    env = {**DECLARED, "DATELINE_GATEWAY": press.url}
    rows = [row for row in press.truth() if row["outlet"] in NAMES]
    mine = [row for row in rows if row["outlet"] == "paper_01" and len(row["channels"]) >= 3]
    broken = dict(zip((row["url"] for row in mine), FAULTS, strict=False))
    forbidden = mine[len(FAULTS)]["url"]
    robots = f"User-agent: *\nDisallow: {urlsplit(forbidden).path}\n"
    rules = [
        {"host": urlsplit(url).hostname, "path": f"^{urlsplit(url).path}$", **fault}
        for url, (*_, fault) in broken.items()
    ]
    plain = {"Content-Type": "text/plain"}
    rules.append({"path": "^/robots.txt$", "host": "paper-01.example", "body": robots,
                  "headers": plain})  # fmt: skip
    press.faults(rules)
    since = f"{press.clock() - timedelta(days=80):%Y-%m-%d}"
    assert desk.dateline("collect", *NAMES, "--since", since, **env).code in (0, 6)

    collected = press.clock().isoformat()
    press.set_clock(press.clock() + timedelta(minutes=20))
    new = [row for row in press.truth() if row["published"] > collected]
    rows += [row | {"channels": []} for row in new if row["outlet"] in NAMES]
    result = desk.dateline("why", *(row["url"] for row in rows), "--json", **env)
    told = {explained["url"]: explained for explained in result.json()}
    assert told.keys() == {row["url"] for row in rows}
    for row in rows:
        found = told[row["url"]]
        assert found["outlet"] == row["outlet"]
        assert_told(row, found, broken, forbidden)
    seen = {found["fate"] for found in told.values()}
    assert seen == {"stored", "failed", "gone", "unsighted"}
    assert result.code == 1
    assert_other_addresses(desk, rows, env)


def assert_told(
    row: dict[str, Any],
    found: dict[str, Any],
    broken: dict[str, tuple[str, str, str, dict[str, Any]]],
    forbidden: str,
) -> None:
    """One explanation agrees with the truth, and with what was done to the page."""
    paths = {source.path: source.key for source in OUTLETS[row["outlet"]].sources}
    shown = {paths[path] for path in row["channels"] if path in paths}
    texts = [event["text"] for event in found["events"]]
    if not shown:
        assert found["fate"] == "unsighted"
        assert f"may be a story of {row['outlet']}" in found["sentence"]
        assert found["facts"]
        return
    for key in shown:
        assert any(text.endswith(".") and f"shown by {key}" in text for text in texts), key
    assert "first shown by" in texts[0]
    assert [event["at"] for event in found["events"]] == sorted(e["at"] for e in found["events"])
    if row["url"] in broken:
        fate, _, meaning, _ = broken[row["url"]]
        assert found["fate"] == fate
        assert meaning in found["sentence"]
        assert any(meaning in text for text in texts)
    elif row["url"] == forbidden:
        assert (found["fate"], "robots.txt" in found["sentence"]) == ("failed", True)
    elif row["gone"]:
        assert found["fate"] == ("failed" if row["gone"] == 404 else "gone")
        assert f"answered {row['gone']}" in found["sentence"]
    else:
        assert found["fate"] == "stored", found
        assert any("after its publication" in text for text in texts)
        assert any(text.startswith("MongoDB had the article") for text in texts)


def assert_other_addresses(desk: Desk, rows: list[dict[str, Any]], env: dict[str, str]) -> None:
    """Those of no story, of no outlet, and other forms of one that is known."""
    stored = next(iter(desk.articles("paper_01")))
    form = stored.replace("https://", "http://www.") + "/"
    other = (HOME, "https://elsewhere.example/2024/11/30/x", form)
    found = desk.dateline("why", *other, "--json", **env).json()
    assert [told["fate"] for told in found] == ["not_a_story", "foreign", "stored"]
    assert stored in found[2]["sentence"]
    shown = desk.dateline("why", stored, **env)
    assert shown.code == 0
    assert "stored: It is stored." in shown.out
    assert desk.dateline("why", "nonsense", **env).code == 1
    never = desk.dateline("why", f"{HOME}2024/11/30/never-shown", **env)
    assert never.code == 1
    assert "feed:/feed was read in the last run" in never.out


def test_what_is_retried_and_mended_is_all_told(desk: Desk, world: Client) -> None:
    """Failed, retried on request, stored, looked at again: one sentence each, in order."""
    env = {"SCRAPY_SETTINGS_MODULE": "tests.declared_settings"}
    url = next(s["url"] for s in world.truth() if "/feed" in s["channels"] and s["tags"])
    world.faults([{"path": urlsplit(url).path, "status": 503, "times": 1}])
    desk.crawl("faulty", **env)
    assert desk.dateline("retry", "faulty", **env).code == 0
    assert desk.crawl("faulty", **env).code == 0
    desk.database.leads.update_one({"_id": url}, {"$set": {"due": datetime.now(UTC)}})
    assert desk.crawl("faulty", "-s", "REVISITS=True", **env).code == 0
    (found,) = desk.dateline("why", url, "--json", **env).json()
    texts = [event["text"] for event in found["events"] if not event["text"].startswith("MongoDB")]
    assert found["fate"] == "stored"
    assert "answered 503" in texts[1]
    assert "asked for it to be tried again" in texts[2]
    assert texts[3:] == [
        "It was read and stored.",
        "It was looked at again. Its server said that it had not changed (304).",
    ]

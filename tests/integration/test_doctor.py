"""`dateline doctor` finds what is planted, and says what to do about it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import Binary

from crawler.admin.database_checks import Finding, _clock
from crawler.store.process_identity import this_process
from scripts import doctor
from tests.desk import Desk

CONTACT = {"DATELINE_CONTACT": "desk@example.org"}


def faults(desk: Desk, **environment: str) -> dict[str, str]:
    """By what was looked at, what is wrong with it and what to do."""
    result = desk.dateline("doctor", "--json", **CONTACT | environment)
    found: list[dict[str, Any]] = result.json()
    told = {one["name"]: f"{one['told']} {one['remedy']}" for one in found if not one["ok"]}
    assert result.code == int(bool(told))
    assert all(bool(one["remedy"]) != one["ok"] for one in found)
    return told


def test_nothing_is_wrong_before_and_after_a_run(desk: Desk) -> None:
    assert faults(desk) == {}
    assert desk.crawl("national_times", "-a", "limit=5").code == 0
    assert faults(desk) == {}
    shown = desk.dateline("doctor", **CONTACT, COLUMNS="80")
    assert shown.code == 0
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "national_times allows its front page" in " ".join(shown.out.split())


def drop_index(desk: Desk) -> None:
    desk.database.leads.drop_index("identities_1")


def drop_validator(desk: Desk) -> None:
    desk.database.command("collMod", "articles", validator={})


def set_back(desk: Desk) -> None:
    desk.database.meta.update_one({"_id": "schema"}, {"$set": {"version": 1}})


def leave_lease(desk: Desk) -> None:
    holder = {**this_process(), "started": 1.0, "run": "gone"}
    until = datetime.now(UTC) + timedelta(minutes=1)
    lease = {"token": 3, "holder": holder, "since": until, "until": until}
    desk.database.leases.replace_one({"_id": "national_times"}, lease, upsert=True)


def forbid(desk: Desk) -> None:
    body = Binary(b"User-agent: Dateline\nDisallow: /")
    robots = {"robots": {"https": {"at": datetime.now(UTC), "body": body}}}
    desk.database.hosts.update_one({"_id": "nationaltimes.pk"}, {"$set": robots}, upsert=True)


def run_tomorrow(desk: Desk) -> None:
    started = datetime.now(UTC) + timedelta(days=1)
    run = {"outlet": "national_times", "outcome": "healthy", "started": started}
    desk.database.runs.insert_one(run)


def leave_half_a_restore(desk: Desk) -> None:
    desk.database.restoring_pages.insert_one({})


@pytest.mark.parametrize(
    ("name", "plant", "told"),
    [
        ("restore", leave_half_a_restore, "run `dateline db restore FILE` again"),
        ("clock", run_tomorrow, "still to come"),
        ("indexes", drop_index, "leads.identities_1"),
        ("schema", drop_validator, "does not validate articles"),
        ("schema", set_back, "dateline db migrate"),
        ("leases", leave_lease, "national_times (process"),
        ("robots", forbid, "nationaltimes.pk disallows"),
    ],
)
def test_faults_of_the_database(
    name: str, plant: Callable[[Desk], None], told: str, desk: Desk
) -> None:
    desk.dateline("status")  # which makes what there has to be
    plant(desk)
    found = faults(desk)
    assert found.keys() == {name}
    assert told in found[name]
    assert faults(desk) == found, "looking mends nothing"


def test_faults_of_the_installation(desk: Desk) -> None:
    desk.dateline("status")
    found = faults(
        desk,
        DATELINE_CONTACT="nobody",
        DATELINE_CONTCAT="desk@example.org",
        MONGODB_URI="mongodb://user:secret@127.0.0.1:9",
    )
    assert found.keys() == {"contact", "environment", "MongoDB"}
    assert "DATELINE_CONTACT=nobody is not an address" in found["contact"]
    assert "DATELINE_CONTCAT" in found["environment"]
    assert "127.0.0.1:9 cannot be used" in found["MongoDB"]
    assert "correct MONGODB_URI" in found["MongoDB"]
    assert "secret" not in str(found)


def test_writes_that_wait_for_nobody(tmp_path: Path) -> None:
    own, other = tmp_path / "now", tmp_path / "before"

    def look() -> Finding:
        (found,) = doctor._waiting(own)
        return found

    for folder in (own, other):
        folder.mkdir()
        assert not look().remedy
        (folder / "a.spool").touch()
        assert not look().remedy, "its run may be under way"
        long_ago = datetime.now(UTC).timestamp() - 7200
        os.utime(folder / "a.spool", (long_ago, long_ago))
        assert f"{folder.name}/a.spool" in look().told
        assert look().remedy.startswith("What is not in") == (folder == other)
        (folder / "a.spool").unlink()
    (other / "a.7.refused").touch()
    refused, waiting = doctor._waiting(own)
    assert "before/a.7.refused" in refused.told
    assert refused.remedy.startswith("Please report it")
    assert not waiting.remedy


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "free for" in doctor._disk(tmp_path / "not" / "yet").told
    monkeypatch.setattr(doctor, "MIN_FREE_BYTES", 1 << 60)
    assert "Free some space" in doctor._disk(tmp_path).remedy


def test_a_browser_that_is_not_there_or_does_not_start(tmp_path: Path) -> None:
    assert "Install Chromium" in doctor._browser(["a"], None).remedy
    broken = tmp_path / "chromium"
    broken.write_text("no program")
    broken.chmod(0o755)
    found = doctor._browser(["a"], str(broken))
    assert "does not start" in found.told
    assert found.remedy


def test_the_browser_that_is_there(chromium: str) -> None:
    found = doctor._browser(["a"], chromium)
    assert found.told.endswith("is there, needed by a.")
    assert not found.remedy


@pytest.mark.parametrize(
    ("ahead", "took", "wrong"), [(0.5, 0, False), (-3, 0, True), (3, 0, True), (3, 2, False)]
)
def test_clocks_that_differ(ahead: float, took: float, wrong: bool) -> None:
    found = _clock(timedelta(seconds=ahead), timedelta(seconds=took))
    assert bool(found.remedy) == wrong
    assert f"{abs(ahead):.1f} s" in found.told

"""Backup and restore as a user does them."""

import os
import time
from pathlib import Path
from uuid import uuid4

from tests.desk import Desk


def test_a_collection_is_backed_up_and_restored_under_another_name(
    desk: Desk, tmp_path: Path
) -> None:
    assert desk.crawl("national_times").code == 0
    path = tmp_path / "backup.zst"
    saved = desk.dateline("db", "backup", str(path))
    assert (saved.code, saved.err) == (0, "")
    count = len(desk.articles())
    assert saved.out.startswith(f"backed up: {count} articles, ")

    other = desk.database.client[f"test_{uuid4().hex}"]
    try:
        restored = desk.dateline("db", "restore", str(path), MONGODB_DATABASE=other.name)
        assert (restored.code, restored.err) == (0, "")
        assert restored.out.startswith(f"restored: {count} articles, ")
        for name in desk.database.list_collection_names():
            there, here = (list(d[name].find().sort("_id")) for d in (other, desk.database))
            assert there == here
        again = desk.dateline("db", "restore", str(path), MONGODB_DATABASE=other.name)
        assert again.code == 1
        assert again.err.startswith(f"dateline: The database {other.name} is not empty")
        # It is a database like any other.
        assert desk.dateline("collect", "national_times", MONGODB_DATABASE=other.name).code == 0
    finally:
        other.client.drop_database(other.name)

    path.write_bytes(path.read_bytes()[:-1])
    cut = desk.dateline("db", "restore", str(path), MONGODB_DATABASE=other.name)
    assert cut.code == 1
    assert cut.err.endswith("damaged or cut short: nothing of it was restored.\n")
    nowhere = desk.dateline("db", "backup", str(tmp_path / "no" / "folder"))
    assert nowhere.code == 1
    assert "cannot be written (No such file or directory)" in nowhere.err
    desk.database.client.drop_database(other.name)


def test_told_to_stop_it_leaves_what_was_there(desk: Desk, tmp_path: Path) -> None:
    """As by a service manager, or `timeout`."""
    path = tmp_path / "backup.zst"
    path.write_bytes(b"an earlier one")
    pages = [{"_id": str(number), "zstd": os.urandom(8 << 20)} for number in range(25)]
    for page in pages:
        desk.database.pages.insert_one(page, bypass_document_validation=True)
    backup = desk.start("scripts.main", "db", "backup", str(path))
    while not (partial := list(tmp_path.glob("*.partial"))) and backup.poll() is None:
        time.sleep(0.01)
    backup.terminate()
    out, err = backup.communicate(timeout=desk.patience)
    assert partial
    assert backup.returncode == 130, out + err
    assert "Traceback" not in err
    assert path.read_bytes() == b"an earlier one"
    assert list(tmp_path.glob("backup*")) == [path]

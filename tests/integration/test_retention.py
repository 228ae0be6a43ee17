"""How long pages are kept, as a user says it; and what they take, as a user sees it."""

from tests.desk import Desk


def test_pages_are_kept_as_long_as_it_is_set(desk: Desk) -> None:
    assert desk.crawl("national_times", "-a", "limit=5").code == 0
    shown = desk.dateline(
        "status", "national_times", DATELINE_PAGES_DAYS="30", DATELINE_RUNS_DAYS="60"
    )
    pages = list(desk.database.pages.find())
    assert f"{len(pages)} pages, " in shown.out
    index = desk.database.pages.index_information()["expiry"]
    assert index["expireAfterSeconds"] == 30 * 86_400
    index = desk.database.runs.index_information()["expiry"]
    assert (index["key"], index["expireAfterSeconds"]) == ([("started", 1)], 60 * 86_400)
    (row,) = [r for r in desk.dateline("status", "--json").json() if r["articles"]]
    assert row["pages"] == {
        "count": len(pages),
        "size": sum(page["size"] for page in pages),
        "packed": sum(len(page["zstd"]) for page in pages),
    }
    for name in ("pages", "runs"):
        assert "expiry" not in desk.database[name].index_information()
    assert " kB" in desk.dateline("status").out
    for days in ("a year", "36500"):
        wrong = desk.dateline("status", DATELINE_PAGES_DAYS=days)
        assert wrong.code == 3
        assert f"DATELINE_PAGES_DAYS={days} is not a number of days up to 24,000" in wrong.err

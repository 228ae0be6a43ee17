"""Edits of stories are found, told from noise, and shown."""

import asyncio
from datetime import timedelta
from pathlib import Path

from crawler.store.articles import Articles
from crawler.store.database import Database
from tests.crawler.store.store import AT, article
from tests.desk import Desk

URL = "https://news.example/1"


def test_history(desk: Desk, mongodb: str) -> None:
    """Two edits and a withdrawal, as a reader and as a program sees them."""
    edits = (
        article(),
        article(title="Title one", fetched=AT + timedelta(hours=1)),
        article(
            title="Title one",
            body="Paragraph one of two.\n\nParagraph two.",
            fetched=AT + timedelta(hours=2),
        ),
    )

    async def work() -> None:
        database = Database(uri=mongodb, name=desk.database.name, data=Path("unused"))
        await database.prepare()
        articles = Articles(database)
        for edit in edits:
            await articles.save([edit])
        await articles.withdraw(URL, AT + timedelta(hours=3))
        await database.close()

    asyncio.run(work())
    told = desk.dateline("history", "https://news.example/?p=1")
    assert told.code == 0, told.err
    assert [line.strip() for line in told.out.splitlines()] == [
        URL,
        "",
        "1  Title 1  (seen 2024-11-30 08:15 to 2024-11-30 08:15 UTC)",
        "2024-11-30 09:15 UTC: headline",
        "title",
        "Title [-1-]{+one+}",
        "",
        "2  Title one  (seen 2024-11-30 09:15 to 2024-11-30 09:15 UTC)",
        "2024-11-30 10:15 UTC: substantial",
        "body",
        "Paragraph one of [-1-]{+two+}.",
        "",
        "3  Title one  (seen 2024-11-30 10:15 to 2024-11-30 10:15 UTC)",
        "2024-11-30 11:15 UTC: withdrawn",
        "",
        "4  withdrawn  (seen 2024-11-30 11:15 to 2024-11-30 11:15 UTC)",
    ]
    versions = desk.dateline("history", URL, "--json").json()
    assert [version.get("label") for version in versions] == [
        "headline", "substantial", "withdrawn", None
    ]  # fmt: skip
    assert versions[0]["body"] == article().body
    unknown = desk.dateline("history", "https://news.example/9")
    assert (unknown.code, unknown.out) == (1, "")
    assert "No article is stored" in unknown.err

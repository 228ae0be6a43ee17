"""The last pipeline hands the article to the run, which brings it to MongoDB by way of disk."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.extension import ExtensionManager
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from crawler.errors import StoreError
from crawler.lead import Lead
from crawler.queue import spool
from crawler.run.extension import RunExtension
from crawler.run.record import RunOptions
from crawler.run.run import Run
from crawler.run.tally import PENDING
from crawler.store.database import Database
from pipelines.store_article import StoreArticle
from tests.desk import adds_up
from tests.pipelines.helpers import FETCHED, article


class News(Spider):
    name = "news"


def crawler(uri: str, database: str, data: Path) -> Crawler:
    """A crawler with a report and its run, and nothing else."""
    settings = Settings()
    settings.setmodule("settings.test")
    settings.setdict(
        {
            "EXTENSIONS_BASE": {},
        }
    )
    made = Crawler(News, settings)
    made.stats = MemoryStatsCollector(made)
    made.extensions = ExtensionManager.from_crawler(made)
    report = made.get_extension(RunExtension)
    assert report
    report.run = Run(Database(uri=uri, name=database, data=data), RunOptions(outlet="news"))
    return made


def test_stored_and_settled_when_it_is_delivered(mongodb: str, tmp_path: Path) -> None:
    """Two leads that turn out to be one story."""
    name = f"test_{uuid4().hex}"
    leads = [Lead(url=f"https://news.example/{number}", origin="feed") for number in (1, 2)]

    async def work() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        made = crawler(mongodb, name, tmp_path)
        report = made.get_extension(RunExtension)
        assert report
        try:
            await report.run.open()
            await report.run.frontier.record_sightings(leads, "feed:/feed")
            step = StoreArticle.from_crawler(made)
            page = {"page": "a" * 64, "markup": b"<p>", "fingerprint": "f"}
            first = await step.process_item(article(**page))
            await report.run.deliver()
            assert report.run.record.tally.totals()["stored"] == 1
            second = await step.process_item(article(lead=leads[1].url, **page))
            assert report.run.record.tally.is_pending(leads[1].url)
            await report.run.deliver()
            return [first, second], report.run.record.tally.totals()
        finally:
            await report.run.close()
            await report.run._database.close()

    with MongoClient[dict[str, Any]](mongodb, tz_aware=True) as client:
        try:
            exported, account = asyncio.run(work())
            assert exported[0] == {**exported[1], "lead": exported[0]["lead"]}
            assert exported[0]["fetched"] == FETCHED.isoformat()
            assert "markup" not in exported[0]
            assert account["unchanged"] == {"same": 1}
            assert adds_up(account)
            assert (account["sighted"], account[PENDING]) == (2, 0)
            (found,) = client[name].articles.find()
            assert found["title"] == "Ports reopen"
            settled = [(lead["state"], lead["article"]) for lead in client[name].leads.find()]
            assert settled == [("stored", found["_id"])] * 2
        finally:
            client.drop_database(name)


def test_without_room_on_disk_the_lead_stays_pending(
    mongodb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"test_{uuid4().hex}"
    lead = Lead(url="https://news.example/1", origin="feed")

    async def work() -> None:
        made = crawler(mongodb, name, tmp_path)
        report = made.get_extension(RunExtension)
        assert report
        try:
            await report.run.open()
            await report.run.frontier.record_sightings([lead], "feed:/feed")
            monkeypatch.setattr(spool, "MIN_FREE", 1 << 60)
            with pytest.raises(StoreError, match="free on its disk"):
                await StoreArticle.from_crawler(made).process_item(article())
            assert report.run.record.tally.is_pending(lead.url)
        finally:
            await report.run.close()
            await report.run._database.close()

    with MongoClient[dict[str, Any]](mongodb, tz_aware=True) as client:
        try:
            asyncio.run(work())
            assert [lead["state"] for lead in client[name].leads.find()] == ["pending"]
        finally:
            client.drop_database(name)


def test_without_a_run_it_says_what_is_missing() -> None:
    made = Crawler(News, {"EXTENSIONS": {}, "EXTENSIONS_BASE": {}})
    made.extensions = ExtensionManager.from_crawler(made)
    with pytest.raises(RuntimeError, match=r"StoreArticle needs a run: add .*RunExtension"):
        asyncio.run(StoreArticle.from_crawler(made).process_item(article()))

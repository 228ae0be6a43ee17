"""Cost of a slow MongoDB, and documents a second beside the pipeline of every tutorial.

The machine may be shared: look at the ratios.
"""

import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from benchmarks.slow import slow_proxy
from benchmarks.stalls import OURS, STALL
from crawler.article import Article
from crawler.lead import Lead
from crawler.mongod import embedded
from crawler.queue.delivery import MAX_BATCH, Outbox
from crawler.queue.spool import Spool
from crawler.queue.writer import MongoWriter
from crawler.queue.writes import ArticleWrite
from crawler.store.collection import UNFENCED
from crawler.store.database import Database
from crawler.store.ledger import Ledger
from crawler.store.schema import document
from newsworld.client import Client, running
from settings import environment

LATENCY = 0.5
DOCUMENTS = 5_000


def main(options: Sequence[str]) -> int:
    """Measure both and print them; ``--json`` for programs."""
    with tempfile.TemporaryDirectory() as folder, embedded.connect(Path(folder)) as lease:
        found = {**_latency(folder, lease.uri), **_documents(folder, lease.uri)}
        embedded.stop(Path(folder))
    if "--json" in options:
        print(json.dumps(found))
        return 0
    print(f"crawl, MongoDB near          {found['near']:7.1f} pages/s")
    print(f"crawl, every reply {LATENCY} s late {found['late']:6.1f} pages/s")
    print(f"ratio                        {found['late'] / found['near']:7.2f}")
    for how in ("near", "late"):
        wall, ours = found[f"stall_{how}"], found[f"ours_{how}"]
        print(f"longest stall, MongoDB {how}  {wall:7.3f} s, of its own work {ours:.3f} s")
    print(f"Dateline, article and page   {found['ours']:7.0f} documents/s")
    print(f"update_one for each item     {found['theirs']:7.0f} documents/s")
    print(f"ratio                        {found['ours'] / found['theirs']:7.2f}")
    return 0


def _latency(folder: str, uri: str) -> dict[str, float]:
    socket = uri.removeprefix("mongodb://").replace("%2F", "/")
    with running(per_day=44) as world:
        near = _crawl(world, folder, uri, "near")
        with slow_proxy(socket, LATENCY) as port:
            late = _crawl(world, folder, f"mongodb://127.0.0.1:{port}", "late")
    return near | late


def _crawl(world: Client, folder: str, uri: str, name: str) -> dict[str, float]:
    """Pages a second from the first story to the last, and the longest stall (`Stalls`)."""
    world.clear_log()
    env = environment.child(
        DATELINE_GATEWAY=world.url,
        DATELINE_DATA=folder,
        MONGODB_URI=uri,
        MONGODB_DATABASE=name,
        SCRAPY_SETTINGS_MODULE="settings.test",
    )
    words = ("-s", "SPIDER_MODULES=benchmarks.stalls", "-a", "since=2024-11-01")
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "watched", *words],
        cwd=environment.PROJECT,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    asked = [entry["at"] for entry in world.log() if entry["path"].startswith("/2024/")]
    told = dict(re.findall(r"'(benchmark/\w+)': ([\d.e-]+)", done.stderr))
    return {
        name: len(asked) / (max(asked) - min(asked)),
        f"stall_{name}": float(told[STALL]),
        f"ours_{name}": float(told[OURS]),
    }


def _documents(folder: str, uri: str) -> dict[str, float]:
    now, rng = datetime.now(UTC), random.Random(DOCUMENTS)
    words = ["".join(rng.choices("aeinorst", k=rng.randint(2, 9))) for _ in range(3_000)]
    one = Article(
        outlet="news", url="", title="Ports reopen", body="Ships are sailing. " * 150,
        fetched=now, first_seen=now, page="",
    )  # fmt: skip
    articles = [
        replace(one, url=url, lead=url, page=f"{number:064x}", markup=markup.encode())
        for number in range(DOCUMENTS)
        for url in [f"https://news.example/{number}"]
        for markup in [f"<p>{' '.join(rng.choices(words, k=3_500))}</p>"]
    ]
    ours = asyncio.run(_filed(articles, folder, uri))
    client: MongoClient[dict[str, Any]] = MongoClient(uri, w="majority", journal=True)
    client["theirs"]["articles"].create_index("url", unique=True)
    began = time.perf_counter()
    for article in articles:
        client["theirs"]["articles"].update_one(
            {"url": article.url},
            {"$set": {**document(article), "html": article.markup}},
            upsert=True,
        )
    theirs = time.perf_counter() - began
    client.close()
    return {"ours": DOCUMENTS / ours, "theirs": DOCUMENTS / theirs}


async def _filed(articles: list[Article], folder: str, uri: str) -> float:
    """Return the seconds it takes to store all and settle their leads."""
    database = Database(uri=uri, name="ours", data=Path(folder))
    await database.prepare()
    leads = [Lead(url=article.lead, origin="feed") for article in articles]
    await Ledger(database, "news").sight(UNFENCED, leads, "feed:/feed")
    write = partial(MongoWriter(database).write, UNFENCED)
    outbox = Outbox(Spool(Path(folder) / "bench.spool"), write, print, 60)
    began = time.perf_counter()
    for start in range(0, len(articles), MAX_BATCH):
        batch = articles[start : start + MAX_BATCH]
        await asyncio.gather(*(outbox.put(ArticleWrite.of(article, 0)) for article in batch))
    await outbox.deliver()
    seconds = time.perf_counter() - began
    outbox.close()
    await database.close()
    return seconds

"""kill -9 at any moment: nothing is lost, nothing doubled, little fetched twice."""

import random
import time
from collections import Counter

from newsworld.client import Client, running
from tests.desk import Desk

CONCURRENCY = 8
"""Requests at a time in the test profile."""


def test_killed_crawl_is_made_good_by_the_next(kill_seed: int, desk: Desk, world: Client) -> None:
    truth = {story["url"] for story in world.truth() if story["outlet"] == "asianlite"}
    moment = random.Random(kill_seed).uniform(0.05, 0.95) * len(truth)
    crawl = desk.start("scrapy", "crawl", "asianlite", "-a", "since=2024-11-01")
    while len(_stories(world)) < moment:
        assert crawl.poll() is None
        time.sleep(0.02)
    crawl.kill()
    crawl.communicate()
    result = desk.crawl("asianlite", "-a", "since=2024-11-01")
    assert result.code == 0, result.err
    assert desk.articles().keys() == truth
    assert desk.database.articles.count_documents({}) == len(truth)
    assert {lead["state"] for lead in desk.leads()} == {"stored"}
    twice = sum(count - 1 for count in Counter(_stories(world)).values())
    assert twice <= 2 * CONCURRENCY
    outcomes = [run["outcome"] for run in desk.runs()]
    assert outcomes == ["killed", "ok"]


def test_walk_of_a_listing_survives_a_kill(desk: Desk, world: Client) -> None:
    """Pages of a listing that a killed run had not reached are read by the next."""
    words = ("-s", "SPIDER_MODULES=tests.declared")
    world.faults([{"path": r"/category/top-news/page/2$", "delay": 30}])
    crawl = desk.start("scrapy", "crawl", "listed", *words)
    while len(desk.articles()) < 12:
        time.sleep(0.05)
    crawl.kill()
    crawl.communicate()
    world.faults([])
    assert desk.crawl("listed", *words).code == 0
    assert len(desk.articles()) == 3 * 12


def test_killed_backfill_goes_on_where_it_stopped(desk: Desk) -> None:
    """Of twelve hundred stories at most two in a hundred are fetched twice for a kill."""
    words = ("-s", "SPIDER_MODULES=tests.declared", "-a", "since=2024-11-01")
    with running(per_day=44) as world:
        truth = {story["url"] for story in world.truth() if story["outlet"] == "asianlite"}
        for share in (0.3, 0.7):
            crawl = desk.start("scrapy", "crawl", "posts", *words, DATELINE_GATEWAY=world.url)
            while len(_stories(world)) < share * len(truth):
                assert crawl.poll() is None
                time.sleep(0.02)
            crawl.kill()
            crawl.communicate()
        result = desk.crawl("posts", *words, DATELINE_GATEWAY=world.url)
        log = world.log()
    assert result.code == 0, result.err
    assert len(truth) > 1_200
    assert desk.articles().keys() == truth
    pages = Counter(entry["path"] for entry in log if not entry["path"].startswith("/robots"))
    stories = [path for path in pages if path.startswith("/2024/")]
    twice = sum(pages[path] - 1 for path in stories)
    assert twice <= 2 * 0.02 * len(truth)
    again = [path for path, count in pages.items() if path.startswith("/wp-json") and count > 1]
    assert len(again) <= 2, again  # at each kill the page that was being read


def _stories(world: Client) -> list[str]:
    return [r["path"] for r in world.log() if r["path"].startswith("/2024/")]

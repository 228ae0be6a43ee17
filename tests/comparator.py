"""Whether users find collected what newsworld has served, by its truth and its log alone."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from newsworld.client import Client
from newsworld.habits.outlets import former_host
from newsworld.press.papers import Paper
from tests.desk import Desk

Row = dict[str, Any]
OURS = ("published", "stated", "modified")
"""Fields that hold times of stories, and not of what Dateline did."""


@dataclass
class Round:
    """One run of an outlet, and what is wrong after it."""

    outcome: str
    code: int
    reason: str
    lost: dict[str, str] = field(default_factory=dict)
    """By story: ``missing``, ``twice``, ``not withdrawn``, or what of its article is not its
    own."""
    waiting: set[str] = field(default_factory=set)
    """Stories whose page was asked for, and was not (or not yet) theirs."""

    @property
    def is_silent(self) -> bool:
        """Whether something is wrong, and nobody is told."""
        return bool(self.lost) and (self.outcome == "healthy" or self.code == 0 or not self.reason)


def address(url: str) -> str:
    """What tells stories of the press apart in an address, by whatever host and with what more."""
    parts = urlsplit(url)
    host = former_host(parts.netloc).removeprefix("www.").removeprefix("m.")
    number = re.search(r"(?:^|&)p=(\d+)", parts.query)
    path = parts.path.rstrip("/").removesuffix("/amp").rstrip("/")
    return f"{host}{path}" + (f"?p={number[1]}" if number and not path else "")


class Comparator:
    """Runs of one outlet of the press, each compared when it has ended.

    Args:
        outlet: its name, which need not be the paper's.
        is_told: whether a page that is not, or not yet, its story's own is one that can be told
            from it: else it may be stored as it is, until the story's own is served.
        is_noticed: whether a story's own page, when it is there, is ever noticed.
        is_removed: whether a page that is not the story's own says that the story was removed.
    """

    def __init__(
        self,
        desk: Desk,
        world: Client,
        outlet: str,
        paper: Paper,
        *,
        is_told: bool = True,
        is_noticed: bool = True,
        is_removed: bool = False,
    ) -> None:
        self.rounds: list[Round] = []
        self._desk, self._world, self._outlet, self._paper = desk, world, outlet, paper
        self._is_told, self._is_noticed, self._is_removed = is_told, is_noticed, is_removed
        self._log: list[Row] = []

    def run(self, *words: str, paths: Iterable[str] | None = None, **environment: str) -> Round:
        """Crawl to the end, and compare what is there.

        Args:
            paths: in the last round, channels of which everything is to be there that they show by
                now. Only what was asked for in that round, and was not there, may be missing.
        """
        result = self._desk.crawl(self._outlet, *words, **environment)
        earlier = self._log
        self._log = self._world.log()
        self._world.clear_log()
        asked = self._log if paths is not None else earlier + self._log
        self._log = earlier + self._log
        told = self._desk.run(self._outlet)
        found = Round(told.get("outcome", "none"), result.code, told.get("reason") or "")
        self._reckon(found, set(paths or ()), self._ours(asked))
        self.rounds.append(found)
        return found

    def _reckon(self, found: Round, paths: set[str], asked: list[Row]) -> None:
        truth = {
            row["url"]: row for row in self._world.truth() if row["outlet"] == self._paper.name
        }
        by_address = _by_address(truth)
        ours = self._ours(self._log)
        shown = {url for entry in ours for url in entry["shows"] if entry["status"] == 200}
        shown |= {url for url, row in truth.items() if paths & {*row["channels"]}}
        whole: dict[str, bool] = {}
        seen = {entry["story"] for entry in ours}
        for entry in asked:
            url = by_address.get(address(f"https://{entry['host']}{entry['path']}"))
            if url and (entry["status"] == 304 or not 300 <= entry["status"] < 400):
                whole[url] = entry["story"] == url
        forbidden = {url for url, row in truth.items() if row["forbidden"]}
        assert whole.keys().isdisjoint(forbidden)
        found.waiting = {url for url, is_whole in whole.items() if not is_whole}
        removed = found.waiting if self._is_removed else set[str]()
        found.waiting |= {url for url, row in truth.items() if row["gone"]} | forbidden
        articles = list(self._desk.articles(self._outlet).values())
        stored = {row["body"] for row in articles}
        missing = {url for url in shown - found.waiting if truth[url]["body"] not in stored}
        kept = {by_address.get(address(row["url"])) for row in articles if not row.get("withdrawn")}
        found.lost = dict.fromkeys(removed & kept, "not withdrawn")
        found.lost |= dict.fromkeys(missing, "missing") | wrong(articles, truth)
        if not self._is_told:
            untold = found.waiting if self._is_noticed else found.lost.keys()
            for url in untold - seen:
                found.lost.pop(url, None)

    def _ours(self, log: list[Row]) -> list[Row]:
        hosts = (self._paper.host, f"www.{self._paper.host}", f"m.{self._paper.host}")
        return [entry for entry in log if former_host(entry["host"]) in hosts]


def _by_address(truth: dict[str, Row]) -> dict[str, str]:
    return {address(name): url for url, row in truth.items() for name in (url, *row["aliases"])}


def wrong(articles: list[Row], truth: dict[str, Row]) -> dict[str, str]:
    """Tell what of articles is not their story's own, by the story's or the article's address."""
    by_body, by_address = {row["body"]: url for url, row in truth.items()}, _by_address(truth)
    lost = {}
    for article in articles:
        own = by_address.get(address(article["url"]))
        others = {by_address.get(address(alias)) for alias in article["aliases"]} - {own, None}
        published = (article["published"] or {}).get("at")
        url = by_body.get(article["body"])
        if url is None:
            lost[own or article["url"]] = "text"
        elif own != url:
            lost[own or url] = "text of another" if own else f"address {article['url']}"
        elif article["title"] != truth[url]["title"]:
            lost[url] = "title"
        elif published != datetime.fromisoformat(truth[url]["published"]):
            lost[url] = "date"
        elif others:
            lost[url] = "address of another"
    own_addresses = Counter(by_address.get(address(article["url"])) for article in articles)
    return {url: "twice" for url, n in own_addresses.items() if url and n > 1} | lost


def age(desk: Desk, by: timedelta) -> None:
    """Let time pass for Dateline: all that it remembers was so much earlier."""

    def earlier(value: Any) -> Any:
        if isinstance(value, datetime):
            return value - by if value.year > 1970 else value
        if isinstance(value, list):
            return [earlier(each) for each in value]
        if isinstance(value, dict):
            return {k: v if k in OURS else earlier(v) for k, v in value.items()}
        return value

    for name in desk.database.list_collection_names():
        if name in ("leases", "meta", "pages", "dictionaries"):
            continue
        for kept in desk.database[name].find():
            if (aged := earlier(kept)) != kept:
                desk.database[name].replace_one({"_id": kept["_id"]}, aged)

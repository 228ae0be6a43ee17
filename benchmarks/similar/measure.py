"""Clusters that `crawler.duplicates` finds in an invented press, beside its gold."""

import gc
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from statistics import fmean, median
from uuid import uuid4

import pymongo
from bson import Binary

from benchmarks.similar.press import START, FiledStory
from crawler.article import Article
from crawler.duplicates.near_duplicates import WINDOW, NearDuplicates
from crawler.duplicates.similarity import WeightedSketch, WordFrequencies, sketch
from crawler.store.articles import Articles
from crawler.store.collection import UNFENCED
from crawler.store.database import Database, plain
from crawler.store.schema import ArticleVersion
from crawler.text.dates.timestamp import Timestamp
from crawler.text.fingerprint import fingerprint, fold

_AT_ONCE = 1_000
BATCH = 100
"""Articles placed at a time, as they come in."""


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """Agreement of the clusters with the gold, each from 0 to 1."""

    precision: float
    """Precision of the pairs held to be copies of one text."""
    recall: float
    story_precision: float
    """B-cubed, of the clusters of one event (A. Bagga and B. Baldwin, 1998)."""
    story_recall: float
    origin: float
    """Share of wire copies whose origin is right."""

    @property
    def story_f1(self) -> float:
        """Harmonic mean."""
        both = self.story_precision + self.story_recall
        return 2 * self.story_precision * self.story_recall / both


def difficulty(press: Iterable[FiledStory]) -> float:
    """Mean Jaccard similarity of the 3-grams of wire copies; of NEWS-COPY it is .30."""
    texts: dict[str, list[set[tuple[str, ...]]]] = {}
    for story in press:
        if story.text.endswith("/wire"):
            words = re.findall(r"\w+", story.body.casefold())
            texts.setdefault(story.text, []).append(
                set(zip(words, words[1:], words[2:], strict=False))
            )
    pairs = [pair for copies in texts.values() for pair in combinations(copies, 2)]
    return fmean(len(a & b) / len(a | b) for a, b in pairs)


def article(story: FiledStory, language: str = "en") -> Article:
    """Make the article as which the story would have been collected."""
    published = Timestamp(
        at=story.published,
        text=story.published.isoformat(),
        offset="+00:00",
        precision="day" if story.is_day else "minute",
        source="meta",
    )
    return Article(
        outlet=re.sub(r"\W", "_", story.outlet),
        url=story.url,
        title=story.title,
        language=language,
        published=published,
        body=story.body,
        credit=story.credit,
        fingerprint=fingerprint(story.title, story.body),
        fetched=story.first_seen,
        first_seen=story.first_seen,
        lead=story.url,
        page=uuid4().hex,
    )


@asynccontextmanager
async def database(uri: str) -> AsyncIterator[Database]:
    """Open an empty database, and drop it afterwards."""
    name = f"similar_{uuid4().hex}"
    opened = Database(uri=uri, name=name, data=Path("unused"))
    try:
        await opened.prepare()
        yield opened
    finally:
        await opened._client.drop_database(name)
        await opened.close()


async def clusters(
    opened: Database, press: Sequence[FiledStory], language: str = "en"
) -> ClusterScores:
    """Place the whole press in batches, as a run does, and score what came of it."""
    articles, similar = Articles(opened), NearDuplicates(opened)
    for some in _batches(press):
        batch = [article(story, language) for story in some]
        await articles.save(UNFENCED, [ArticleVersion.of(one) for one in batch])
        await similar.cluster([story.outlet for story in batch])
    return await score(opened, press)


async def score(opened: Database, press: Sequence[FiledStory]) -> ClusterScores:
    """Compare what the articles were told with the gold."""
    told = {stored["_id"]: stored async for stored in opened["articles"].find()}
    copies: dict[str, str] = {}
    for url, stored in told.items():
        wire = stored.get("wire")
        copies[url] = wire["cluster"] if wire else stored.get("same_as") or url
    stories = {url: stored.get("story", url) for url, stored in told.items()}
    precision, recall = _pairs(copies, {story.url: story.text for story in press})
    found, wanted = _b_cubed(stories, {story.url: story.event for story in press})
    size = Counter(story.text for story in press)
    right = [
        told[story.url]["wire"]["origin"] == story.origin
        or fold(told[story.url]["wire"]["agency"] or "") == fold(story.origin)
        for story in press
        if story.text.endswith("/wire") and size[story.text] > 1 and told[story.url].get("wire")
    ]
    return ClusterScores(precision, recall, found, wanted, fmean(right))


def _pairs(found: dict[str, str], gold: dict[str, str]) -> tuple[float, float]:
    def pairs(sizes: Counter[tuple[str, ...]]) -> int:
        return sum(size * (size - 1) // 2 for size in sizes.values())

    both = pairs(Counter((found[url], gold[url]) for url in gold))
    return (
        both / max(1, pairs(Counter((found[url],) for url in gold))),
        both / pairs(Counter((gold[url],) for url in gold)),
    )


def _b_cubed(found: dict[str, str], gold: dict[str, str]) -> tuple[float, float]:
    clusters, events = Counter(found[url] for url in gold), Counter(gold.values())
    both = Counter((found[url], gold[url]) for url in gold)
    precision = sum(size**2 / clusters[cluster] for (cluster, _), size in both.items())
    recall = sum(size**2 / events[event] for (_, event), size in both.items())
    return precision / len(gold), recall / len(gold)


def _batches(press: Sequence[FiledStory]) -> list[Sequence[FiledStory]]:
    return [press[at : at + BATCH] for at in range(0, len(press), BATCH)]


# -- Speed


def pure_speed(press: Sequence[FiledStory]) -> float:
    """Stories a second that are sketched, and each compared with the four before it."""
    frequencies = WordFrequencies()
    made = [sketch(story.title, story.body) for story in press]
    for told, counts in made:
        frequencies.add(told.words, frequencies.keys(told, counts))
    began = time.process_time()
    last: list[WeightedSketch] = []
    for story in press:
        told, counts = sketch(story.title, story.body)
        frequencies.selective(frequencies.keys(told, counts))
        frequencies.add(told.words, ())
        weighed = frequencies.weigh(told)
        for other in last[-4:]:
            frequencies.compare(weighed, other, 0.5)
        last.append(weighed)
    return len(press) / (time.process_time() - began)


async def speed(opened: Database, press: Sequence[FiledStory]) -> tuple[float, float]:
    """Stories a second that are placed of a backlog, by the clock and by this process's own time.

    The first ones are left out of it: they load what later ones need.
    """
    batch, similar = [article(story) for story in press], NearDuplicates(opened)
    await Articles(opened).save(UNFENCED, [ArticleVersion.of(one) for one in batch])
    outlets = [story.outlet for story in batch]
    placed = -await similar.cluster(outlets)
    gc.freeze()  # as a run does when it has opened
    began, used = time.perf_counter(), time.process_time()
    placed += len(batch)
    while await similar.cluster(outlets):
        pass
    return placed / (time.perf_counter() - began), placed / (time.process_time() - used)


async def growth(
    opened: dict[int, Database], press: Sequence[FiledStory], say: Callable[[str], None]
) -> dict[int, float]:
    """Milliseconds to place a story among so many sketches of older days, by their number.

    The older ones are synthetic, a thousand a day. The press is placed in all databases by turns,
    so that whatever else the machine does slows them all alike.
    """
    for size, database in opened.items():
        rng = random.Random("growth")
        await plain(database)[
            "sketches"
        ].drop_indexes()  # it is faster to make them of what is there
        for stored in range(0, size, _AT_ONCE):
            made = [_synthetic(rng, stored + at) for at in range(_AT_ONCE)]
            await plain(database)["sketches"].insert_many(made, ordered=False)
            if stored and not stored % 100_000:
                say(f"{stored:,} sketches stored")
        with pymongo.timeout(0):  # no limit
            await database.prepare()
    similar = {size: NearDuplicates(database) for size, database in opened.items()}
    spent: dict[int, list[float]] = {size: [] for size in opened}
    for some in _batches(press):
        batch = [article(story) for story in some]
        for size, database in opened.items():
            await Articles(database).save(UNFENCED, [ArticleVersion.of(one) for one in batch])
            began = time.perf_counter()
            await similar[size].cluster([story.outlet for story in batch])
            spent[size].append(1000 * (time.perf_counter() - began) / len(batch))
    # The first batches load the frequencies.
    return {size: median(times[2:]) for size, times in spent.items()}


def _synthetic(rng: random.Random, number: int) -> dict[str, object]:
    # The press begins where the newest of these end: its first days share the last of theirs.
    seen = START + timedelta(days=2) - timedelta(minutes=1.44 * number)
    days = int(seen.timestamp() // (2 * WINDOW).total_seconds()) << 33
    keys = [days | rng.randrange(2**29) for _ in range(35)]
    keys += [days | 1 << 32 | int(rng.paretovariate(0.6)) % 2**32 for _ in range(16)]
    url = f"https://synthetic.example/{number}"
    return {
        "_id": url, "outlet": "synthetic", "house": f"house{number % 50}", "language": "en",
        "credit": None, "keys": keys, "seen": seen, "copy": url, "story": url,
        "shingles": Binary(rng.randbytes(1_200)), "words": Binary(rng.randbytes(600)),
    }  # fmt: skip

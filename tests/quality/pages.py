"""``python -m tests.quality.pages FOLDER``: pages of our own with gold, in the corpora's layout.

They are made of invented prose in templates that have the habits of the web: what they state, where
the text stands, and what stands around it and between.
"""

import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsworld.messages import SiteRequest
from newsworld.prose import write
from newsworld.server import SITES
from newsworld.world import World

FETCHED = datetime(2024, 12, 1, 12, tzinfo=UTC)
"""When all pages were fetched."""
HERE = Path(__file__).parent
PROSE = json.loads((HERE / "prose.json").read_text(encoding="utf-8"))
"""Invented ``stories`` in other languages than English, and ``site_words``: what a site prints."""
KINDS = "classic blockeditor soup live paywall gallery linked microdata boxes plain".split()
SITES_EN = ("The Harbour Post", "Kestrel County News", "Daily Meridian")
AUTHORS = ("Rosalind Achterberg", "Dmitri Okonjo", "Saoirse Vell")
SEPARATORS = ("-", "|", "—")
NEWSWORLD = {"asianlite": 2, "national_times": 3}
"""How many pages of these; those of the third outlet exist only in a browser."""


@dataclass(frozen=True)
class Sample:
    """A page and what it says, by the names that corpora use."""

    id: str
    url: str
    markup: str
    text: str
    title: str
    authors: list[str] | None
    """None where the page states none."""
    date: str | None
    """ISO 8601, with the offset where the page prints one."""
    encoding: str = "utf-8"
    fetched_at: str = FETCHED.isoformat()


def samples() -> list[Sample]:
    """All of them, the same every time."""
    return [*_english(), *_foreign(), *_newsworld()]


def write_corpus(folder: Path, wanted: Iterable[Sample]) -> None:
    """Write ``gold.jsonl`` and ``pages/``."""
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    with (folder / "gold.jsonl").open("w", encoding="utf-8") as gold:
        for sample in wanted:
            page = folder / "pages" / f"{sample.id}.html.gz"
            page.write_bytes(gzip.compress(sample.markup.encode(), mtime=0))
            stated = {name: value for name, value in asdict(sample).items() if name != "markup"}
            gold.write(json.dumps(stated, ensure_ascii=False) + "\n")


def _english() -> Iterator[Sample]:
    for number, kind in enumerate(KINDS * 2):
        rng = Random(number)
        copy = write(rng, 3000 + number, "Tuesday")
        offset = rng.choice((-5, 0, 1, 5.5))
        at = datetime(2024, 11, 1 + number, 9, 17, tzinfo=timezone(timedelta(hours=offset)))
        variables = {
            "language": "en",
            "rtl": False,
            "t": PROSE["site_words"]["en"],
            "site": SITES_EN[number % 3],
            "separator": SEPARATORS[number % 3],
            "title": copy.headline,
            "author": AUTHORS[number % 3],
            "author_line": f"By {AUTHORS[number % 3]}",
            "date_line": f"{at:%B} {at.day}, {at.year}",
            "machine": "",
            "at": at,
            "later": at + timedelta(hours=27, minutes=3),
            "caption": copy.caption,
            "captions": [copy.caption, *copy.sentences[-3:-1]],
            "blocks": _blocks(kind, copy.sentences[:24], rng),
            "others": [_other(other) for other in range(3900 + 5 * number, 3905 + 5 * number)],
            "remarks": [
                "I have lived here for thirty years and nobody ever asked us about this.",
                "Good for them. I hope that the money does not run out half way again.",
            ],
        }
        day_only = kind in ("soup", "plain")
        date = at.date().isoformat() if day_only else at.isoformat()
        yield _sample(f"{kind}-{number // len(KINDS) + 1}", kind, variables, date)


def _blocks(kind: str, sentences: tuple[str, ...], rng: Random) -> list[tuple[str, Any]]:
    """What the story consists of: paragraphs, and further elements where the kind has them."""
    paragraphs: list[tuple[str, Any]] = []
    rest = list(sentences)
    while rest:
        size = rng.choice((1, 2, 2, 3))
        paragraphs.append(("p", " ".join(rest[:size])))
        del rest[:size]
    if kind == "paywall":
        return paragraphs[:3]
    if kind in ("blockeditor", "microdata"):
        paragraphs.insert(4, ("quote", "“We were told it would take a year,” one of them said."))
        paragraphs.insert(6, ("h2", "What happens next"))
        paragraphs.insert(8, ("ul", ["The plans go on show in the town hall.",
                                     "Objections are heard until the end of March.",
                                     "The council votes before the summer."]))  # fmt: skip
        paragraphs.insert(10, ("table", [["Year", "Visitors"], ["2022", "18,400"],
                                         ["2023", "21,150"]]))  # fmt: skip
    if kind in ("soup", "boxes", "classic"):
        paragraphs.insert(5, ("h2", "A long time coming"))
    return paragraphs


def _other(name: int) -> dict[str, str]:
    copy = write(Random(name), name, "Monday")
    return {"title": copy.headline, "teaser": copy.standfirst + ".", "when": "November 28, 2024"}


def _foreign() -> Iterator[Sample]:
    machine = "2024-11-26T06:45:00+02:00"
    for number, story in enumerate(PROSE["stories"]):
        kind = "plain" if number % 2 else "microdata"
        variables = {
            "rtl": False,
            "t": PROSE["site_words"][story["language"]],
            "separator": "|",
            "machine": machine,
            "at": datetime.fromisoformat(machine),
            "later": datetime.fromisoformat(machine) + timedelta(hours=3),
            **story,
            "others": [
                {"title": title, "teaser": title, "when": "28.11.2024"} for title in story["others"]
            ],
        }
        yield _sample(story["language"], kind, variables, machine)


def _sample(name: str, kind: str, variables: dict[str, Any], date: str) -> Sample:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    parts = []
    for block, value in variables["blocks"]:
        if block == "table":
            parts.append("\n".join(" | ".join(row) for row in value))
        else:
            parts.append("\n".join(value) if block == "ul" else value)
    text = "\n\n".join(parts)
    markup = environment.get_template(f"{kind}.html").render(s=variables | {"text": text})
    return Sample(
        id=name,
        url=f"https://news-{name}.example/2024/{name}-story",
        markup=markup,
        text=text,
        title=variables["title"],
        authors=[variables["author"]],
        date=date,
    )


def _newsworld() -> Iterator[Sample]:
    world = World(days=7)
    truth = world.truth()
    for outlet, count in NEWSWORLD.items():
        stories = [story for story in truth if story["outlet"] == outlet]
        for number, story in enumerate(stories[:count]):
            parts = urlsplit(str(story["url"]))
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            answer = SITES[parts.netloc](world, SiteRequest(f"https://{parts.netloc}", target))
            assert answer
            at = datetime.fromisoformat(str(story["published"]))
            hours, minutes = str(story["offset"])[1:].split(":")
            shift = timedelta(hours=int(hours), minutes=int(minutes))
            local = at.astimezone(timezone(shift))
            yield Sample(
                id=f"{outlet}-{number + 1}",
                url=str(story["url"]),
                markup=answer.body.decode(),
                text=str(story["body"]),
                title=str(story["title"]),
                authors=None,
                date=local.date().isoformat(),
            )


if __name__ == "__main__":
    write_corpus(Path(sys.argv[1]), samples())

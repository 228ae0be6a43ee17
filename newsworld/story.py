"""`Story`: one article of one outlet, with the truth about it; and the `Outlet` it belongs to."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from newsworld import prose, words
from newsworld.prose import NBSP, StoryText, fold


@dataclass(frozen=True, slots=True)
class Category:
    """A section of an outlet, as WordPress numbers it."""

    id: int
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Outlet:
    """A site of the local web."""

    name: str
    title: str
    host: str
    home: str
    """Address of the home page."""
    zone: ZoneInfo
    first_id: int
    """Posts are numbered upwards from here, with gaps."""
    categories: tuple[Category, ...] = ()
    authors: tuple[str, ...] = ()
    """Names that its feed and REST API state."""
    precision: Literal["minute", "second"] = "second"
    """Precision of the date on its article pages."""


ASIANLITE = Outlet(
    name="asianlite",
    title="Asian Lite",
    host="asianlite.com",
    home="https://asianlite.com/",
    zone=ZoneInfo("Europe/London"),
    first_id=371_000,
    categories=(
        Category(4, "-Top News", "top-news"),
        Category(11, "World News", "world-news"),
        Category(12, "UK News", "uk-news"),
        Category(19, "UAE News", "uae-news"),
    ),
    authors=("Asian Lite Newsdesk", "Anjali Tervane", "Daniel Okoré-Webb"),
)
NATIONAL_TIMES = Outlet(
    name="national_times",
    title="National Times",
    host="nationaltimes.pk",
    home="https://nationaltimes.pk/eng/",
    zone=ZoneInfo("Asia/Karachi"),
    first_id=92_000,
    categories=(Category(3, "Latest News", "latest-news"), Category(7, "World", "world")),
    authors=("Web Desk",),
)
TICKER = Outlet(
    name="ticker",
    title="The Ticker",
    host="ticker.example",
    home="https://ticker.example/",
    zone=ZoneInfo("UTC"),
    first_id=1,
    authors=("Ida Marlowe", "Tomás Brandt"),
    precision="minute",
)
OUTLETS = (ASIANLITE, NATIONAL_TIMES, TICKER)

NATIONAL_TIMES_CREDIT = "Pakistan(National Times)-"
ASIAN_LITE_CREDIT = "reports Asian Lite News"


@dataclass(frozen=True)
class Story:
    """An article; everything but its moment follows from the seed, the outlet and its number."""

    seed: int
    outlet: Outlet
    number: int
    """0 for the outlet's first story of the world; grows with time."""
    published: datetime
    """Aware, in UTC, whole seconds."""

    def rng(self, purpose: str) -> Random:
        """Make a random generator of this story's own, the same in every process."""
        return Random(f"{self.seed}:{self.outlet.name}:{self.number}:{purpose}")

    @cached_property
    def copy(self) -> StoryText:
        """Text that the reporter filed."""
        name = self.number * len(OUTLETS) + OUTLETS.index(self.outlet) + self.seed * 1009
        return prose.write(self.rng("copy"), name, self.local.strftime("%A"))

    @cached_property
    def local(self) -> datetime:
        """`published` by the outlet's clock."""
        return self.published.astimezone(self.outlet.zone)

    @cached_property
    def id(self) -> int:
        """The post's number; of the ticker, 1, 2, 3 ..."""
        if self.outlet is TICKER:
            return self.outlet.first_id + self.number
        return self.outlet.first_id + 6 * self.number + self.rng("id").randrange(6)

    @cached_property
    def title(self) -> str:
        headline = self.copy.headline
        return prose.title_case(headline) if self.outlet is ASIANLITE else headline

    @cached_property
    def slug(self) -> str:
        """The title in lower-case ASCII letters, digits and hyphens."""
        plain = unicodedata.normalize("NFKD", self.title.lower()).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

    @cached_property
    def category(self) -> Category | None:
        """Section; Asian Lite shows every story in its first category besides."""
        if not self.outlet.categories:
            return None
        weights = (6, 2, 1, 1)[: len(self.outlet.categories)]
        return self.rng("category").choices(self.outlet.categories, weights)[0]

    @property
    def categories(self) -> tuple[Category, ...]:
        """The section, and the category in which everything is listed."""
        every = self.outlet.categories[:1]
        return every if self.category in every or not self.category else (self.category, *every)

    @property
    def path(self) -> str:
        """Path and query of its page."""
        if self.outlet is TICKER:
            return f"/story/{self.id}"
        if self.outlet is NATIONAL_TIMES:
            return f"/eng/?p={self.id}"
        assert self.category
        return f"/{self.local.year}/{self.category.slug}/{self.slug}"

    @property
    def url(self) -> str:
        """Canonical address."""
        return f"https://{self.outlet.host}{self.path}"

    @property
    def author(self) -> str:
        """Whom the feed and the REST API name."""
        return self.rng("author").choice(self.outlet.authors)

    @property
    def byline(self) -> bool:
        """True: its page names the author, in a box below the text or by script."""
        return self.outlet is TICKER or (
            self.outlet is ASIANLITE and self.rng("byline").random() < 0.3
        )

    @property
    def tags(self) -> tuple[str, ...]:
        """Asian Lite's tags; the others print none."""
        return self.copy.tags if self.outlet is ASIANLITE else ()

    @cached_property
    def credit(self) -> str | None:
        """The source as its text names it."""
        if self.outlet is NATIONAL_TIMES:
            return NATIONAL_TIMES_CREDIT
        if self.outlet is ASIANLITE and self.rng("credit").random() < 0.9:
            return ASIAN_LITE_CREDIT
        return None

    @cached_property
    def dateline(self) -> str | None:
        """The city National Times files it from, in capitals."""
        if self.outlet is not NATIONAL_TIMES:
            return None
        return self.rng("dateline").choice(words.CITIES)

    @cached_property
    def standfirst(self) -> str | None:
        """Asian Lite's first paragraph, which names the credit."""
        if self.outlet is not ASIANLITE:
            return None
        if not self.credit:
            return self.copy.standfirst
        joint = ", " if self.rng("joint").random() < 0.9 else "…."
        return f"{self.copy.standfirst}{joint}{self.credit}"

    @cached_property
    def paragraphs(self) -> tuple[str, ...]:
        """The body as typed, with its NBSPs and doubled spaces, less standfirst and credit."""
        rng = self.rng("paragraphs")
        sentences = list(self.copy.sentences)
        if self.outlet is NATIONAL_TIMES:
            block = sentences[: rng.randrange(9, 22)]
            for at in rng.sample(range(len(block) - 1), 2):
                block[at] += rng.choice((NBSP, " " + NBSP, " "))
            return (" ".join(block),)
        count = rng.randrange(4, 15)
        paragraphs = [sentences.pop(0)]
        while len(paragraphs) < count:
            size = rng.choice((1, 2, 2, 3))
            paragraphs.append(" ".join(sentences[:size]))
            del sentences[:size]
        if rng.random() < 0.4:
            at = rng.randrange(count)
            paragraphs[at] = paragraphs[at].replace(" ", NBSP, 1)
            paragraphs[-1] += NBSP
        return tuple(paragraphs)

    @cached_property
    def body(self) -> str:
        """Text that a perfect cleaner leaves: paragraphs divided by one blank line."""
        blocks = (self.standfirst, *self.paragraphs) if self.standfirst else self.paragraphs
        return "\n\n".join(fold(block) for block in blocks)

    @property
    def text(self) -> str:
        """The body on one line, as excerpts are cut from it."""
        if self.outlet is NATIONAL_TIMES:
            return f"{self.credit} {self.dateline}: {self.body}"
        return fold(self.body)

    @property
    def aliases(self) -> list[str]:
        """Other addresses of the same page."""
        return [f"https://{self.outlet.host}/?p={self.id}"] if self.outlet is ASIANLITE else []

    def truth(self) -> dict[str, object]:
        """Return what a perfect collector would know of it.

        `authors` are those its page names, `creator` whom feed and REST name; `published` is ISO
        8601 in UTC, `precision` and `offset` as its page states them or its zone implies.
        """
        offset = self.local.strftime("%z")
        return {
            "outlet": self.outlet.name,
            "url": self.url,
            "aliases": self.aliases,
            "title": self.title,
            "body": self.body,
            "published": self.published.isoformat(),
            "precision": self.outlet.precision,
            "offset": f"{offset[:3]}:{offset[3:]}",
            "authors": [self.author] if self.byline else [],
            "creator": self.author,
            "section": self.category.name if self.category else None,
            "tags": list(self.tags),
            "credit": self.credit,
            "dateline": self.dateline,
        }

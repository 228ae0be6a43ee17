"""`Scene`: a request at which an outlet's bad habits show."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from newsworld.messages import SiteRequest, SiteResponse
from newsworld.press.edition import Edition, PaperStory
from newsworld.press.papers import Form
from newsworld.world import World

_OLD: dict[Form, str] = {
    "dated": "/2009/08/07/old-{}",
    "slug": "/news/old-{}",
    "html": "/articles/77000000{}/old.html",
    "number": "/story/77000000{}",
    "query": "/?p=77000000{}",
}


@cache
def old_stories(form: str, count: int) -> str:
    """Return so many entries of stories of years ago; ``{}`` stands for the number of each."""
    return "".join(form.replace("{}", str(number)) for number in range(1, count + 1))


@dataclass(frozen=True)
class Scene:
    """One request for an address of one outlet, and what a habit may want to know of it."""

    world: World
    edition: Edition
    ask: SiteRequest
    kind: str
    """What the address is: a channel's kind, ``robots``, ``story`` or ``other``."""
    story: PaperStory | None
    reading: int
    """How often this story or address was asked for, this time included."""
    seed: int
    answer: Callable[[SiteRequest], SiteResponse]
    """What the outlet answers without the habit, also at another of its addresses."""

    @property
    def base(self) -> str:
        """Scheme and host of the outlet's own addresses."""
        return self.edition.paper.base

    @property
    def old(self) -> str:
        """The address of a story of years ago, of which nothing is left; ``{}`` is its number."""
        return self.base + _OLD[self.edition.paper.form]

    def rng(self, purpose: str = "") -> Random:
        """Make a random generator: the same for one outlet, seed and purpose."""
        return Random(f"{self.seed}:{self.edition.paper.name}:{purpose}")


Change = Callable[[SiteResponse, Scene], SiteResponse]
"""Takes an answer as it is without the habit, and returns it as it is with it."""
TextChange = Callable[[str, Scene], str]
"""The same for the bytes of a body, each as one character (ISO 8859-1)."""

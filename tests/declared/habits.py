"""Papers of newsworld's press by one channel each, or some, so that no other makes up for it."""

import json
import os

from crawler.spider import OutletSpider
from newsworld.press.papers import ChannelKind
from tests.declared.press import PAPERS, declare, sources

HOMES = json.loads(os.environ.get("CHANGED_HOMES", "{}"))
"""Addresses of papers that have moved, and whose declaration was changed."""
CHANNELS: dict[str, tuple[tuple[ChannelKind, ...], tuple[int, ...]]] = {
    "sitemap": (("sitemap",), (3, 5, 6, 7, 9, 18)),
    "feed": (("feed",), (1, 2, 4, 5, 8, 12)),
    "rest": (("rest",), (1, 10)),
    "listing": (("listing",), (1, 2, 4, 6)),
    "story": (("feed", "sitemap"), (5, 7, 9, 1)),
}
"""What papers of which numbers are declared by, to show what is wrong with this."""


def declare_part(number: int, *kinds: ChannelKind) -> type[OutletSpider]:
    """A paper by some of its channels."""
    whole, paper = declare(PAPERS[f"paper_{number:02}"]), PAPERS[f"paper_{number:02}"]
    by_kind = dict(zip(paper.channels, sources(paper), strict=True))
    name = f"paper_{number:02}_by_{'_'.join(kinds)}"
    home = HOMES.get(paper.name, paper.home)
    declared = {
        "__doc__": f"{paper.title} by {' and '.join(kinds)}.",
        "__module__": __name__,
        "name": name,
        "home": home,
        "sources": tuple(by_kind[kind] for kind in kinds),
    }
    if home != paper.home:
        declared["domains"] = (paper.host,)
    return type(name.title().replace("_", ""), (whole,), declared)


PARTS = {
    shown_in: [declare_part(number, *kinds) for number in numbers]
    for shown_in, (kinds, numbers) in CHANNELS.items()
}
# Scrapy's loader finds classes by looking through the module.
globals().update({part.__name__: part for parts in PARTS.values() for part in parts})

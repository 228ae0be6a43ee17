"""A paper of the press with rules of its own, which change as a test says, by the environment."""

import json
import os
from typing import Any

from crawler.outlet import Selectors
from crawler.spider import OutletSpider
from tests.declared import press

RULES: dict[str, Any] = {
    "title": "article h1",
    "body": ".copy > p",
    "authors": ".byline a",
    "published": ".byline time",
}


def declare(paper: str, **declared: Any) -> type[OutletSpider]:
    """The paper under another name, with rules."""
    told = {"__doc__": f"{paper}, by its rules.", "__module__": __name__, **declared}
    return type(declared["name"].title(), (press.OUTLETS[paper],), told)


Ruled = declare(
    "paper_01",
    name="ruled",
    page=Selectors(**{**RULES, **json.loads(os.environ.get("CHANGED_RULES", "{}"))}),
)
Ahead = declare(
    "paper_02",
    name="ahead",
    page=Selectors(**RULES),
    sources=press.OUTLETS["paper_02"].sources[:1],
)
"""Five and a half hours ahead of UTC, by its feed."""

"""A paper of the press with rules of its own, which change as a test says, by the environment."""

import json
import os
from typing import Any

from crawler.outlet import Selectors
from tests.declared.press import OUTLETS

FIRST: Any = OUTLETS["paper_01"]
SECOND: Any = OUTLETS["paper_02"]
RULES: dict[str, Any] = {
    "title": "article h1",
    "body": ".copy > p",
    "authors": ".byline a",
    "published": ".byline time",
}


class Ruled(FIRST):  # type: ignore[misc]
    """The first paper, by its rules."""

    name = "ruled"
    page = Selectors(**{**RULES, **json.loads(os.environ.get("CHANGED_RULES", "{}"))})


class Ahead(SECOND):  # type: ignore[misc]
    """A paper five and a half hours ahead of UTC, by its feed."""

    name = "ahead"
    page = Selectors(**RULES)
    sources = SECOND.sources[:1]

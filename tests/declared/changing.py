"""Outlets whose rules change between a crawl and a reparse: by the environment, as a test says."""

import json
import os

from crawler.outlet import Selectors
from crawler.sources import WordPress
from spiders.asianlite import AsianLite
from tests.declared.faulty import Faulty

CHANGED = json.loads(os.environ.get("CHANGED_RULES", "{}"))


def rules() -> Selectors:
    """Asian Lite's, with what the test has changed."""
    own = {name: getattr(AsianLite.page, name) for name in AsianLite.page.__slots__}
    return Selectors(**{**own, **CHANGED})


class Changing(Faulty):
    """Asian Lite by its feed, page by page."""

    name = "changing"
    page = rules()


class ChangingPosts(Faulty):
    """Asian Lite from what its REST API holds."""

    name = "changing_posts"
    page = rules()
    sources = (WordPress(content=True),)

"""Newsworld's WordPress sites by their REST API alone, with and without their pages."""

from crawler.sources import Feed, WordPress
from spiders.asianlite import AsianLite
from spiders.national_times import NationalTimes
from tests.declared.faulty import Faulty


class Paged(Faulty):
    """Asian Lite, every page fetched."""

    name = "paged"
    page = AsianLite.page
    sources = (WordPress(),)


class Posted(Paged):
    """Asian Lite, from what the REST API holds."""

    name = "posted"
    sources = (WordPress(content=True),)


class Doubtful(Faulty):
    """Asian Lite by its REST API, should that work, and by its feed."""

    name = "doubtful"
    page = AsianLite.page
    sources = (WordPress(content=True), Feed("/feed"))


class PagedTimes(Faulty):
    """National Times, every page fetched."""

    name = "paged_times"
    home = NationalTimes.home
    timezone = NationalTimes.timezone
    stories = NationalTimes.stories
    page = NationalTimes.page
    sources = (WordPress("?rest_route=/wp/v2/posts"),)


class PostedTimes(PagedTimes):
    """National Times, from what the REST API holds."""

    name = "posted_times"
    sources = (WordPress("?rest_route=/wp/v2/posts", content=True),)

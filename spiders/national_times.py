"""National Times, English edition."""

from crawler.outlet import Selectors
from crawler.sources import Feed, Listing, WordPress
from crawler.spider import OutletSpider


class NationalTimes(OutletSpider):
    """Pakistani daily; a WordPress site whose pages hold each story in one block."""

    name = "national_times"
    title = "National Times"
    home = "https://nationaltimes.pk/eng/"
    language = "en"
    timezone = "Asia/Karachi"
    schedule = "*/30 * * * *"
    sources = (
        Feed("?feed=rss2"),
        WordPress("?rest_route=/wp/v2/posts"),
        Listing("."),
    )
    stories = r"/eng/\?p=\d+$|/eng/(?:\d{4}/\d{2}/\d{2}/)?[a-z0-9]+(?:-[a-z0-9]+)+/?$"
    page = Selectors(
        body=(
            ".entry-content",
            ".td-post-content",
            ".post-content",
            ".wp-block-post-content",
            "article",
        ),
        cut=(r"Latest News", r"Multi Media"),
        credit=r"^(?P<credit>[A-Z][\w .]*\(National Times\)\s*[-–—])\s*"
        r"(?:(?P<dateline>[A-Z][A-Z .'-]+):)?\s*",
    )

"""Asian Lite."""

from crawler.outlet import Selectors
from crawler.sources import Feed, Listing, WordPress
from crawler.spider import OutletSpider


class AsianLite(OutletSpider):
    """London daily for the British Asian community, on the WordPress theme The Fox."""

    name = "asianlite"
    title = "Asian Lite"
    home = "https://asianlite.com/"
    language = "en"
    timezone = "Europe/London"
    schedule = "*/30 * * * *"
    sources = (
        Feed("/feed"),
        WordPress("/wp-json/wp/v2/posts"),
        Listing(
            "/category/top-news",
            links="#wi-main article.post56 .title56 a",
            next=".pagination56 a.next",
        ),
    )
    stories = r"/\d{4}/[\w-]+/[^/?]+$|[?&]p=\d+"
    page = Selectors(
        title=("h1.single56__title", "h1.post-title"),
        body=(".single56__content > *", ".entry-content > *"),
        section=".single56__header .meta56__category--fancy a[rel=tag]",
        authors=(
            ".single56__header .meta56__author a[rel=author]",
            ".single56__authorbox a[rel=author]",
        ),
        tags=".single56__tags a[rel=tag]",
        published=(
            ".single56__header .meta56__date::attr(title)",
            ".single56__header .meta56__date",
            ".entry-date time[itemprop=datePublished]::attr(datetime)",
        ),
        drop_text=(r"^also\s+read\s*:?",),
        cut=(r"Previous Story", r"Next Story", r"Latest from .+", r"Go to ?Top", r"Don't Miss"),
        credit=r"(?P<credit>\b(?:reports|reporst) Asian Lite(?: News)?)\W*$",
    )

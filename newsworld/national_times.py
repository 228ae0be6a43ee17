"""National Times: a plain, classic WordPress under ``/eng/`` without pretty permalinks."""

from math import ceil

from newsworld import wordpress
from newsworld.messages import SiteRequest, SiteResponse, redirect
from newsworld.picture import picture
from newsworld.render import render
from newsworld.story import NATIONAL_TIMES, Story
from newsworld.world import HEADLINES_SIZE, World

PAGE_SIZE = 20
VIDEOS = (
    "Harbour in bloom: a spring morning on the breakwater",
    "The year in pictures || Our photographers choose",
    "Inside the workshop where the old trams are mended | Report",
    "Market day 🎥 from dawn to dusk",
    "Ambassadors’ cricket match: highlights & interviews",
)


def answer(world: World, ask: SiteRequest) -> SiteResponse | None:
    """Return the answer to a GET; None where there is nothing."""
    path, query = ask.path, ask.query
    if path in ("/", "/eng"):
        return redirect(f"{ask.base}/eng/", 302 if path == "/" else 301)
    if path == "/robots.txt":
        return wordpress.robots(ask, "/eng/?sitemap=index")
    if path.startswith("/eng/wp-content/uploads/"):
        return picture(path)
    if path != "/eng/":
        return None
    if "rest_route" in query:
        route = query["rest_route"]
        return wordpress.rest(world, ask, NATIONAL_TIMES, route, content, lambda story: "")
    if "feed" in query:
        return wordpress.feed(world, ask, NATIONAL_TIMES) if query["feed"] == "rss2" else None
    if "sitemap" in query:
        return _sitemap(world, ask)
    if "p" in query:
        return _article(world, ask)
    if "cat" in query:
        return _listing(world, ask)
    return _home(world, ask)


def block(story: Story) -> str:
    """Return the text as printed: credit, dateline and body in one block."""
    return f"{story.credit} {story.dateline}: {story.paragraphs[0]}"


def content(story: Story) -> str:
    """Return a story's content as HTML."""
    return render("national_times/content.html", text=block(story), bare=False).decode()


def _sitemap(world: World, ask: SiteRequest) -> SiteResponse | None:
    if ask.query["sitemap"] == "index":
        form = "/eng/?sitemap=posts&sitemap-subtype=post&paged={}"
        return wordpress.sitemap_index(world, ask, NATIONAL_TIMES, form)
    number = ask.query.get("paged", "1")
    if ask.query["sitemap"] == "posts" and number.isascii() and number.isdigit():
        return wordpress.sitemap(world, ask, NATIONAL_TIMES, int(number))
    return None


def _article(world: World, ask: SiteRequest) -> SiteResponse | None:
    for story in world.stories(NATIONAL_TIMES):
        if str(story.id) == ask.query["p"]:
            break
    else:
        return None
    body = render(
        "national_times/article.html",
        ask=ask,
        outlet=NATIONAL_TIMES,
        story=story,
        text=block(story),
        bare=story.rng("layout").random() < 0.5,
        latest=world.earlier(story, 8),
        videos=VIDEOS,
    )
    return SiteResponse(body, modified=story.published)


def _home(world: World, ask: SiteRequest) -> SiteResponse:
    stories = world.latest(NATIONAL_TIMES)
    body = render(
        "national_times/listing.html",
        ask=ask,
        outlet=NATIONAL_TIMES,
        heading=None,
        stories=stories[:HEADLINES_SIZE],
        page=1,
        pages=1,
        latest=stories[:8],
        videos=VIDEOS,
    )
    return SiteResponse(body, modified=wordpress.modified(stories, world))


def _listing(world: World, ask: SiteRequest) -> SiteResponse | None:
    """Return the pages of a category, e.g. ``/eng/?cat=3&paged=2``; everything is in category 3."""
    number = ask.query.get("paged", "1")
    category = next((c for c in NATIONAL_TIMES.categories if str(c.id) == ask.query["cat"]), None)
    if not category or not (number.isascii() and number.isdigit()):
        return None
    stories, page = world.latest(NATIONAL_TIMES, category), int(number)
    pages = ceil(len(stories) / PAGE_SIZE) or 1
    if not 1 <= page <= pages:
        return None
    body = render(
        "national_times/listing.html",
        ask=ask,
        outlet=NATIONAL_TIMES,
        heading=category,
        stories=stories[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        page=page,
        pages=pages,
        latest=world.latest(NATIONAL_TIMES)[:8],
        videos=VIDEOS,
    )
    return SiteResponse(body, modified=wordpress.modified(world.latest(NATIONAL_TIMES), world))

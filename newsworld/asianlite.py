"""Asian Lite: WordPress with the theme The Fox 6, as its addresses answer."""

import re
from dataclasses import dataclass
from math import ceil

from newsworld import wordpress
from newsworld.messages import SiteRequest, SiteResponse, redirect
from newsworld.picture import picture
from newsworld.prompts import interleave
from newsworld.prose import NBSP
from newsworld.render import render
from newsworld.story import ASIANLITE, Category, Story
from newsworld.world import World

PAGE_SIZE = 12
_LISTING = re.compile(r"/category/([\w-]+)(?:/page/([1-9]\d{0,4}))?")
_FEED = re.compile(r"/category/([\w-]+)/feed")
_SITEMAP = re.compile(r"/wp-sitemap-posts-post-([1-9]\d{0,3})\.xml")
_CATEGORIES = {category.slug: category for category in ASIANLITE.categories}


@dataclass(frozen=True, slots=True)
class Layout:
    """Elements that the editor put into the content beside the text; positions count paragraphs."""

    promo: str | None
    advert: int | None
    figure: int | None
    emphasis: bool
    featured: bool
    featured_caption: bool


def layout(story: Story, world: World) -> Layout:
    """Return an identifier that is the same wherever a story's content is printed."""
    rng = story.rng("layout")
    other = world.earlier(story, 1, skip=2)
    chance = rng.random()
    promo = None
    if other and chance < 0.6:
        promo = f"ALSO READ: {other[0].title}{NBSP}"
    elif other and chance < 0.85:
        promo = f"Also read:{other[0].title}"
    middle = len(story.paragraphs) // 2
    return Layout(
        promo=promo,
        advert=middle if rng.random() < 0.2 else None,
        figure=rng.randrange(1, middle + 1) if rng.random() < 0.25 else None,
        emphasis=rng.random() < 0.3,
        featured=rng.random() < 0.9,
        featured_caption=rng.random() < 0.4,
    )


def answer(world: World, ask: SiteRequest) -> SiteResponse | None:
    """Return the answer to a GET; None where there is nothing."""
    if ask.host.startswith("www."):
        return redirect(ask.base.replace("://www.", "://", 1) + ask.target)
    path, query = ask.path, ask.query
    if path == "/":
        if "rest_route" in query:
            return _rest(world, ask, query["rest_route"])
        if query.get("feed") == "rss2":
            return wordpress.feed(world, ask, ASIANLITE)
        if "p" in query:
            return _short_link(world, ask)
        return _listing(world, ask, None, 1)
    if path.endswith("/"):
        return redirect(ask.base + path.rstrip("/") + ask.target[len(path) :])
    if path.startswith("/wp-json/"):
        return _rest(world, ask, path.removeprefix("/wp-json"))
    if path.startswith("/wp-content/uploads/"):
        return picture(path)
    return _file(world, ask) or _category(world, ask) or _article(world, ask)


def _file(world: World, ask: SiteRequest) -> SiteResponse | None:
    if ask.path == "/robots.txt":
        return wordpress.robots(ask, "/wp-sitemap.xml", "/sitemap-news.xml")
    if ask.path == "/feed":
        return wordpress.feed(world, ask, ASIANLITE)
    if ask.path == "/wp-sitemap.xml":
        return wordpress.sitemap_index(world, ask, ASIANLITE, "/wp-sitemap-posts-post-{}.xml")
    if ask.path == "/sitemap-news.xml":
        return wordpress.news_sitemap(world, ask, ASIANLITE)
    if ask.path == "/sitemap.xml.gz":
        return wordpress.gzip_sitemap(world, ask, ASIANLITE)
    if match := _SITEMAP.fullmatch(ask.path):
        return wordpress.sitemap(world, ask, ASIANLITE, int(match[1]))
    return None


def _category(world: World, ask: SiteRequest) -> SiteResponse | None:
    if (match := _FEED.fullmatch(ask.path)) and (category := _CATEGORIES.get(match[1])):
        return wordpress.feed(world, ask, ASIANLITE, category)
    if (match := _LISTING.fullmatch(ask.path)) and (category := _CATEGORIES.get(match[1])):
        return _listing(world, ask, category, int(match[2] or 1))
    return None


def _rest(world: World, ask: SiteRequest, route: str) -> SiteResponse:
    def caption(story: Story) -> str:
        picture = layout(story, world)
        return story.copy.caption if picture.featured and picture.featured_caption else ""

    return wordpress.rest(
        world, ask, ASIANLITE, route, lambda story: content(story, world), caption
    )


def content(story: Story, world: World) -> str:
    """Return a story's content as HTML."""
    paragraphs = interleave(story, world.prompts)
    page = render(
        "asianlite/content.html", story=story, paragraphs=paragraphs, layout=layout(story, world)
    )
    return page.decode()


def _short_link(world: World, ask: SiteRequest) -> SiteResponse | None:
    for story in world.stories(ASIANLITE):
        if str(story.id) == ask.query["p"]:
            return redirect(ask.base + story.path)
    return None


def _article(world: World, ask: SiteRequest) -> SiteResponse | None:
    for story in world.stories(ASIANLITE):
        if story.path == ask.path:
            break
    else:
        return None
    following = world.following(story)
    body = render(
        "asianlite/article.html",
        ask=ask,
        outlet=ASIANLITE,
        story=story,
        content=content(story, world),
        layout=layout(story, world),
        menu=(world.earlier(story, 3, skip=6), world.earlier(story, 3, skip=9)),
        previous=world.earlier(story, 1),
        following=following,
        latest=world.earlier(story, 5),
        dock=world.earlier(story, 2, skip=12),
    )
    return SiteResponse(body, modified=(following or story).published)


def _listing(
    world: World, ask: SiteRequest, category: Category | None, page: int
) -> SiteResponse | None:
    stories = world.latest(ASIANLITE, category)
    pages = ceil(len(stories) / PAGE_SIZE) or 1
    if page > pages:
        return None
    newest = world.latest(ASIANLITE)
    body = render(
        "asianlite/listing.html",
        ask=ask,
        outlet=ASIANLITE,
        category=category,
        stories=stories[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        top=stories[:1],
        page=page,
        pages=pages if category else 1,
        menu=(newest[:3], newest[3:6]),
    )
    return SiteResponse(body, modified=wordpress.modified(newest, world))

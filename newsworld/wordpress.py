"""Parts of every WordPress site: RSS feeds, sitemaps, the posts of the REST API."""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import ceil
from typing import Any

from newsworld.messages import SiteRequest, SiteResponse
from newsworld.render import render, summary, texturize, typed
from newsworld.story import NATIONAL_TIMES, Category, Outlet, Story
from newsworld.world import FEED_SIZE, World

RSS = "application/rss+xml; charset=UTF-8"
XML = "application/xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
SITEMAP_SIZE = 2000

Json = dict[str, Any]
Text = Callable[[Story], str]


def modified(stories: Sequence[Story], world: World) -> datetime:
    """Return when a page that lists these stories (newest first) last changed."""
    return stories[0].published if stories else world.start


def feed(
    world: World, ask: SiteRequest, outlet: Outlet, category: Category | None = None
) -> SiteResponse:
    """Render the RSS 2.0 feed of a site or of one of its categories."""
    stories = world.latest(outlet, category)
    body = render(
        "xml/feed.xml",
        ask=ask,
        outlet=outlet,
        category=category,
        stories=stories[:FEED_SIZE],
        updated=modified(stories, world),
        campaign=outlet is not NATIONAL_TIMES,
    )
    return SiteResponse(body, RSS, modified=modified(stories, world))


def sitemap_index(world: World, ask: SiteRequest, outlet: Outlet, form: str) -> SiteResponse:
    """Render the index of sitemaps; `form` is their address with ``{}`` for the number."""
    stories = world.latest(outlet)
    count = ceil(len(stories) / SITEMAP_SIZE) or 1
    addresses = [ask.base + form.format(number) for number in range(1, count + 1)]
    body = render("xml/sitemap_index.xml", addresses=addresses)
    return SiteResponse(body, XML, modified=modified(stories, world))


def sitemap(world: World, ask: SiteRequest, outlet: Outlet, number: int) -> SiteResponse | None:
    """Render one sitemap, oldest stories first as WordPress has them; None beyond the last."""
    stories = world.stories(outlet)[(number - 1) * SITEMAP_SIZE : number * SITEMAP_SIZE]
    if number < 1 or not stories:
        return None
    body = render("xml/sitemap.xml", ask=ask, stories=stories, news=False, outlet=outlet)
    return SiteResponse(body, XML, modified=stories[-1].published)


def news_sitemap(world: World, ask: SiteRequest, outlet: Outlet) -> SiteResponse:
    """Render the Google News sitemap: the last two days."""
    stories = world.news(outlet)
    body = render("xml/sitemap.xml", ask=ask, stories=stories, news=True, outlet=outlet)
    # Stories also leave it as time passes.
    return SiteResponse(body, XML, modified=world.clock)


def gzip_sitemap(world: World, ask: SiteRequest, outlet: Outlet) -> SiteResponse:
    """Render all stories in one sitemap, compressed as a file."""
    stories = world.latest(outlet)
    body = render("xml/sitemap.xml", ask=ask, stories=stories, news=False, outlet=outlet)
    packed = gzip.compress(body, mtime=0)
    return SiteResponse(packed, "application/x-gzip", modified=modified(stories, world))


def robots(ask: SiteRequest, *sitemaps: str) -> SiteResponse:
    """robots.txt as WordPress writes it."""
    lines = ["User-agent: *", "Disallow: /wp-admin/", "Allow: /wp-admin/admin-ajax.php", ""]
    lines += [f"Sitemap: {ask.base}{path}" for path in sitemaps]
    return SiteResponse("\n".join([*lines, ""]).encode(), "text/plain; charset=utf-8")


def rest(
    world: World, ask: SiteRequest, outlet: Outlet, route: str, content: Text, caption: Text
) -> SiteResponse:
    """Answer for the REST API, e.g. ``/wp/v2/posts``; ``/wp/v2/posts/<id>`` and categories too.

    :param content: the HTML of a post's content, promos and all.
    :param caption: that of its featured picture; empty where it has none.
    """

    def shown(story: Story) -> Json:
        # In this order, as in WordPress: what is not left of the links cannot be embedded.
        post = _select(_post(story, ask, content(story)), ask)
        return _embed(post, story, ask, caption(story))

    parts = route.strip("/").split("/")
    if parts[:3] == ["wp", "v2", "posts"] and len(parts) == 3:
        return _posts(world, ask, outlet, shown)
    if parts[:3] == ["wp", "v2", "posts"] and len(parts) == 4:
        for story in world.posts(outlet):
            if str(story.id) == parts[3]:
                return _json(shown(story), modified=story.published)
        return _error(404, "rest_post_invalid_id", "Invalid post ID.")
    if parts == ["wp", "v2", "categories"]:
        rows = [{"id": c.id, "name": c.name, "slug": c.slug} for c in outlet.categories]
        return _json(rows, modified=world.start)
    return _error(404, "rest_no_route", "No route was found matching the URL and request method.")


def _posts(
    world: World, ask: SiteRequest, outlet: Outlet, shown: Callable[[Story], Json]
) -> SiteResponse:
    invalid = {}
    per_page, page = _whole(ask.query.get("per_page", "10")), _whole(ask.query.get("page", "1"))
    if not 1 <= per_page <= 100:
        invalid["per_page"] = "per_page must be between 1 (inclusive) and 100 (inclusive)"
    if page < 1:
        invalid["page"] = "page must be greater than or equal to 1"
    bounds: dict[str, datetime | None] = {}
    for name in ("after", "before"):
        try:
            bounds[name] = _instant(ask.query.get(name), outlet)
        except ValueError:
            invalid[name] = "Invalid date."
    if invalid:
        message = f"Invalid parameter(s): {', '.join(invalid)}"
        return _error(400, "rest_invalid_param", message, params=invalid)
    after, before = bounds["after"], bounds["before"]
    everything = world.posts(outlet)
    stories = [
        story
        for story in everything
        if (after is None or story.published > after)
        and (before is None or story.published < before)
    ]
    pages = ceil(len(stories) / per_page)
    if page > max(1, pages):
        return _error(
            400,
            "rest_post_invalid_page_number",
            "The page number requested is larger than the number of pages available.",
        )
    on_page = stories[(page - 1) * per_page : page * per_page]
    answer = _json(
        [shown(story) for story in on_page],
        modified=modified(everything, world),
        extra={"X-WP-Total": str(len(stories)), "X-WP-TotalPages": str(pages)},
    )
    return replace(answer, shows=tuple(story.url for story in on_page))


def _post(story: Story, ask: SiteRequest, content: str) -> Json:
    local, gmt = story.local.replace(tzinfo=None), story.published.replace(tzinfo=None)
    author = story.outlet.authors.index(story.author) + 1
    return {
        "id": story.id,
        "date": local.isoformat(),
        "date_gmt": gmt.isoformat(),
        "guid": {"rendered": guid(story, ask)},
        "modified": local.isoformat(),
        "modified_gmt": gmt.isoformat(),
        "slug": story.slug,
        "status": "publish",
        "type": "post",
        "link": ask.base + story.path,
        "title": {"rendered": str(texturize(story.title))},
        "content": {"rendered": content, "protected": False},
        "excerpt": {"rendered": f"<p>{summary(story.text)}</p>\n", "protected": False},
        "author": author,
        "featured_media": _media_id(story),
        "categories": [category.id for category in _by_name(story)],
        "tags": [_tag_id(tag) for tag in story.tags],
        "_links": _links(story, ask, author),
    }


def _links(story: Story, ask: SiteRequest, author: int) -> Json:
    """Return the objects that belong to a post, by relation."""
    api = f"{_directory(story, ask)}?rest_route=/wp/v2"
    if story.outlet is not NATIONAL_TIMES:  # it has pretty permalinks
        api = f"{ask.base}/wp-json/wp/v2"

    def embeddable(path: str, **more: str) -> Json:
        return {**more, "embeddable": True, "href": f"{api}/{path}"}

    return {
        "self": [{"href": f"{api}/posts/{story.id}"}],
        "collection": [{"href": f"{api}/posts"}],
        "about": [{"href": f"{api}/types/post"}],
        "author": [embeddable(f"users/{author}")],
        "replies": [embeddable(f"comments?post={story.id}")],
        "wp:featuredmedia": [embeddable(f"media/{_media_id(story)}")],
        "wp:attachment": [{"href": f"{api}/media?parent={story.id}"}],
        "wp:term": [
            embeddable(f"categories?post={story.id}", taxonomy="category"),
            embeddable(f"tags?post={story.id}", taxonomy="post_tag"),
        ],
        "curies": [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}],
    }


def _embed(post: Json, story: Story, ask: SiteRequest, caption: str) -> Json:
    """Return the post with what ``_embed`` asks for: a list of relations; empty or ``1`` means all.

    ``_fields`` says nothing of what is in it: WordPress selects first, then embeds.
    """
    if "_embed" not in ask.query:
        return post
    wanted = ask.query["_embed"]
    related = {
        "author": [{"id": story.outlet.authors.index(story.author) + 1, "name": story.author}],
        "wp:featuredmedia": [
            {
                "id": _media_id(story),
                "media_type": "image",
                "caption": {"rendered": f"<p>{texturize(caption)}</p>\n" if caption else ""},
                "source_url": _directory(story, ask)
                + f"wp-content/uploads/{story.local.strftime('%Y/%m')}/{story.id}.png",
            }
        ],
        "wp:term": [
            [
                {"id": c.id, "name": str(typed(c.name)), "slug": c.slug, "taxonomy": "category"}
                for c in _by_name(story)
            ],
            [
                {"id": _tag_id(t), "name": t, "slug": t.lower(), "taxonomy": "post_tag"}
                for t in story.tags
            ],
        ],
    }
    chosen = related if wanted in ("", "1", "true") else wanted.split(",")
    embedded = {
        name: resources
        for name, resources in related.items()
        if name in chosen and name in post.get("_links", {})
    }
    return {**post, "_embedded": embedded} if embedded else post


def _by_name(story: Story) -> list[Category]:
    """Return a story's categories in the order of WordPress's answers, which knows no first one."""
    return sorted(story.categories, key=lambda category: category.name)


def _media_id(story: Story) -> int:
    return story.id + 1_000_000


def _directory(story: Story, ask: SiteRequest) -> str:
    return f"{ask.base}/eng/" if story.outlet is NATIONAL_TIMES else f"{ask.base}/"


def guid(story: Story, ask: SiteRequest) -> str:
    """Return the address WordPress gave the post when it was a draft."""
    return f"{_directory(story, ask)}?p={story.id}"


def _tag_id(tag: str) -> int:
    return 500 + sum(ord(letter) * (place + 31) for place, letter in enumerate(tag))


def _select(post: Json, ask: SiteRequest) -> Json:
    """Return the fields asked for by ``_fields``, e.g. ``id,title.rendered``; else all."""
    wanted: Json = {}
    for name in filter(None, map(str.strip, ask.query.get("_fields", "").split(","))):
        *path, last = name.split(".")
        inner = wanted
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = {}
    return _only(post, wanted) if wanted else post


def _only(value: Json, wanted: Json) -> Json:
    return {
        name: _only(inner, wanted[name]) if wanted[name] and isinstance(inner, dict) else inner
        for name, inner in value.items()
        if name in wanted
    }


def _instant(text: str | None, outlet: Outlet) -> datetime | None:
    """Read an ISO 8601 parameter, by the site's clock without an offset. ValueError if bad."""
    if text is None:
        return None
    if "T" in text:
        text = text.replace(" ", "+")  # An unescaped plus sign arrives as a space.
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=outlet.zone)).astimezone(UTC)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _error(status: int, code: str, message: str, **data: object) -> SiteResponse:
    return _json({"code": code, "message": message, "data": {"status": status, **data}}, status)


def _json(
    value: object,
    status: int = 200,
    modified: datetime | None = None,
    extra: dict[str, str] | None = None,
) -> SiteResponse:
    body = json.dumps(value, separators=(",", ":")).encode()
    return SiteResponse(body, JSON, status, modified, extra=extra or {})

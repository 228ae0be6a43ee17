"""The replica of Asian Lite has the markup of its theme, traps included."""

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from parsel import Selector

from newsworld.messages import SiteResponse
from newsworld.prose import fold
from newsworld.story import ASIANLITE, Story
from newsworld.world import World

Get = Callable[[str], SiteResponse]

HOME = "https://asianlite.com"
PROMO = re.compile(r"also read:|advertisements$", re.IGNORECASE)
Page = Callable[[str], Selector]


def test_the_page_says_what_the_truth_says(world: World, page: Page) -> None:
    for story in world.stories(ASIANLITE):
        found, truth = page(story.url), story.truth()
        blocks = [fold("".join(p.css("::text").getall())) for p in found.css(".entry-content > p")]
        assert "\n\n".join(b for b in blocks if not PROMO.match(b)) == truth["body"]
        assert found.css("h1::text").getall() == [truth["title"]]
        title = found.css(".meta56__date::attr(title)").get("")
        local = datetime.strptime(title, "%d %b, %Y %H:%M:%S").replace(tzinfo=ASIANLITE.zone)
        assert local == story.published
        shown = fold(found.css(".meta56__date::text").get(""))
        assert datetime.strptime(shown, "%B %d, %Y").date() == local.date()
        section = ".single56__header .meta56__category--fancy a[rel=tag]::text"
        assert found.css(section).getall() == [truth["section"]]
        assert found.css(".single56__tags a[rel=tag]::text").getall() == truth["tags"]
        authors = ".single56__authorbox a[rel=author]::text"
        assert found.css(authors).getall() == truth["authors"]
        assert found.css("link[rel=canonical]::attr(href)").getall() == [truth["url"]]
        assert found.css("link[rel=shortlink]::attr(href)").getall() == truth["aliases"]
        assert (
            found.css("[property='og:title']::attr(content)").get() == f"{story.title} - Asian Lite"
        )


def test_the_theme_s_elements_are_there_once(world: World, page: Page) -> None:
    once = (
        "article#wi-content.single56.type-post",
        "article .single56__header .meta56__date[title]",
        ".single56__header .meta56__reading-time",
        "h1.post-title.single56__title",
        ".single56__content.entry-content",
        ".entry-content",
        ".single56__tags",
        ".singlenav56",
        ".single56__bottom_posts h2.single56__heading",
        ".scrollup56",
        ".sidedock56 .sidedock56__heading",
        "link[rel=alternate][type='application/json']",
        "[property='og:description']",
        "[property='og:image']",
    )
    for story in world.stories(ASIANLITE)[20:30]:
        found = page(story.url)
        for selector in once:
            assert len(found.css(selector)) == 1, selector
        assert not found.css("script[type='application/ld+json']")
        assert not found.css("[property='article:published_time']")
        assert len(found.css(".single56__bottom_posts article.post56")) == 5
        assert len(found.css(".sidedock56__post")) == 2
        assert found.css(".single56__heading::text").get() == "Latest from -Top News"
        assert found.css(".scrollup56").xpath("string()").get() == "Go toTop"
        assert found.css(".sidedock56__heading::text").get() == "Don't Miss"


def test_the_first_article_is_the_menu_s(world: World, page: Page) -> None:
    found = page(world.stories(ASIANLITE)[40].url)
    first = found.css("article")[0]
    assert "post-nav-item-inner" in first.attrib["class"]
    assert not first.css("p")


def test_excerpts_in_boxes_are_cut_without_a_mark(world: World, page: Page) -> None:
    found = page(world.stories(ASIANLITE)[40].url)
    for box, length in ((".single56__bottom_posts", 32), (".sidedock56", 10)):
        for excerpt in found.css(f"{box} .excerpt56::text").getall():
            assert len(excerpt.split()) == length
            assert "…" not in excerpt.split()[-1]


def test_boxes_hold_other_stories_only(world: World, page: Page) -> None:
    for story in world.stories(ASIANLITE):
        found = page(story.url)
        links = found.css(".post-nav-item a, .post56 a, .sidedock56 a, .singlenav56 a")
        assert links
        assert story.url not in {link.attrib["href"] for link in links}


def test_promos_stand_last_and_adverts_within(world: World, page: Page) -> None:
    last, adverts, figures = set(), 0, 0
    stories = world.stories(ASIANLITE)
    for story in stories:
        content = page(story.url).css(".entry-content")
        texts = content.css("p").xpath("string()").getall()
        figures += len(content.css("figure figcaption"))
        adverts += texts.count("Advertisements")
        assert not PROMO.match(texts[0])
        promos = [text for text in texts if text.lower().startswith("also read")]
        assert promos in ([], texts[-1:])
        for promo in promos:
            last.add(promo.partition(":")[0] + (":\u00a0" if promo.endswith("\u00a0") else ":"))
    assert last == {"ALSO READ:\u00a0", "Also read:"}
    assert 0 < adverts < len(stories) / 2
    assert 0 < figures < len(stories) / 2


def test_most_standfirsts_name_the_credit(world: World) -> None:
    stories = world.stories(ASIANLITE)
    usual = [
        story
        for story in stories
        if story.body.partition("\n")[0].endswith(", reports Asian Lite News")
    ]
    assert 0.6 < len(usual) / len(stories) < 1
    assert any(story.credit is None for story in stories)


def test_next_story_appears_when_it_is_out(world: World, page: Page) -> None:
    *_, before, newest = world.stories(ASIANLITE)
    nav = ".singlenav56__post--{} a::attr(href)"
    assert page(newest.url).css(nav.format("next")).get() is None
    assert page(newest.url).css(nav.format("prev")).get() == before.url
    assert page(before.url).css(nav.format("next")).get() == newest.url


def test_listings_are_complete(world: World, page: Page) -> None:
    for category in ASIANLITE.categories:
        url: str | None = f"{HOME}/category/{category.slug}"
        seen: list[str] = []
        while url:
            found = page(url)
            main = found.css(".archive56__main article.post56 .title56 a::attr(href)").getall()
            assert len(main) <= 12
            seen += main
            everything = found.css("#wi-main article.post56 .title56 a::attr(href)").getall()
            assert everything == [seen[0], *main]
            assert len(found.css(".archive56__toparea article.post56")) == 1
            assert len(found.css("#wi-main .meta56__date[title]")) == len(everything)
            url = found.css(".pagination56 a.next::attr(href)").get()
        assert seen == [story.url for story in world.latest(ASIANLITE, category)]
    assert len(world.latest(ASIANLITE, ASIANLITE.categories[0])) == len(world.stories(ASIANLITE))


def test_pages_are_of_realistic_size(world: World, get: Get) -> None:
    addresses = [story.url for story in world.stories(ASIANLITE)]
    for url in (*addresses, f"{HOME}/", f"{HOME}/category/top-news"):
        assert 30_000 < len(get(url).body) < 120_000, url


def test_other_addresses_lead_to_the_canonical_one(world: World, get: Get) -> None:
    story = world.stories(ASIANLITE)[7]
    for alias, target in (
        (f"{HOME}/?p={story.id}", story.url),
        (f"{story.url}/", story.url),
        (f"{HOME}/feed/", f"{HOME}/feed"),
        (f"https://www.asianlite.com{story.path}?a=1", f"{story.url}?a=1"),
    ):
        answer = get(alias)
        assert (answer.status, answer.headers["Location"]) == (301, target)
    assert story.aliases == [f"{HOME}/?p={story.id}"]
    for missing in (
        "/?p=1",
        "/2024/top-news/nothing",
        "/category/none",
        "/category/uk-news/page/99",
    ):
        assert get(HOME + missing).status == 404


def test_permalinks_have_year_section_and_slug(world: World) -> None:
    stories: list[Story] = world.stories(ASIANLITE)
    for story in stories:
        assert re.fullmatch(r"/2024/[a-z]+-news/[a-z0-9-]+", urlsplit(story.url).path)


def test_links_follow_the_host_and_scheme_asked_for(world: World, page: Page) -> None:
    story = world.stories(ASIANLITE)[7]
    found = page(story.url.replace("https:", "http:"))
    assert found.css("link[rel=canonical]::attr(href)").get() == story.url.replace(
        "https:", "http:"
    )
    assert "https://asianlite.com" not in found.get()

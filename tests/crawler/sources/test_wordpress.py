"""What `WordPress` asks for, what it reads from the answer, and how it says that it cannot."""

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.article import Image
from crawler.errors import UnreadableSource
from crawler.lead import Lead, SourceContent
from crawler.sources import SourceListing, SourceResponse, WordPress

HOME = "https://news.example/"
SINCE = datetime(2024, 11, 20, 5, 30, tzinfo=UTC)
POSTS = "https://news.example/wp-json/wp/v2/posts?per_page=100&page=1"
BODY = "<p>" + "The harbour opened again on Monday after a week of storms. " * 12 + "</p>"


def post(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "date": "2024-11-30T08:15:00",
        "date_gmt": "2024-11-30T03:15:00",
        "modified": "2024-11-30T09:00:00",
        "modified_gmt": "2024-11-30T04:00:00",
        "link": f"https://news.example/{number}",
        "guid": {"rendered": f"https://news.example/?cat=1&#038;p={number}"},
        "title": {"rendered": "Ports &#8211; &#8220;open&#8221; &amp; <em>busy</em>"},
        **changes,
    }


def term(name: str, taxonomy: str = "category", **more: str) -> dict[str, str]:
    return {"taxonomy": taxonomy, "name": name, "slug": name.lower().replace(" ", "-"), **more}


def read(body: str | bytes, source: WordPress | None = None, **more: Any) -> SourceListing:
    whole = body.encode() if isinstance(body, str) else body
    return (source or WordPress()).read(
        SourceResponse(url=more.pop("url", POSTS), body=whole, **more)
    )


def posts(*found: Any, content: bool = False) -> SourceListing:
    return read(json.dumps(found), WordPress(content=content))


def one(**changes: Any) -> Lead:
    """The lead of one post."""
    (lead,) = posts(post(**changes)).leads
    return lead


def delivered(**changes: Any) -> SourceContent | None:
    """What is delivered of a post that is whole but for these changes."""
    whole = {
        "content": {"rendered": BODY, "protected": False},
        "excerpt": {"rendered": "<p>Ships are &amp; will be late.</p>\n", "protected": False},
    }
    (lead,) = posts(post(**{**whole, **changes}), content=True).leads
    return lead.content


# -- What is asked for


@pytest.mark.parametrize(
    ("source", "home", "expected"),
    [
        (
            WordPress(),
            HOME,
            "https://news.example/wp-json/wp/v2/posts?per_page=100&page=1"
            "&_embed=author%2Cwp%3Aterm"
            "&_fields=id%2Cdate%2Cdate_gmt%2Cmodified%2Cmodified_gmt%2Clink%2Cguid%2Ctitle"
            "%2C_links.author%2C_links.wp%3Aterm%2C_embedded",
        ),
        (
            WordPress("?rest_route=/wp/v2/posts", content=True),
            "https://news.example/eng/",
            "https://news.example/eng/?rest_route=%2Fwp%2Fv2%2Fposts&per_page=100&page=1"
            "&_embed=author%2Cwp%3Aterm%2Cwp%3Afeaturedmedia"
            "&_fields=id%2Cdate%2Cdate_gmt%2Cmodified%2Cmodified_gmt%2Clink%2Cguid%2Ctitle"
            "%2Ccontent%2Cexcerpt"
            "%2C_links.author%2C_links.wp%3Aterm%2C_links.wp%3Afeaturedmedia%2C_embedded",
        ),
    ],
)
def test_first_address(source: WordPress, home: str, expected: str) -> None:
    """In both forms, with nothing asked for that is not needed."""
    assert source.start(home, None, None) == expected
    bounded = source.start(home, SINCE, datetime(2024, 12, 1, tzinfo=UTC))
    bounds = "&after=2024-11-20T05%3A29%3A59Z&before=2024-12-01T00%3A00%3A00Z"
    assert bounded == expected + bounds


def test_bounds_are_asked_for_in_utc() -> None:
    """PKT is UTC+5: what is asked for is the instant, not the figures."""
    since = datetime.fromisoformat("2024-11-30T00:00:00+05:00")
    asked = WordPress().start(HOME, since, since)
    assert "after=2024-11-29T18%3A59%3A59Z" in asked
    assert "before=2024-11-29T19%3A00%3A00Z" in asked


def test_its_key_does_not_change_with_how_it_is_read() -> None:
    assert WordPress(content=True).key == WordPress().key


# -- What is read


def test_a_post() -> None:
    terms = [[term("Sea"), term("World")], [term("Ports &amp; quays", "post_tag")]]
    embedded = {"author": [{"id": 3, "name": "Ana <b>Poe</b> &amp; Co"}], "wp:term": terms}
    counts = {"x-wp-total": "1230", "x-wp-totalpages": "13"}
    listing = read(json.dumps([post(_embedded=embedded)]), headers=counts)
    assert listing == SourceListing(
        leads=(
            Lead(
                url="https://news.example/1",
                origin="rest",
                aliases=("https://news.example/?cat=1&p=1",),
                title="Ports – “open” & busy",
                published="2024-11-30T08:15:00+05:00",
                modified="2024-11-30T09:00:00+05:00",
                authors=("Ana Poe & Co",),
                section="Sea",
                tags=("Ports & quays",),
            ),
        ),
        older=POSTS.replace("&page=1", "&page=2"),
        total=1230,
    )
    assert pickle.loads(pickle.dumps(listing)) == listing


@pytest.mark.parametrize(
    ("local", "gmt", "stated"),
    [
        ("2024-11-30T08:15:00", "2024-11-30T03:15:00", "2024-11-30T08:15:00+05:00"),
        ("2024-11-29T22:45:00", "2024-11-30T02:15:00", "2024-11-29T22:45:00-03:30"),
        ("2024-11-30T03:15:00", "2024-11-30T03:15:00", "2024-11-30T03:15:00+00:00"),
        (None, "2024-11-30T03:15:00", "2024-11-30T03:15:00Z"),
        ("2024-12-30T08:15:00", "2024-11-30T03:15:00", "2024-11-30T03:15:00Z"),
        ("2024-11-30T08:15:00", "2024-11-30T03:14:59", "2024-11-30T03:14:59Z"),
        ("2024-02-30T25:00:00", "2024-11-30T03:15:00", "2024-11-30T03:15:00Z"),
        ("2024-11-30T08:15:00", None, "2024-11-30T08:15:00"),
        ("2024-11-30T08:15:00", "2024-11-30T03:15:00Z", "2024-11-30T03:15:00Z"),
        (None, 0, None),
        (7, ["2024"], None),
    ],
)
def test_a_moment_is_stated_with_the_offset_of_the_sites_clock(
    local: object, gmt: object, stated: str | None
) -> None:
    lead = one(date=local, date_gmt=gmt, modified=local, modified_gmt=gmt)
    assert (lead.published, lead.modified) == (stated, stated)


@pytest.mark.parametrize(
    ("link", "categories", "section"),
    [
        ("/2024/world-news/a", [term("Top"), term("World News")], "World News"),
        ("/2024/a", [term("Top"), term("World News")], "Top"),
        ("/2024/topless", [term("Asia"), term("Top")], "Asia"),
        ("/a", [term("Uncategorized"), term("World")], "World"),
        ("/a", [term("Uncategorized")], None),
        ("/a", [term("World", "post_format"), term(""), {"taxonomy": "category"}], None),
        ("/a", [{"taxonomy": "category", "name": "World"}], "World"),
        ("/a", [None, 7, {"code": "rest_forbidden"}], None),
    ],
)
def test_the_section_is_the_category_in_the_address_or_the_first(
    link: str, categories: list[Any], section: str | None
) -> None:
    lead = one(link=f"https://news.example{link}", _embedded={"wp:term": [categories, []]})
    assert lead.section == section


@pytest.mark.parametrize(
    "embedded",
    [
        # How a site that hides its users answers.
        {"author": [{"code": "rest_user_invalid_id", "message": "No.", "data": {"status": 404}}]},
        {"author": {"name": "no list"}, "wp:term": {"0": []}},
        {"author": [None, {"name": None}, {"name": "<b></b>"}], "wp:term": [None, 7, "text"]},
        {"author": [], "wp:term": [{"code": "rest_forbidden"}]},
        [],
        None,
    ],
)
def test_names_that_are_hidden_or_broken_are_left_out(embedded: Any) -> None:
    lead = one(_embedded=embedded)
    assert (lead.authors, lead.section, lead.tags) == ((), None, ())
    assert lead.title == "Ports – “open” & busy"


ROUTE = "https://news.example/?rest_route=/wp/v2/posts&per_page=100"
NEXT = '<https://news.example/wp-json/wp/v2/posts?per_page=10&page=4>; rel="next"'
OWN = '<https://news.example/wp-json/>; rel="https://api.w.org/"'

# name, posts, page, headers, the next page (True: the one after it), whether that may not be there
PAGES: list[tuple[str, int, int, dict[str, str], str | bool, bool]] = [
    ("counted", 1, 1, {"x-wp-totalpages": "3"}, True, False),
    ("counted_last", 100, 3, {"x-wp-totalpages": "3"}, False, False),
    ("counted_none", 0, 1, {"x-wp-totalpages": "0", "x-wp-total": "0"}, False, False),
    ("counted_beats_a_link", 10, 3, {"x-wp-totalpages": "3", "link": NEXT}, False, False),
    ("spoilt_count", 10, 3, {"x-wp-totalpages": "many", "link": NEXT},
     "?per_page=10&page=4", False),
    ("link", 10, 3, {"link": NEXT}, "?per_page=10&page=4", False),
    ("link_among_others", 10, 3, {"link": f"{OWN}, </?p=1>; rel=prev,{NEXT}"},
     "?per_page=10&page=4", False),
    ("link_and_parameters", 10, 3, {"link": '<?page=4>; title="a, b; rel=x"; REL = "last Next"'},
     "?page=4", False),
    ("link_escaped", 10, 3, {"link": "<?a=1&#038;page=4>; rel='next'"}, "?a=1&page=4", False),
    ("relative_link", 10, 3, {"link": "<posts?page=4>;rel=next"}, "?page=4", False),
    ("link_without_tls", 10, 3, {"link": NEXT.replace("https", "http")}, "?per_page=10&page=4",
     False),
    ("link_to_a_port", 10, 3, {"link": NEXT.replace("example", "example:8080")},
     "?per_page=10&page=4", False),
    ("link_to_another_host", 10, 3, {"link": NEXT.replace("news.", "backend.")}, True, False),
    ("link_back_only", 10, 3, {"link": "<?page=2>; rel=prev"}, False, False),
    ("first_rel_counts", 10, 3, {"link": "<?page=2>; rel=prev; rel=next"}, False, False),
    ("total", 10, 3, {"x-wp-total": "35"}, True, True),
    ("total_reached", 10, 3, {"x-wp-total": "30"}, False, False),
    ("nothing", 100, 1, {}, True, True),
    ("nothing_and_few", 10, 1, {"link": OWN}, True, True),
    ("nothing_and_empty", 0, 4, {}, False, False),
    ("damaged_link", 10, 3, {"link": "<" * 50_000 + ';rel="' * 50_000}, True, True),
]  # fmt: skip


@pytest.mark.parametrize("base", [POSTS.removesuffix("&page=1"), ROUTE])
@pytest.mark.parametrize(
    ("count", "page", "headers", "older", "may_be_last"),
    [case[1:] for case in PAGES],
    ids=[case[0] for case in PAGES],
)
def test_pages(
    base: str, count: int, page: int, headers: dict[str, str], older: str | bool, may_be_last: bool
) -> None:
    """By the header that counts them, by a link, by the number of posts, or by asking."""
    answer = json.dumps([post(n) for n in range(count)])
    listing = read(answer, url=f"{base}&page={page}", headers=headers)
    expected = f"{base}&page={page + 1}".replace("=/wp/v2/", "=%2Fwp%2Fv2%2F") if older else None
    if isinstance(older, str) and base == ROUTE:
        return
    if isinstance(older, str):
        expected = POSTS.partition("?")[0] + older
    assert (listing.older, listing.may_be_last) == (expected, may_be_last)


def test_the_page_after_an_address_without_a_number() -> None:
    address = "https://news.example/wp-json/wp/v2/posts"
    listing = read("[{}]", url=address, headers={"x-wp-totalpages": "2"})
    assert listing.older == f"{address}?page=2"


@pytest.mark.parametrize("total", ["", "many", "-1", "²", "9" * 5_000])
def test_a_total_that_is_none(total: str) -> None:
    counts = {"x-wp-total": total, "x-wp-totalpages": total}
    listing = read(json.dumps([post()]), headers=counts)
    assert (listing.total, listing.may_be_last) == (None, True)


@pytest.mark.parametrize(
    "damaged",
    [
        post(guid=None, title=None),
        post(guid="https://news.example/?p=1", title="Plain"),
        post(guid={"rendered": None}, title={"rendered": 7}),
        post(date_gmt=None, modified_gmt=0),
        {"link": "https://news.example/1"},
    ],
)
@pytest.mark.parametrize("content", [False, True])
def test_a_post_with_less_or_other_than_it_should_have(
    damaged: dict[str, Any], content: bool
) -> None:
    first, second = posts(damaged, post(2), content=content).leads
    assert first.url == "https://news.example/1"
    assert second.aliases == ("https://news.example/?cat=1&p=2",)


@pytest.mark.parametrize("nonsense", [None, 7, "a string", [], {}, {"link": 7}, {"link": ""}])
def test_what_is_no_post_hurts_only_itself(nonsense: object) -> None:
    assert [lead.url for lead in posts(nonsense, post(2)).leads] == ["https://news.example/2"]


# -- The story itself


def test_a_whole_story_is_delivered_where_it_is_wanted() -> None:
    picture = {
        "media_type": "image",
        "source_url": "https://news.example/up/1.jpg",
        "caption": {"rendered": "<p>The <i>quay</i>.</p>\n"},
    }
    content = delivered(_embedded={"wp:featuredmedia": [picture]})
    assert content == SourceContent(
        html=BODY,
        standfirst="Ships are & will be late.",
        image=Image("https://news.example/up/1.jpg", "The quay."),
    )
    (lead,) = posts(post(content={"rendered": BODY})).leads
    assert lead.content is None


@pytest.mark.parametrize(
    "changes",
    [
        {"content": {"rendered": BODY, "protected": True}},
        {"content": {"rendered": "", "protected": False}},
        {"content": {"rendered": BODY + "x" * 500_000}},
        {"content": None},
        {"content": BODY},
        {"excerpt": {"rendered": BODY}},
        {"title": {"rendered": ""}},
    ],
)
def test_of_other_posts_the_page_is_needed(changes: dict[str, Any]) -> None:
    assert delivered(**changes) is None


@pytest.mark.parametrize(
    "media",
    [
        {"code": "rest_forbidden", "message": "No."},
        {"media_type": "file", "source_url": "https://news.example/up/1.pdf"},
        {"media_type": "image"},
        None,
    ],
)
def test_a_picture_that_is_none(media: object) -> None:
    content = delivered(_embedded={"wp:featuredmedia": [media]})
    assert content
    assert content.image is None


# -- What cannot be read


@pytest.mark.parametrize(
    "before",
    [
        "\ufeff",
        "\n\n",
        "<br />\n<b>Warning</b>:  Undefined array key 7 in <b>a/b.php</b> on line <b>9</b><br />\n",
        "Deprecated: strpos(): {needle} [sic]\n{not json}\n[1, 2\n",
    ],
)
def test_lines_before_the_json_are_passed_over(before: str) -> None:
    assert len(read(before + json.dumps([post()])).leads) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"code": "rest_disabled", "message": "No.", "data": {}}', "rest_disabled"),
        ('{"code": "rest_post_invalid_page_number"}', "rest_post_invalid_page_number"),
        ('{"message": "No."}', "unexpected_json"),
        ('"no"', "unexpected_json"),
        ("<html><body>Not found</body></html>", "not_json"),
        ("<html>\n<script>\n{}\n</script></html>", "not_json"),
        (json.dumps([post(), post(2)])[:-40], "not_json"),
        ("\n[" * 100_000, "not_json"),
        ("", "not_json"),
        ("[" * 200_000 + "]" * 200_000, "not_json"),
        ("[" + "9" * 5000 + "]", "not_json"),
        (b"[\xff]", "not_json"),
    ],
)
def test_what_is_no_list_of_posts(body: str | bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource) as caught:
        read(body)
    assert caught.value.reason == reason
    assert str(caught.value).endswith(".")


def test_a_hostile_code_stays_short() -> None:
    with pytest.raises(UnreadableSource) as caught:
        read(json.dumps({"code": "x" * 10_000}))
    assert len(caught.value.reason) <= 64

"""Which contents are whole stories, and what comes of one without its page."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.article import Image
from crawler.errors import ParseFailure
from crawler.extract.confidence import DEFAULT_CONFIDENCE
from crawler.extract.source_content import is_complete, read_source_content
from crawler.lead import Lead, SourceContent
from crawler.outlet import ExtractionConfig, Selectors

SENTENCES = (
    "The harbour at Vellmar opened again on Monday after a week of storms.",
    "Eleven ships had waited in the roads, some of them with fruit on board.",
    "“Nobody sleeps on such nights,” the harbour master Ilse Dorn said.",
    "The council will decide in January whether the old breakwater is raised.",
    "Insurers put the damage at four million crowns, the most in ten years.",
    "Fishermen asked for a warning system that works at night as well.",
    "The ferry to Osk sails twice a day until the eastern quay is mended.",
    "Schools on the islands were closed for two days and open again today.",
)
BODY = "\n".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
EXCERPT = f"<p>{' '.join(SENTENCES)[:300]} [&hellip;]</p>"
PICTURE = Image("/up/quay.jpg", "The quay & its cranes")
LEAD = Lead(
    url="https://news.example/2024/sea/harbour",
    origin="rest",
    aliases=("https://news.example/?p=7",),
    title="Harbour “open” & busy – again",
    published="2024-11-30T08:15:00+05:00",
    modified="2024-11-30T09:00:00+05:00",
    authors=("Ana Poe",),
    section="Sea",
    tags=("Ports", "Storms"),
    content=SourceContent(html=BODY, standfirst="Ships wait for two more days.", image=PICTURE),
)
READING = ExtractionConfig(
    outlet="news", home="https://news.example/", languages=("en",), timezone="Asia/Karachi"
)
FETCHED = datetime(2024, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("excerpt", ["", EXCERPT, "<p>A summary of its own.</p>"])
@pytest.mark.parametrize(
    "content",
    [
        BODY,
        " ".join(SENTENCES),
        BODY + "<p>“Go on,” she said, and they read on in the dark.</p>",
        BODY + "<script>[/wall]</script>",
        "<p>" + "港は嵐の後、月曜日に再び開いた。" * 10 + "</p>",
    ],
)
def test_a_whole_story(content: str, excerpt: str) -> None:
    assert is_complete(content, excerpt if content.isascii() else "")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<!-- nothing -->",
        "<p>" + " ".join(SENTENCES[:4]) + "</p>",
        f"<div hidden></div><script>{BODY}</script>",
        EXCERPT,
        BODY[:-4] + " [&hellip;]</p>",
        BODY[:-4] + "&#8230;</p>\n",
        BODY + "<p>The rest ...</p>",
        BODY + '<p><a href="/2024/sea/harbour">Continue reading &rarr;</a></p>',
        BODY + "<p>Read the full story »</p>",
        BODY + "<p>Weiterlesen</p>",
        BODY + "<p>مزید پڑھیں</p>",
        BODY + '<a class="more-link" href="#more-7">Go on to the rest of "Harbour"</a>',
        BODY + '<div class="pmpro_card pmpro_content_message">For members.</div>',
        BODY + '<div id="newspack-content-gate"><p>Subscribe.</p></div>',
        "<p>[vc_row][vc_column]" + BODY + "[/vc_column][/vc_row]</p>",
    ],
)
def test_what_is_not_the_whole_story(content: str) -> None:
    assert not is_complete(content, EXCERPT)


@pytest.mark.parametrize("excerpt", [BODY, BODY[: len(BODY) * 3 // 4], " ".join(SENTENCES)])
def test_what_is_little_more_than_its_excerpt_may_be_one(excerpt: str) -> None:
    assert not is_complete(BODY, excerpt)


@pytest.mark.parametrize("content", ["\x00<p>\x00", "<" * 10_000, "<p>" * 10_000, "\ud83d", "]]>"])
def test_hostile_content_is_no_story(content: str) -> None:
    assert not is_complete(content, content)


def test_every_field_is_what_the_lead_states() -> None:
    article = read_source_content(LEAD, READING, FETCHED)
    assert (article.outlet, article.url, article.aliases) == ("news", LEAD.url, [*LEAD.aliases])
    assert (article.title, article.authors, article.section) == (LEAD.title, ["Ana Poe"], "Sea")
    assert (article.tags, article.standfirst) == (
        ["Ports", "Storms"],
        "Ships wait for two more days.",
    )
    assert article.body == "\n\n".join(SENTENCES)
    assert article.images == [Image("https://news.example/up/quay.jpg", PICTURE.caption)]
    assert article.published
    assert article.published.at == datetime(2024, 11, 30, 3, 15, tzinfo=UTC)
    assert (article.published.offset, article.published.precision) == ("+05:00", "second")
    assert (article.published.source, article.fetched) == ("rest", FETCHED)
    assert article.modified
    assert set(article.origins.values()) == {"rest", "outlet"}
    assert article.origins["language"] == "outlet"
    assert article.confidence == {n: DEFAULT_CONFIDENCE[o] for n, o in article.origins.items()}


def content(html: str, **selectors: tuple[str, ...] | str) -> list[str]:
    """The paragraphs read from a content, with the outlet's selectors."""
    lead = replace(LEAD, content=SourceContent(html=html))
    config = replace(READING, selectors=Selectors(**selectors))  # type: ignore[arg-type]
    return read_source_content(lead, config, FETCHED).body.split("\n\n")


def test_selectors_that_name_parts_of_the_page_do_not_apply() -> None:
    extra = '<div class="promo">Sign up here.</div><h2>At night</h2>' + BODY + "And bare text."
    told = ["At night", *SENTENCES, "And bare text."]
    assert content(extra, body=".entry p", title=".none", drop=(".promo",)) == told


def test_without_a_body_selector_furniture_is_left_out_as_of_a_page() -> None:
    links = "".join(f'<li><a href="/{n}">Another long story, number {n}</a></li>' for n in "abcd")
    furnished = f'{BODY}<div class="related-posts"><h3>Related</h3><ul>{links}</ul></div>'
    assert content(furnished) == list(SENTENCES)


@pytest.mark.parametrize("stray", ["</div></div>", "</body></html>", "<!-- </p> -->"])
def test_a_content_that_closes_what_it_has_not_opened_is_read_to_its_end(stray: str) -> None:
    first, rest = BODY.split("\n", 1)
    assert content(f"{first}{stray}{rest}", body=".entry > *") == list(SENTENCES)


def test_a_title_cannot_leave_its_place() -> None:
    title = '</title></h1><script>"><p>Harbour'
    article = read_source_content(replace(LEAD, title=title), READING, FETCHED)
    assert article.body == "\n\n".join(SENTENCES)
    assert article.title == title


def test_what_breaks_the_parser_is_named() -> None:
    """One story of an answer must not take the others with it."""
    config = replace(READING, selectors=Selectors(drop=("p[",)))
    with pytest.raises(ParseFailure) as caught:
        read_source_content(replace(LEAD), config, FETCHED)
    assert caught.value.reason.startswith("malformed_")

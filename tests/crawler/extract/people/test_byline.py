import pytest
from parsel import Selector

from crawler.extract.people.byline import read_byline

PROSE = "<p>The ferry left the old pier with sixty people and one piano on board.</p>"


def read(above: str = "", below: str = "", heading: str = "<h1>The ferry</h1>") -> list[str]:
    page = f"<html><body>{above}<article>{heading}{below}{PROSE}</article></body></html>"
    return read_byline(Selector(text=page), "The ferry")


@pytest.mark.parametrize(
    "byline",
    [
        '<a rel="author" href="/x">Ann Moore</a>',
        '<a href="/authors/ann">Ann Moore</a>',
        '<span itemprop="author"><span itemprop="name">Ann Moore</span></span>',
        '<div class="meta__byline">By <b>Ann Moore</b> | 5 May 2024 | 3 min read</div>',
        '<div class="Autor">Von Ann Moore, Reporterin</div>',
        '<p class="entry-author vcard"><b class="fn">Ann Moore</b> Harbour correspondent</p>',
        "<p>By Ann Moore</p>",
        "<p>BY</p><p>Ann Moore</p>",
        "<p>05.05.2024 - Ann Moore</p>",
        "<p>05.05.2024, 10:30 Uhr von Ann Moore</p>",
        '<section class="sidebar"><div class="author-box">Ann Moore</div></section>',
    ],
)
def test_a_byline_below_the_headline(byline: str) -> None:
    assert read(below=byline) == ["Ann Moore"]


def test_one_word_can_be_a_name() -> None:
    assert read(below='<span class="author">Ann</span>') == ["Ann"]
    assert read(below="<p>Von Ann</p>") == ["Ann"]


def test_several_authors() -> None:
    links = '<a rel="author" href="/a">Ann Moore</a> and <a rel="author" href="/b">Bo Lund</a>'
    assert read(below=f"<div>{links}</div>") == ["Ann Moore", "Bo Lund"]
    assert read(below=f'<div class="byline">{links}</div>') == ["Ann Moore", "Bo Lund"]
    assert read(below='<p class="byline">By Ann Moore and Bo Lund</p>') == ["Ann Moore", "Bo Lund"]


def test_a_byline_above_the_headline() -> None:
    assert read(above='<p class="author">Ann Moore</p>') == ["Ann Moore"]
    assert read(above="<p>By Ann Moore</p>", heading="") == ["Ann Moore"]


@pytest.mark.parametrize(
    "other",
    [
        '<ul class="related"><li class="author">Bo Lund</li></ul>',
        '<div id="comments"><b class="author">Bo Lund</b></div>',
        '<figure><figcaption class="author">Bo Lund</figcaption></figure>',
        '<nav><a href="/authors">Bo Lund</a></nav>',
        '<div class="author">Follow us</div>',
        '<ul class="author"><li>Boats</li><li>Weather</li></ul>',
        "<p>By Sailors and Fishers it was always held that such a day was not for putting out.</p>",
        "<p>By the time the ferry came, Bo Lund had left and nobody knew where he had gone.</p>",
        f'<p>{"The ferry is late. " * 20}<a href="/people/bo">Bo Lund</a></p>',
        '<script class="author">Bo Lund</script><style class="author">Bo Lund</style>',
        "<!-- By Bo Lund -->",
    ],
)
def test_who_did_not_write_it(other: str) -> None:
    assert read(below=other) == []


def test_a_page_of_nothing_but_bylines_is_read_in_time() -> None:
    assert (
        read(below='<div class="author">' * 1_000 + "x" + '<b class="author">5</b>' * 5_000) == []
    )

import pytest
from parsel import Selector

from crawler.article import Image
from crawler.extract.selectors import read_captions, read_selected_body, read_selectors
from crawler.outlet import Selectors


def texts(root: Selector, rules: Selectors) -> list[str]:
    return [paragraph.text for paragraph in read_selected_body(root, rules)]


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<p>One <b>bold</b>\n word.</p><p>Two.</p>", ["One bold word.", "Two."]),
        ("Just<br>text<br>\n<br>in two.", ["Just text", "in two."]),
        ("<p>One.<br/><br/><br/>Two.</p>", ["One.", "Two."]),
        ("<h2>Head</h2><ul><li>a</li><li><p>b</p></li></ul>", ["Head", "a", "b"]),
        ("Loose <p>One.</p> end", ["Loose", "One.", "end"]),
        ("<div><div><p>Deep.</p></div></div>", ["Deep."]),
        ("<p>One<script>x()</script><style>y</style>.<!-- no --> More.</p>", ["One. More."]),
        ("<figure><img><figcaption>No</figcaption></figure><p>One.</p>", ["One."]),
        ("<p hidden>No</p><p style='display: none'>No</p><p>One.</p>", ["One."]),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", ["a", "b", "c"]),
        ("<p>&nbsp;</p><p>One.</p><p></p>", ["One."]),
    ],
)
def test_the_paragraphs_of_a_container(markup: str, paragraphs: list[str]) -> None:
    root = Selector(text=f"<body><div class=b>{markup}</div><p>Not this.</p></body>")
    assert texts(root, Selectors(body=".b")) == paragraphs


PAGE = """<article class=menu><p>Menu.</p></article>
<div class=content><p>One.</p><div class=promo><p>Promo.</p></div><p class=promo>Promo.</p>
<blockquote><p>Two.</p></blockquote><p>Three.</p></div>"""


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        (".content > p", ["One.", "Promo.", "Three."]),
        ((".none", ".content"), ["One.", "Promo.", "Promo.", "Two.", "Three."]),
        (".content *", ["One.", "Promo.", "Promo.", "Two.", "Three."]),
        (".content > p::text", ["One.", "Promo.", "Three."]),
        (".none", []),
        ((), []),
    ],
)
def test_body_selectors(body: str | tuple[str, ...], paragraphs: list[str]) -> None:
    assert texts(Selector(text=PAGE), Selectors(body=body)) == paragraphs


@pytest.mark.parametrize("body", [".content", ".content > *", ".content p"])
def test_dropped_elements(body: str) -> None:
    rules = Selectors(body=body, drop=(".promo", ".menu"))
    assert texts(Selector(text=PAGE), rules) == ["One.", "Two.", "Three."]


def test_an_alternative_with_no_text_is_passed_over() -> None:
    root = Selector(text="<div class=a><p> </p></div><div class=b>Text.</div>")
    assert texts(root, Selectors(body=(".a", ".b"))) == ["Text."]


def test_fields() -> None:
    root = Selector(
        text="""<h1>The <i>ferry</i></h1><time datetime="2024-11-30T10:00Z">today</time>
        <span class=d title="30 Nov">x</span><a rel=author>A</a><a rel=author>B</a>
        <figure><img data-src="/a.jpg" src="data:x"><figcaption>Pier</figcaption></figure>"""
    )
    candidates = read_selectors(
        root,
        Selectors(
            title=("h2", "h1"),
            published="time",
            modified=".d::attr(title)",
            authors="a[rel=author]",
            images="figure",
        ),
    )
    assert candidates.titles == ["The ferry"]
    assert (candidates.published, candidates.modified) == (["2024-11-30T10:00Z"], ["30 Nov"])
    assert candidates.authors == ["A", "B"]
    assert candidates.images == [Image("/a.jpg", "Pier")]
    assert read_captions(root) == {"/a.jpg": "Pier"}

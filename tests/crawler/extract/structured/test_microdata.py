import pytest
from parsel import Selector

from crawler.article import Image
from crawler.extract.candidates import Candidates
from crawler.extract.structured.microdata import read_microdata

MICRODATA = """
<article itemscope itemtype="https://schema.org/NewsArticle">
 <h1 itemprop="headline">Ferry <b>returns</b></h1>
 <p itemprop="description">It was away for a week.</p>
 <span itemprop="author" itemscope itemtype="https://schema.org/Person">
  By <a itemprop="name">Ana Person</a></span>
 <span itemprop="author" itemscope itemtype="https://schema.org/Organization">
  <meta itemprop="name" content="The Post"></span>
 <time itemprop="datePublished" datetime="2024-11-30T08:00:00+05:00">Saturday</time>
 <meta itemprop="dateModified" content="2024-12-01"><meta itemprop="keywords" content="ferry,pier">
 <a itemprop="articleSection">Harbour</a><img itemprop="image" src="/a.jpg">
 <div itemscope itemtype="https://schema.org/NewsArticle">
  <h2 itemprop="headline">Another story</h2><i itemprop="datePublished">2020-01-01</i></div>
</article>
"""
RDFA = (
    MICRODATA.replace("itemscope ", "")
    .replace('itemtype="https://schema.org/', 'typeof="schema:')
    .replace('itemprop="', 'property="schema:')
)


@pytest.mark.parametrize("markup", [MICRODATA, RDFA], ids=["microdata", "RDFa"])
def test_the_article_item_is_read(markup: str) -> None:
    assert read_microdata(Selector(text=markup), ["Ferry returns"]) == Candidates(
        origin="microdata",
        titles=["Ferry returns"],
        standfirsts=["It was away for a week."],
        authors=["Ana Person"],
        groups=["The Post"],
        sections=["Harbour"],
        tags=["ferry", "pier"],
        published=["2024-11-30T08:00:00+05:00"],
        modified=["2024-12-01"],
        images=[Image("/a.jpg")],
    )


def item(headline: str) -> str:
    return (
        '<div itemscope itemtype="http://schema.org/BlogPosting">'
        f'<h2 itemprop="headline">{headline}</h2></div>'
    )


def test_other_stories_are_not_the_pages() -> None:
    others = Selector(text=item("A fair") + item("A fire"))
    assert read_microdata(others, ["Ferry returns"]) == Candidates(origin="microdata")
    both = Selector(text=item("A fair") + item("FERRY returns"))
    assert read_microdata(both, ["Ferry returns"]).titles == ["FERRY returns"]
    assert read_microdata(Selector(text=item("A fair")), []).titles == ["A fair"]


def test_what_is_no_name_is_no_author() -> None:
    byline = '<p itemprop="author">( Image: Agency/Some Person)</p><p itemprop="author">Ana Poe</p>'
    page = f'<div itemscope itemtype="http://schema.org/Article">{byline}</div>'
    assert read_microdata(Selector(text=page)).authors == ["Ana Poe"]

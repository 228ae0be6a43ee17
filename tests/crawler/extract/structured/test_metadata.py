from parsel import Selector

from crawler.article import Image
from crawler.extract.structured.metadata import read_links, read_metadata

HEAD = """
<html lang="en-GB"><head>
<meta property="og:title" content="Ferry returns"><meta name="twitter:title" content="Ferry!">
<meta name="author" content="A. Person"><meta name="parsely-author" content="B. Person">
<meta property="article:author" content="https://example.com/people/a">
<meta property="ARTICLE:published_time" content="2024-11-30T10:00:00Z">
<meta name="date" content="2024-11-29"><meta itemprop="dateModified" content="2024-12-01">
<meta property="article:tag" content="ferry"><meta property="article:tag" content="pier">
<meta property="article:section" content="Harbour"><meta property="og:locale" content="en_GB">
<meta property="og:image" content="/a.jpg"><meta property="og:site_name" content="The Post">
<link rel="canonical" href="/a"><link rel="Shortlink nofollow" href="/?p=1">
</head><body><meta itemprop="datePublished" content="2020-01-01"></body></html>
"""


def test_metadata() -> None:
    candidates = read_metadata(Selector(text=HEAD))
    assert candidates.titles == ["Ferry returns", "Ferry!"]
    assert candidates.authors == ["B. Person"]
    assert candidates.published == ["2024-11-30T10:00:00Z", "2024-11-29"]
    assert candidates.modified == ["2024-12-01"]
    assert (candidates.tags, candidates.sections) == (["ferry", "pier"], ["Harbour"])
    assert candidates.languages == ["en-GB", "en_GB"]
    assert (candidates.images, candidates.site_names) == ([Image("/a.jpg")], ["The Post"])


def test_a_card_names_the_author_by_its_label() -> None:
    head = """<meta name="twitter:label1" content="Geschrieben von">
    <meta name="twitter:data1" content="Ana Poe"><meta name="twitter:label2" content="Lesezeit">
    <meta name="twitter:data2" content="5 Minuten">"""
    candidates = read_metadata(Selector(text=f"<html><head>{head}</head></html>"))
    assert candidates.authors == ["Ana Poe"]


def test_links() -> None:
    root = Selector(text=HEAD)
    assert read_links(root, "canonical") == ["/a"]
    assert read_links(root, "shortlink") == ["/?p=1"]

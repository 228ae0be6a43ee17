"""The next page of a listing, found without a declaration. All pages are invented."""

import time

import pytest

from crawler.sources import Listing, SourceResponse

SITE = "https://harbour.example"


def older(markup: str, url: str) -> str | None:
    page = f"<html><body><a href='/sport'>Sport</a>{markup}</body></html>"
    found = Listing("/").read(SourceResponse(url=SITE + url, body=page.encode())).older
    return found.removeprefix(SITE) if found else None


@pytest.mark.parametrize(
    ("url", "markup", "expected"),
    [
        ("/news/", "<link rel=next href='/news/page/2/'>", "/news/page/2/"),
        ("/news/", "<link rel='next nofollow' href='?after=x9'>", "/news/?after=x9"),
        (
            "/news/page/2/",
            "<a rel=prev href='/news/'>1</a><a rel=next href=../3/>3</a>",
            "/news/page/3/",
        ),
        # words
        ("/", "<div class=nav-previous><a href='/page/2/'>← Older posts</a></div>", "/page/2/"),
        (
            "/page/4/",
            "<a href='/page/5/'>Older posts</a><a class=next href='/page/3/'>Newer</a>",
            "/page/5/",
        ),
        ("/news", "<a href='/news?page=2'>Next page »</a>", "/news?page=2"),
        (
            "/news?page=2",
            "<a href='?page=1'>Zurück</a><a href='?page=3'>Weiter</a>",
            "/news?page=3",
        ),
        ("/actu/", "<a href='/actu/page/2/'>Page suivante</a>", "/actu/page/2/"),
        ("/cat/", "<a href='/cat/page/2/'>Pagina successiva »</a>", "/cat/page/2/"),
        ("/list.html", "<a href='/list_2.html'>下一页</a>", "/list_2.html"),
        ("/", "<a href='/?p=2' title='次のページへ'><img src=x></a>", "/?p=2"),
        ("/", "<a href='/?p=2'>Следующая страница</a>", "/?p=2"),
        ("/", "<a href='/page/2'>अगला पेज</a>", "/page/2"),
        ("/", "<a href='/page/2' aria-label='Next'><svg></svg></a>", "/page/2"),
        (
            "/events",
            "<div><a href='/events/all?page=1'>More events</a></div>",
            "/events/all?page=1",
        ),
        (
            "/b/one-long-story/",
            "<a href='/c/one-long-story-p2/'>continued</a>",
            "/c/one-long-story-p2/",
        ),
        # classes, arrows and numbers
        ("/news", "<a class='pager-next' href='/news?start=20'>&gt;</a>", "/news?start=20"),
        ("/news", "<li class=next><a href='/news/p2'>go</a></li>", "/news/p2"),
        ("/news", "<a href='?page=9'>»</a><a href='?page=2'>›</a>", "/news?page=2"),
        ("/news", "<b>1</b><a href='?s=20'>2</a><a href='?s=40'>3</a>", "/news?s=20"),
        ("/news?s=40", "<a href='?s=20'>2</a><b>3</b><a href='?s=60'>4</a>", "/news?s=60"),
        # no next page
        ("/news", "", None),
        ("/news", "<a href='#'>Next</a><a href='/news'>Next</a>", None),
        ("/news", "<a class=next href='javascript:next()'>Next</a>", None),
        ("/news", "<a href='https://other.example/news?page=2'>Next</a>", None),
        ("/news", "<a class=next href='/news?limit=all'>Show all</a>", None),
        ("/news", "<a href='/2031/05/a-long-story-of-9-boats/'>Next story</a>", None),
        ("/news", "<a class=next href='/calendar?month=2031-06'>»</a>", None),
        ("/news", "<a href='/race/2'>2</a><a href='/race/3'>3</a>", None),
        ("/", "<a href='/news/12045#comments'>2</a><a href='/news/12046#comments'>7</a>", None),
        ("/", "<a class=next href='/news/12045'>Next</a><a href='/news/12046'>›</a>", None),
        # The last page: its own number stands beyond those that are links, whatever the head says.
        (
            "/page/1097/",
            "<link rel=next href='/page/1098/'><p><a href='/page/1/'>1</a> … "
            "<a href='/page/1096/'>1,096</a> <b>1,097</b></p>",
            None,
        ),
        # Where the last page is the newest.
        ("/page/9", "<a class=next href='/page/8'>Onward</a>", "/page/8"),
    ],
)
def test_next_page(url: str, markup: str, expected: str | None) -> None:
    assert older(markup, url) == expected


def test_the_address_is_as_the_page_writes_it() -> None:
    assert older("<a rel=next href='?d[v]=&page=2'>2</a>", "/e") == "/e?d[v]=&page=2"


def test_many_links_beside_each_other_cost_little() -> None:
    links = "".join(f"<a href='/news/{n}/a-long-story'>Story {n}</a> today " for n in range(12_000))
    started = time.process_time()
    assert older(links + "<a class=next href='/news/page/2/'>Go</a>", "/news/") == "/news/page/2/"
    assert time.process_time() - started < 5

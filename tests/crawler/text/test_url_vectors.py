"""Three hundred addresses and what they are identified by."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.urls import identity, normalise

# How a reader came, or who: removed wherever it stands.
TRACKING = """
utm_source utm_medium utm_campaign utm_term utm_content utm_id UTM_Source fbclid gclid dclid
gbraid wbraid msclkid twclid ttclid yclid ysclid gclsrc gad_source gad_campaignid igsh igshid
srsltid mc_cid mc_eid mkt_tok _ga _gl _hsenc _hsmi hsCtaTracking cmp cmpid CMP
__twitter_impression wt_mc wt_zmc wtrid ns_campaign ns_mchannel at_medium at_campaign at_link_id
at_link_type at_ptr_name at_bbc_team at_format pk_campaign pk_kwd piwik_campaign mtm_source
matomo_kwd itm_source itm_medium vero_id vero_conv trk_contact fb_action_ids fb_action_types
fb_source fb_ref ref_src ref_url s_cid s_campaign smid smtyp sr_share openstat _openstat xtor ocid
ncid icid ICID ito epik li_fat_id spm dicbo tblci guccounter guce_referrer guce_referrer_sig
soc_src soc_trk oly_enc_id oly_anon_id _bta_tid _bta_c nr_email_referer PHPSESSID jsessionid
JSESSIONID ASPSESSIONIDQQABCD CFID CFTOKEN osCsid zenid xtref
""".split()

# What may be the story itself, its page or its language: kept.
KEPT = """
p id ID page_id post_id postid article articleid article_id aid nid newsid news_id n a s sid story
storyid story_id cat category cat_id c catid tag page paged pg start offset lang l hl locale v ver
version view date d day y year m month q query s2 k key item itemid node contentid content_id uid
ref source src from via share type t title name slug path route rest_route feed file f doc docid
option com task module action show print mode format output amp2 gallery img photo video section
""".split()

# A value that says how a reader came, of a name that elsewhere says what is read.
VALUES = """
ref=rss ref=feed ref=feeds ref=home ref=homepage ref=twitter ref=facebook ref=newsletter
source=rss source=email source=social src=rss src=feed from=rss from=home via=twitter via=whatsapp
from=share ref=related source=telegram amp amp= amp=1 amp=true outputType=amp outputtype=amp
ref=news ref=news.example ref=Other-Site.example ref=https%3A%2F%2Fother.example%2F
referrer=www.other.example source=feeds.other.example via=https://other.example from=other.example/
sid=0123456789abcdef0123456789abcdef s=0123456789abcdef0123456789abcdef _=1764590000123
_t=1764590000 ts=1764590000 nocache=1764590000 session_id=x sessionkey=x sessid=7
ASP.NET_SessionId=x CGISESSID=7 ref=https://other.example/sport/ ref=the-post-newsletter REF=News
""".split()

# Address and normal form; the latter alone where it is the same.
NORMAL = """
HTTP://News.Example/A http://news.example/A
https://news.example https://news.example/
https://news.example:443/a https://news.example/a
http://news.example:80/a http://news.example/a
http://news.example:443/a
https://news.example:8443/a
https://news.example./a https://news.example/a
https://reader:secret@news.example/a https://news.example/a
https://news.example/a#comments https://news.example/a
https://news.example/a# https://news.example/a
https://news.example/#!/story/7
https://news.example/a?x=1#!7
https://news.example/a? https://news.example/a
https://news.example/a?&x=1&&y=2& https://news.example/a?x=1&y=2
https://news.example/a?y=2&x=1
https://news.example/a?x=1&x=2
https://news.example/a?x
https://news.example/a?x=
https://news.example/a/./b/../c https://news.example/a/c
https://news.example/../a https://news.example/a
https://news.example/a/.. https://news.example/
https://news.example/a/. https://news.example/a/
https://news.example/%7Euser https://news.example/~user
https://news.example/%2d%2E%5f https://news.example/-._
https://news.example/%c3%a4 https://news.example/%C3%A4
https://news.example/ä https://news.example/%C3%A4
https://news.example/a%2Fb
https://news.example/a%3Fb
https://news.example/a%23b
https://news.example/100%25
https://news.example/a+b
https://news.example/港 https://news.example/%E6%B8%AF
https://bücher.example/a https://xn--bcher-kva.example/a
https://пример.example/a https://xn--e1afmkfd.example/a
https://news.example\\a https://news.example/a
https://news.example/a;v=1
https://news.example/a;jsessionid=0AB1.node2 https://news.example/a
https://news.example/.;jsessionid=1 https://news.example/
https://news.example/a&utm_source=rss&utm_medium=feed https://news.example/a
https://news.example/a&id=7
https://news.example/a;PHPSESSID=0AB1 https://news.example/a
https://news.example/a;sessionid=0AB1/b https://news.example/a/b
https://news.example/a;JSESSIONID=0AB1?p=7 https://news.example/a?p=7
https://news.example/a;jsessionid=0AB1/b https://news.example/a/b
https://news.example/(S(lit3py55t21z5v55vlm25s55))/a.aspx https://news.example/a.aspx
https://news.example/(S(short))/a.aspx
https://news.example/a?amp=72
https://news.example/a?ref=7&ref=rss https://news.example/a?ref=7
https://news.example/a?ref=newsletter7
https://news.example/a?src=harbour.jpg
https://news.example/a?sid=0123456789
https://news.example/a?t=964590000
https://news.example/a?id=1764590000
https://b%C3%BCcher.example/a https://xn--bcher-kva.example/a
https://b%c3%bccher.EXAMPLE%2E/a https://xn--bcher-kva.example/a
https://reader:a%40b@n%65ws.example/a https://news.example/a
https://news.example/a/
https://news.example/a/amp/
https://m.news.example/a
https://www.news.example/a
https://news.example/A?P=7
https://news.example//a
https://127.0.0.1:8080/a
https://[2001:DB8::1]:443/a https://[2001:db8::1]/a
https://www.google.com/amp/s/news.example/2024/a-story/ https://news.example/2024/a-story/
https://www.google.co.uk/amp/news.example/a-story http://news.example/a-story
https://www.google.com/amp/s/news.example/a?utm_source=x https://news.example/a
https://news-example.cdn.ampproject.org/c/s/news.example/a.html https://news.example/a.html
https://news-example.cdn.ampproject.org/v/s/news.example/a?usqp=mq3 https://news.example/a?usqp=mq3
https://news-example.bing-amp.com/c/s/news.example/a https://news.example/a
https://www.google.com/search?q=news
https://www.google.com/amp/s/
https://news-example.cdn.ampproject.org/i/s/news.example/a.jpg
"""

# Addresses of one page.
SAME = """
https://news.example/a-long-story http://news.example/a-long-story https://www.news.example/a-long-story
https://news.example/a-long-story https://news.example/a-long-story/ https://m.news.example/a-long-story
https://news.example/a-long-story https://mobile.news.example/a-long-story/
https://news.example/a-long-story https://amp.news.example/a-long-story
https://news.example/a-long-story https://wap.news.example/a-long-story https://touch.news.example/a-long-story
https://news.example/a-long-story https://news.example/a-long-story/amp https://news.example/a-long-story/amp/
https://news.example/a-long-story https://news.example/amp/a-long-story https://news.example/a-long-story?amp=1
https://news.example/x/120453.html https://news.example/x/120453.amp.html https://news.example/amp/x/120453.html
https://news.example/x/120453 https://news.example/x/120453.amp https://amp.news.example/x/120453/
https://news.example/?p=7 https://www.news.example/?p=7 http://m.news.example/?p=7&utm_source=rss
https://news.example/caf%C3%A9-du-port https://news.example/cafe%CC%81-du-port https://news.example/cafe%cc%81-du-port/
https://news.example/%E3%81%8C-7 https://news.example/%E3%81%8B%E3%82%99-7 https://news.example/が-7
https://news.example/%EB%B6%80%EB%91%90 https://news.example/%E1%84%87%E1%85%AE%E1%84%83%E1%85%AE
https://news.example/a-long-story https://news.example//a-long-story/index.html https://news.example/a-long-story//
https://news.co.uk/2024/05/x-9 https://www.news.co.uk/2024/05/x-9/ https://m.news.co.uk/2024/05/x-9/amp/
"""

# Addresses of as many pages: no two of a line are one.
DIFFERENT = """
https://news.example/?p=7 https://news.example/?p=8 https://news.example/?id=7 https://news.example/
https://news.example/a-long-story https://news.example/A-long-story https://news.example/a-long-story-2
https://news.example/gear/amp https://news.example/gear https://news.example/amp https://news.example/amp/gear
https://news.example/a?page=1 https://news.example/a?page=2 https://news.example/a
https://news.example/a?x=1&y=2 https://news.example/a?y=1&x=2 https://news.example/a?x=12
https://news.example/a%2Fb https://news.example/a/b https://news.example/a%252Fb
https://news.example/#!/story/7 https://news.example/#!/story/8 https://news.example/
https://news.example/a;v=1 https://news.example/a;v=2 https://news.example/a
https://news.example/x.html https://news.example/x https://news.example/x.htm
https://en.news.example/a https://fr.news.example/a https://news.example/a
https://m.example/a https://example/a https://m.example.com/a
https://one.blogspot.com/a https://two.blogspot.com/a https://blogspot.com/a
https://news.example/a:b https://news.example/a+b https://news.example/a%20b
https://news.example:8080/a https://news.example/a
https://news.example/news.php?id=7 https://news.example/news.php?id=8 https://news.example/news.php
https://news.example/a?ref=7 https://news.example/a?ref=8 https://news.example/a?ref=rssfeed7
https://news.example/a?amp=72 https://news.example/a?amp=73 https://news.example/a
https://news.example/%E9-1 https://news.example/%E8-1 https://news.example/%C3%A9-1 https://news.example/e-1
"""


def lines(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


VECTORS = [
    *((f"https://news.example/a?{name}=x1&p=7", "https://news.example/a?p=7") for name in TRACKING),
    *((f"https://news.example/a?{name}=71", f"https://news.example/a?{name}=71") for name in KEPT),
    *((f"https://news.example/a?p=7&{pair}", "https://news.example/a?p=7") for pair in VALUES),
    *((line[0], line[-1]) for line in lines(NORMAL)),
]


@pytest.mark.parametrize(("url", "expected"), VECTORS)
def test_normal_form(url: str, expected: str) -> None:
    assert normalise(url) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize("url", [form for pair in VECTORS for form in pair if "#" not in form])
def test_plain_addresses_are_read_like_all_others(url: str) -> None:
    """What bears a fragment is not plain."""
    assert normalise(url) == normalise(f"{url}#")


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/2024/11/30/a-long-story-7.html",
        "http://www.news.co.uk/",
        "https://m.xn--e1afmkfd.example/%D0%BF%D0%BE/?p=7&lang=en",
    ],
)
def test_a_plain_address_is_itself(url: str) -> None:
    assert normalise(url) is url


def test_there_are_three_hundred() -> None:
    others = sum(len(line) - 1 for line in lines(SAME + DIFFERENT))
    assert len(set(VECTORS)) + others >= 300


@pytest.mark.parametrize("urls", lines(SAME))
def test_addresses_of_one_page(urls: list[str]) -> None:
    assert len({identity(normalise(url)) for url in urls}) == 1


@pytest.mark.parametrize("urls", lines(DIFFERENT))
def test_addresses_of_as_many_pages(urls: list[str]) -> None:
    for one, other in combinations(urls, 2):
        assert normalise(one) != normalise(other)
        assert identity(normalise(one)) != identity(normalise(other))


SHAPES = st.sampled_from(
    [
        "https://news.example/?p={}",
        "https://news.example/{}",
        "https://news.example/{}/",
        "https://news.example/{}/amp/",
        "https://news.example/amp/{}",
        "https://news.example/a-story-{}.html",
        "https://news.example/a-story-{}.amp.html",
        "https://m.news.example/story/{}",
        "https://news.example/a;id={}",
        "https://news.example/a?article={}&amp",
        "https://news.example/#!/{}",
        "https://www.google.com/amp/s/news.example/a-{}",
        "https://news-example.cdn.ampproject.org/c/s/news.example/{}?utm_source=x",
        "https://news.example/(S(lit3py55t21z5v55vlm25s55))/{}.aspx",
        "https://news.example/a;jsessionid=1?id={}",
    ]
)
IDS = st.one_of(
    st.integers(0, 10**12).map(str),
    st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,8}){0,4}", fullmatch=True),
)


@given(SHAPES, IDS, IDS)
def test_different_ids_never_merge(shape: str, one: str, other: str) -> None:
    urls = [normalise(shape.replace("{}", name)) for name in (one, other)]
    assert (urls[0] == urls[1]) == (one == other)
    assert (identity(urls[0]) == identity(urls[1])) == (one == other)


DRESSED = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(
        [
            "https://news.example/",
            "https://www.google.com/amp/s/",
            "https://www.google.com/amp/s/www.google.com/amp/",
            "http://a-b.cdn.ampproject.org/c/",
            "https://M.News.example:443/",
        ]
    ),
    st.sampled_from(["", "news.example/", "amp/", "(S(lit3py55t21z5v55vlm25s55))/", "../"]),
    st.text(alphabet="a/.%2eF;+é&=-()", max_size=12),
    st.sampled_from(["", ";jsessionid=1", ";jsess;jsessionid=1ionid=2", "/amp/", ".amp.html"]),
    st.sampled_from(["", "?amp", "?&&p=7&utm_x", "?ref=rss&ref=7", "#!/a", "#a"]),
)


@given(DRESSED)
def test_normalising_again_changes_nothing(url: str) -> None:
    try:
        once = normalise(url)
    except ValueError:
        return
    assert normalise(once) == once


PLAIN = st.builds(
    "{}://{}/{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.one_of(
        st.sampled_from(["www.google.com/amp/s", "n.cdn.ampproject.org/c", "n.bing-amp.com/c/s"]),
        st.from_regex(r"(xn--)?[a-z0-9-]{1,4}(\.[a-z0-9-]{1,4}){0,2}\.[a-z]{2,3}", fullmatch=True),
    ),
    st.one_of(
        st.text(alphabet="aZ/-.9", max_size=12),
        st.text(alphabet="aZ/.-_~,+=:@;%89AF0()", max_size=12),
    ),
    st.one_of(
        st.just(""), st.text(alphabet="aZ/.-_~,+=:@&%89AF0?;", max_size=12).map("?{}".format)
    ),
)


@given(PLAIN)
def test_the_short_way_and_the_long_way_agree(url: str) -> None:
    outcomes = []
    for form in (url, f"{url}#"):
        try:
            outcomes.append(normalise(form))
        except ValueError:
            outcomes.append("refused")
    assert outcomes[0] == outcomes[1]

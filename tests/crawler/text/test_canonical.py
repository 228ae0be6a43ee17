"""What pages call their canonical addresses, and which of them can be."""

import pytest

from crawler.text.canonical import is_canonical
from crawler.text.urls import normalise

# A page's address, perhaps with its headline and the outlet's pattern of stories; below it what can
# be (+) and cannot be (-) its canonical address.
PAGES = r"""
/news/pier-closes-for-repairs-1 | Pier closes for repairs
    - /latest-headlines/
    - /article/undefined
    - /404
    - /404.html
    - /news/null
    - /news/NaN
    - /news/[slug]
    - /news/%7Bslug%7D
    - /news/{{ url }}
    - /news/:slug
    - /news/$slug
    - /news/%25s
    - /news/
    - /article/
    - /top-news-of-today
    - /news24/
    - /tag/pier
    - /tag/pier-closes-for-good
    - /author/marta-van-der-velde
    - /search?q=pier
    - /login?next=%2Fnews%2Fpier-closes-for-repairs-1
    - /news?page=2
    - /privacy-policy-and-terms
    - /news/mayor-resigns-after-long-vote-2
    - /news/pier-closes-for-repairs-2
    - https://sport.news.example/football
    - https://sport.news.example/
    - /?s=
    - /news/pier-closes-for-repairs-1/../undefined
    - /news/none.html
/article?id=7 | Pier closes for repairs
    - /article
    - /article?id=
    - /article?id=8
    - /article?id=undefined
/news/view?nid=31&lang=en | Pier closes for repairs
    - /news/view?lang=en
/story?slug=pier-closes | Pier closes for repairs
    - /story
/show-news-item?id=7 | Pier closes for repairs
    - /show-news-item
/index.php?page=pier-closes | Pier closes for repairs
    - /index.php
/articles?section=4&id=7 | Pier closes for repairs
    - /articles?section=4
/article/120453 | Pier closes for repairs
    - /article/120454
    - /latest-news-and-videos
    - /article/list
    - /archive/2026
/a/88123 | Pier closes for repairs
    - /https://news.example/a/88123
    - /img/pier-closes-for-repairs.jpg
    - /consent?return=%2Fa%2F88123
    - /go?url=https%3A%2F%2Fnews.example%2Fa%2F88123
    + /region/pier-88123
    + /show?story=88123
/a/c4gx7e0k2yxo | Pier closes for repairs
    - /a/cx2kd81m3e9o
/2026/11/30/pier-closes-for-repairs | Pier closes for repairs
    - /2026/11/30/
    - /2026/11/
/briefing/2026-11-30 | Morning briefing
    - /briefing/2026-11-29
/2026-elections/pier-closes-for-repairs | Pier closes for repairs
    - /2026-elections/
/news/politics/ferry-strike-enters-second-week | Ferry strike enters second week
    - /news/ferry-strike
/новости/порт-закрывает-северный-пирс | Порт закрывает северный пирс
    - /новости/политика
    - /главные-новости-этого-дня
/समाचार/उत्तरी-घाट-मरम्मत-के-लिए-बंद | उत्तरी घाट मरम्मत के लिए बंद
    - /समाचार/राजनीति
/新闻/港口委员会投票关闭北码头十八个月 | 港口委员会投票关闭北码头十八个月
    - /国际新闻
    - /新闻/市长在漫长会议之后宣布辞职
/ข่าว/ปิดท่าเรือเหนือเพื่อซ่อมแซมสิบแปดเดือน | ปิดท่าเรือเหนือเพื่อซ่อมแซมสิบแปดเดือน
    - /ต่างประเทศ
/news/pier-closes-for-repairs-120453 | Pier closes for repairs | /news/[a-z-]+-\d+$
    - /pier
/news/120453 | On the pier | /news/\d+$
    - /video/of-the-pier-at-night
/news/pier-closes | Pier closes
    - /news/[...slug]
    - /home
    - /en
    - /most-read
/a/b/pier-closes-for-repairs.html | Pier closes for repairs
    - /a/b/index.html
/news/pier-closes-for-repairs | Pier closes for repairs
    - /news/<slug>
/2026/11/30/storm-warning-issued-for-coast.html | Storm warning issued for coast
    - /weather
    - /weather/
    - /storm
    - /weather/storm-warnings
    - /today/
    - /news/breaking-news-and-headlines/
    - /articles/undefined/undefined
    - /2026/11/30/undefined.html
    - /2026/11/30/.html
    - /blog/%7B%7B%20post.slug%20%7D%7D
    - /%3C%25%3D%20url%20%25%3E
    - /${article.url}
    - /news/%24%7Burl%7D
    - /news/[object Object]
    - /news/__SLUG__
    - /article-not-found
    - /page-not-found
    - /error?code=500
    - /user/login
    - /subscribe
    - /index.html
    - /home.html
    - /2026/11/29/council-votes-to-shut-library.html
    - /section/120
    - /people/anna-maria-lindqvist
    - /local-news-from-the-coast
    + /2026/11/30/storm-warning-issued-for-coast
    + /weather/storm-warning-issued-for-coast.html
/news/12345
    - /news
    - /news/0
    - /news/undefined
    - /news/12346
    - /top
/story.aspx?ID=12345
    - /story.aspx
    - /story.aspx?ID=
    - /story.aspx?ID=0
    - /default.aspx
    + /story.aspx?ID=12345&t=storm-warning
    + /story/12345/storm-warning
/read?a=12345&s=2
    - /read?s=2
    + /read?a=12345
/details.jsp?key=abc77
    - /details.jsp
/#!/story/7
    - /
/artikel/hafen-sperrt-mole-120453 | Hafen sperrt Mole
    - /artikel/stadtrat-tagt-am-abend-120454
/pages/article?guid=11-22
    - /pages/article
/vesti/luka-zatvara-severni-kej | Luka zatvara severni kej
    - /vesti/hronika
/tin-tuc/cang-dong-cua-sua-chua | Cảng đóng cửa sửa chữa
    - /tin-tuc/trong-nuoc
/أخبار/الميناء-يغلق-الرصيف-الشمالي | الميناء يغلق الرصيف الشمالي
    - /أخبار/سياسة
    - /أهم-أخبار-هذا-اليوم
/ニュース/港湾委員会が北埠頭の閉鎖を決定 | 港湾委員会が北埠頭の閉鎖を決定
    - /ニュース/政治
/뉴스/항구-위원회-북쪽-부두-폐쇄 | 항구 위원회 북쪽 부두 폐쇄
    - /뉴스/오늘의-주요-뉴스-모음
/খবর/বন্দর-উত্তর-ঘাট-বন্ধ | বন্দর উত্তর ঘাট বন্ধ
    - /খবর/রাজনীতি
/sport/live/120453
    - /sport
    - /sport/live
/en/news/a-b-c-d
    - /en/news
    - /fr
/a-long-story
    - https://other.example/a-long-story
    - /
    - https://www.news.example/
    + https://www.news.example/a-long-story
    + http://m.news.example/a-long-story/
/sport/a-long-story
    - /sport/
    + /culture/a-long-story
/sport/football/120453.html
    - /sport/football
/2024/05/03/a-long-story
    - /2024/05/
    - /2024/
/en/article.aspx?id=7
    - /en/article.aspx
/eng/?p=7
    - /eng/index.php
/eng/index.php?p=7
    - /eng/index.php
/sport/pier-closes-for-repairs | Pier closes for repairs
    + /culture/pier-closes-for-repairs
/news/pier-closes-for-repairs?page=2 | Pier closes for repairs
    + /news/pier-closes-for-repairs
/news/pier-closes-for-repairs/2 | Pier closes for repairs
    + /news/pier-closes-for-repairs/1
    + /news/pier-closes-for-repairs
/news/pier-closes-for-repairs/comments | Pier closes for repairs
    + /news/pier-closes-for-repairs
/news/pier-closes-for-repairs/print | Pier closes for repairs
    + /news/pier-closes-for-repairs.html
/amp/news/120453 | Pier closes for repairs
    + /news/120453
/news/120453.amp.html | Pier closes for repairs
    + /news/120453.html
/news/120453?outputType=amp | Pier closes for repairs
    + /news/120453
https://m.news.example/article/120453 | Pier closes for repairs
    + /news/pier-closes-for-repairs-120453
/pier-closes-for-repairs-120453 | Harbour council shuts the landing
    + /harbour-council-shuts-the-landing-120453
/news/pier-closes-for-repairs | Harbour council shuts landing stage
    + /news/harbour-council-shuts-landing-stage
/news/pier-closes-for-repairs | Pier to stay closed
    + /news/pier-to-stay-closed-for-repairs
https://coast-24.example/?p=7 | Pier closes for repairs
    - /404
    - /not-found
    - /news
    - /latest-headlines/
    - /category/port
    - /undefined
    - /privacy-policy-and-terms
    - /2026/11/
    - /mayor-resigns-after-long-vote/
    - /?p=8
    - /index.php
    + /2026/11/30/pier-closes-for-repairs/
    + /index.php?p=7
/?p=7 | Pier closes
    + /pier-closes/
/?p=120453&lang=en | The ferry
    - /top-stories/
    - /page/2/
    + /archives/120453
    + /2026/11/30/ferry/
/news.php?id=7 | Pier closes for repairs
    + /pier-closes-for-repairs
    - /news.php
/news.php?id=7&x=1 | Pier closes for repairs
    + /news.php?id=7
/index.php?option=com_content&view=article&id=7&Itemid=101 | Pier closes for repairs
    + /index.php?id=7
/2026/11/29/pier-closes-for-repairs | Pier closes for repairs
    + /2026/11/30/pier-closes-for-repairs
/pier-closes-for-repairs | Pier closes for repairs
    + /node/120453
    + /?p=120453
    + http://www.news.example/pier-closes-for-repairs.html
/print/88231 | Pier closes for repairs
    + /story/120453
/s/c4gx7e0k2yxo | Pier closes for repairs
    + /news/pier-closes-for-repairs
/pier-closes-for-repairs/ | Pier closes for repairs
    + /pier-closes-for-repairs
/pier-closes-for-repairs.html | Pier closes for repairs
    + /pier-closes-for-repairs
/port/pier-closes | Pier closes
    + /culture/pier-closes
/port/ferry | The ferry
    + /2026/news/ferry
/live/storm-hits-coast-as-it-happens?post=123 | Storm hits coast
    + /live/storm-hits-coast-as-it-happens
/новости/порт-закрывает-пирс-120453 | Порт закрывает пирс
    + /news/120453
/news/120453 | Порт закрывает северный пирс
    + /новости/порт-закрывает-северный-пирс
    + /news/port-zakryvaet-severnyi-pirs
/समाचार/उत्तरी-घाट-मरम्मत-के-लिए-बंद | उत्तरी घाट
    + /शहर/उत्तरी-घाट-मरम्मत-के-लिए-बंद
/समाचार/घाट-बंद | उत्तरी घाट मरम्मत के लिए बंद
    + /समाचार/उत्तरी-घाट-मरम्मत-के-लिए-बंद
/新闻/港口委员会投票关闭北码头 | 港口委员会投票关闭北码头十八个月
    + /新闻/港口委员会投票关闭北码头十八个月
/新闻/120453.html | 港口委员会投票关闭北码头十八个月
    + /新闻/港口委员会投票关闭北码头十八个月
/ข่าว/ปิดท่าเรือเหนือ-120453 | ปิดท่าเรือเหนือ
    + /ข่าว/120453
/haefen-schliessen-im-winter | Häfen schließen im Winter
    + /2026/haefen-schliessen-im-winter-120453
/topics/harbour/pier-closes-for-repairs | Pier closes
    + /news/pier-closes-for-repairs
/news/pier-closes-for-repairs | Pier closes
    + /category/news/pier-closes-for-repairs
    + /news/pier-closes-for-repairs?id=120453
/article/120453/pier-closes-for-repairs | Pier closes
    + /article/120453
/article/pier-closes-for-repairs/120453 | Pier closes
    + /article/pier-closes-for-repairs
/news/null-and-void-verdict-in-port | Null and void
    + /law/null-and-void-verdict-in-port
/x/pier-closes | Some title | /news/[a-z-]+-\d+$
    + /news/harbour-pier-12
/pier-closes-for-repairs?session=1 | Pier closes for repairs
    + /pier-closes-for-repairs
/news/story-404?x=1 | The 404th
    + /news/story-404
/en/pier-closes-for-repairs/amp/ | Pier closes
    + /en/pier-closes-for-repairs/
/a/64f1c2ab90d1 | Pier closes
    + /news/64f1c2ab90d1/pier-closes
/2026/11/30/storm-warning-issued-for-coast.html | Storm warning for whole coast
    + /weather/storm-warning-for-whole-coast.html
/2026/11/30/storm-warning-issued-for-coast.html?print=1
    + /2026/11/30/storm-warning-issued-for-coast.html
/print/2026/11/30/storm-warning-issued-for-coast.html
    + /2026/11/30/storm-warning-issued-for-coast.html
/2026/11/30/storm-warning-issued-for-coast_2.html
    + /2026/11/30/storm-warning-issued-for-coast.html
/news/12345/old-slug-of-this | New words entirely here
    + /news/12345/new-words-entirely-here
/news/12345-old-slug-of-this | New words entirely here
    + /news/12345-new-words-entirely-here
/news/old-slug-of-this-12345.html | New words entirely here
    + /news/new-words-entirely-here-12345.html
/news/old-slug-of-this-a1b2c3d4
    + /world/x-a1b2c3d4
/story.aspx?ID=12345&page=3
    + /story.aspx?ID=12345
/mobile/article/12345
    + /article/12345
/m/storm-warning-issued | Storm warning issued
    + /storm-warning-issued
/amp/storm-warning-issued | Storm warning issued
    + /storm-warning-issued
/storm-warning-issued?amp
    + /storm-warning-issued
/storm-warning-issued?page=all
    + /storm-warning-issued
/storm-warning?page=2
    + /storm-warning
/storm?page=2
    + /storm
/gallery/storm-warning-issued/5
    + /gallery/storm-warning-issued
/?page_id=12345 | Storm warning
    + /storm-warning/
/?p=12345 | Storm
    + /weather/storm/
    + /2026/11/storm/
/?p=12345 | Heavy rain expected all week
    + /2026/weather/storm
    + /2026/11/30/storm/
    - /2026/weather/
    - /2026/11/30/
    - /weather/storm
/weather/heavy-rain-expected | Heavy rain expected all week
    - /2026/weather/storm
/archives/12345 | Storm
    + /2026/11/30/storm/
/archives/12345 | Storm warning issued
    + /archives/storm-warning-issued-for-coast
/vesti/luka-zatvara-severni-kej | Лука затвара северни кеј
    + /вести/лука-затвара-северни-кеј
/tin-tuc/cang-dong-cua | Cảng biển đóng cửa
    + /thoi-su/cang-bien-dong-cua-de-sua-1204.html
/أخبار/الميناء-يغلق | الميناء يغلق الرصيف الشمالي
    + /أخبار/الميناء-يغلق-الرصيف-الشمالي
/article/120453 | الميناء يغلق الرصيف الشمالي
    + /أخبار/الميناء-يغلق-الرصيف-الشمالي
/ニュース/120453 | 港湾委員会が北埠頭の閉鎖を決定
    + /ニュース/港湾委員会が北埠頭の閉鎖を決定
/뉴스/항구-위원회-북쪽-부두-폐쇄 | 항구 위원회
    + /지역/항구-위원회-북쪽-부두-폐쇄
/খবর/বন্দর-উত্তর-ঘাট-বন্ধ | x
    + /শহর/বন্দর-উত্তর-ঘাট-বন্ধ
/a/1 | Storm warning
    + /storm-warning-issued-for-coast
    + /a/1/storm
/news/story-7
    + /local/story-7
/news/uuid/6f1c2ab9-0d1e-4c7b-9d7e-3a5b0c1d2e3f | Storm warning issued
    + /news/storm-warning-issued-for-coast
/2024/05/a-long-story?x=1
    + /2024/05/a-long-story
/a-long-story/amp/
    + /a-long-story/
/a-long-story/comments
    + /a-long-story
/a-long-story/2
    + /a-long-story
/sport/ferry?page=2
    + /sport/ferry
/culture/boat-for-a-writing-desk-1161246
    + /culture/boat-for-a-writing-desk-1161245
    - /culture/boat-for-a-writing-desk-2
/port/120453/ferry
    - /port/120454/ferry
/daily-briefing-from-the-port-2026-11-30
    - /daily-briefing-from-the-port-2026-11-29
/news/port-trust-warns-of-fuel-prices-700083
    - /news/chamber-warns-of-fuel-imports-700073
    - /business/port-trust-warns-of-volatile-fuel-prices-700082
    + /business/port-trust-warns-of-volatile-fuel-prices-700083
/news/no-turning-back-on-ring-road | No turning back on ring road, says mayor
    - /news/no-turning-back-on-free-trade
    + /roads/no-turning-back-on-ring-road-says-mayor
"""


def rows() -> list[tuple[str, list[str], str, bool]]:
    found, page = [], [""]
    for line in PAGES.strip().splitlines():
        if line.startswith(" "):
            mark, _, stated = line.strip().partition(" ")
            found.append((page[0], page[1:], stated, mark == "+"))
        else:
            page = line.split(" | ")
    return found


@pytest.mark.parametrize(("page", "known", "stated", "believed"), rows())
def test_a_canonical_address_is_believed_where_it_can_be_one(
    page: str, known: list[str], stated: str, believed: bool
) -> None:
    url = normalise(page, "https://news.example/")
    assert is_canonical(normalise(stated, url), url, *known) is believed

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.urls import (
    address,
    normalise,
    registered_domain,
    same_site,
    without_added_session,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Example.COM:443/A/./b/../C/#top", "https://example.com/A/C/"),
        ("http://example.com", "http://example.com/"),
        ("http://example.com:8080/x", "http://example.com:8080/x"),
        ("http://user:secret@example.com./x", "http://example.com/x"),
        ("http://example.com/%7euser/%c3%a4?q=%2b1", "http://example.com/~user/%C3%A4?q=%2B1"),
        ("http://bücher.example/straße", "http://xn--bcher-kva.example/stra%C3%9Fe"),
        ("http://example.com/?p=7&utm_source=rss&UTM_x=1&fbclid=a", "http://example.com/?p=7"),
        ("http://example.com/a?utm_campaign=x", "http://example.com/a"),
        ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"),
        ("http://good.example\\@evil.example/", "http://good.example/@evil.example/"),
        ("  http://example.com/a b\n", "http://example.com/a%20b"),
        ("http://example.com/s?a=1&amp;amp;b=2&#038;c=3", "http://example.com/s?a=1&b=2&c=3"),
        ("http://example.com/R&amp;D/don&amp;#039;t", "http://example.com/R&D/don't"),
        ("http://example.com/%26amp%3Bamp;x", "http://example.com/&x"),
        ("http://example.com/s?a=1&section=2", "http://example.com/s?a=1&section=2"),
    ],
)
def test_normal_form(url: str, expected: str) -> None:
    assert normalise(url) == expected


@pytest.mark.parametrize("name", ["p", "page_id", "cat", "paged", "rest_route", "feed", "id", "v"])
def test_parameters_that_may_be_the_story_are_kept_in_order(name: str) -> None:
    url = f"https://example.com/eng/?z=2&{name}=93970&a=1"
    assert normalise(url) == url


def test_a_link_is_relative_to_its_page() -> None:
    assert normalise("../?p=3#c", "https://example.com/a/b/") == "https://example.com/a/?p=3"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/a",
        "mailto:a@example.com",
        "javascript:alert(1)",
        "file:///etc/hostname",
        "http://",
        "http://a b.example/",
        "http://a..example/",
        "http://example.com:99999/",
        "http://example.com/\ud800",
        "http://[::1",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the type is the contract
        normalise(url)


@pytest.mark.parametrize(
    ("slug", "is_read"),
    [
        ("a" * 1_900, True),
        ("ข" * 1_900, True),
        (quote("ख" * 1_900), True),
        ("a" * 2_001, False),
        (quote("ख" * 2_001), False),
        ("%20" * 3_000_000, False),
    ],
    ids=["ascii", "thai", "escaped", "long", "long escaped", "very long"],
)
def test_an_address_is_as_long_as_it_is_read(slug: str, is_read: bool) -> None:
    """A letter of Hindi or Thai is nine characters of an address."""
    assert (address(slug, "https://news.example/") is not None) is is_read


URLS = st.builds(
    "{}://{}{}/{}?{}#f".format,
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(["Example.com", "bücher.example", "127.0.0.1", "[::1]", "a.example."]),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.text(alphabet=st.one_of(st.sampled_from("/.%2eF;+&= é"), st.characters()), max_size=20),
    st.text(alphabet=st.one_of(st.sampled_from("p=1&;%3dutm_a+"), st.characters()), max_size=20),
)


@given(URLS)
def test_normalising_again_changes_nothing(url: str) -> None:
    try:
        once = normalise(url)
    except ValueError:
        return
    assert normalise(once) == once
    assert once.isascii()


@given(
    st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["?p={}", "a/{}", "?x=1&id={}"])
)
def test_two_stories_stay_two(one: int, other: int, shape: str) -> None:
    home = "https://example.com/eng/"
    merged = normalise(home + shape.format(one)) == normalise(home + shape.format(other))
    assert merged == (one == other)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("https://www.example.co.uk/x", "example.co.uk"),
        ("news.example.com.pk", "example.com.pk"),
        ("one.blogspot.com", "one.blogspot.com"),
        ("http://127.0.0.1:8080/", "127.0.0.1"),
        ("https://www.post.example/x", "post.example"),
        ("localhost", "localhost"),
        ("co.uk", "co.uk"),
    ],
)
def test_registered_domain(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


def test_same_site() -> None:
    assert same_site("https://www.example.co.uk/a", "http://m.example.co.uk")
    assert not same_site("https://one.co.uk", "https://two.co.uk")
    assert not same_site("https://one.blogspot.com", "https://two.blogspot.com")


@pytest.mark.parametrize(
    ("url", "asked", "found"),
    [
        ("/a?sid=0b91fc03a7", "/a", "/a"),
        ("/a?x=1&sid=0b91fc03a7", "/a?x=1", "/a?x=1"),
        ("/a?sid=0b91fc03a7", "/a?x=1", "/a?sid=0b91fc03a7"),
        ("/b?sid=0b91fc03a7", "/a", "/b?sid=0b91fc03a7"),
        ("/a?id=1234567890", "/a", "/a?id=1234567890"),
        ("/a?view=full", "/a", "/a?view=full"),
        ("/a", "/a?sid=0b91fc03a7", "/a"),
        ("/a", "/a", "/a"),
        ("", "/a", ""),
    ],
)
def test_a_session_that_a_redirect_adds_is_no_part_of_the_address(
    url: str, asked: str, found: str
) -> None:
    assert without_added_session(url, asked) == found

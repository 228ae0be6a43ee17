"""robots.txt: the cases of RFC 9309, and what sites make of it."""

import time

import pytest

from crawler.fetch.robots_rules import MAX_BYTES, read_robots

PRODUCT = "Dateline"
ALL = "User-agent: *\n"

# name, robots.txt, path, whether it is allowed
CASES: list[tuple[str, str, str, bool]] = [
    # -- 2.2.1: the group that is ours
    ("nothing", "", "/a", True),
    ("all_agents", ALL + "Disallow: /", "/a", False),
    ("no_group_of_ours", "User-agent: other\nDisallow: /", "/a", True),
    ("by_name", "User-agent: Dateline\nDisallow: /", "/a", False),
    ("case_of_the_name", "User-agent: dAtElInE\nDisallow: /", "/a", False),
    ("a_name_that_starts_ours", "User-agent: Date\nDisallow: /", "/a", True),
    ("a_name_that_ours_starts", "User-agent: Datelines\nDisallow: /", "/a", True),
    ("a_name_that_ends_ours", "User-agent: line\nDisallow: /", "/a", True),
    ("name_and_version", "User-agent: Dateline/2.1\nDisallow: /", "/a", False),
    ("name_and_star", "User-agent: dateline*\nDisallow: /", "/a", False),
    ("ours_replaces_the_general", ALL + "Disallow: /\n\nUser-agent: dateline\nDisallow: /x",
     "/a", True),
    ("ours_first", "User-agent: dateline\nAllow: /\n" + ALL + "Disallow: /", "/a", True),
    ("ours_says_nothing", ALL + "Disallow: /\nUser-agent: dateline\n", "/a", True),
    ("groups_of_one_name_are_one", "User-agent: dateline\nDisallow: /a\n\nUser-agent: other\n"
     "Disallow: /b\n\nUser-agent: dateline\nDisallow: /c", "/c/1", False),
    ("groups_of_one_name_are_one_2", "User-agent: dateline\nDisallow: /a\n\nUser-agent: other\n"
     "Disallow: /b\n\nUser-agent: dateline\nDisallow: /c", "/a/1", False),
    ("two_names_one_group", "User-agent: other\nUser-agent: dateline\nDisallow: /", "/a", False),
    ("two_names_an_empty_line", "User-agent: dateline\n\nUser-agent: other\nDisallow: /", "/a",
     False),
    ("general_groups_are_one", ALL + "Disallow: /a\n" + ALL + "Disallow: /b", "/a", False),
    ("rules_before_any_group", "Disallow: /\n" + ALL + "Disallow: /x", "/a", True),
    # -- 2.2.2: which rule decides
    ("longest_allows", ALL + "Disallow: /\nAllow: /a/b", "/a/b/c", True),
    ("longest_forbids", ALL + "Allow: /a\nDisallow: /a/b", "/a/b/c", False),
    ("order_is_nothing", ALL + "Disallow: /a/b\nAllow: /a", "/a/b", False),
    ("equal_allows", ALL + "Disallow: /a\nAllow: /a", "/a", True),
    ("equal_allows_2", ALL + "Allow: /a\nDisallow: /a", "/a", True),
    ("no_rule_matches", ALL + "Disallow: /b", "/a", True),
    ("empty_rule", ALL + "Disallow:", "/a", True),
    ("empty_allow", ALL + "Disallow: /\nAllow:", "/a", False),
    ("a_prefix", ALL + "Disallow: /fish", "/fishheads/yummy.html", False),
    ("a_folder", ALL + "Disallow: /fish/", "/fish", True),
    ("a_folder_and_query", ALL + "Disallow: /fish/", "/fish/?id=1", False),
    ("case_of_the_path", ALL + "Disallow: /Fish", "/fish", True),
    ("the_root", ALL + "Disallow: /$", "", False),
    ("robots_txt_itself", ALL + "Disallow: /", "/robots.txt", True),
    ("an_index_is_no_folder", ALL + "Disallow: /a/\nAllow: /a/index.html", "/a/", False),
    ("no_path", ALL + "Disallow: fish", "/fish", True),
    # -- 2.2.2: percent-encoding, by its table of examples
    ("table_1", ALL + "Disallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", False),
    ("table_2", ALL + "Disallow: /foo/bar?baz=https://foo.bar",
     "/foo/bar?baz=https%3A%2F%2Ffoo.bar", False),
    ("table_2_back", ALL + "Disallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar",
     "/foo/bar?baz=https://foo.bar", False),
    ("table_3", ALL + "Disallow: /foo/bar/\u30c4", "/foo/bar/%E3%83%84", False),
    ("table_4", ALL + "Disallow: /foo/bar/%E3%83%84", "/foo/bar/%E3%83%84", False),
    ("table_4_plain", ALL + "Disallow: /foo/bar/%e3%83%84", "/foo/bar/\u30c4", False),
    ("table_5", ALL + "Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
    ("table_5_back", ALL + "Disallow: /foo/bar/baz", "/foo/bar/%62%61%7a", False),
    ("a_slash_is_no_escape", ALL + "Disallow: /a%2Fb", "/a/b", True),
    ("a_mark_is_no_escape", ALL + "Disallow: /a%3Fb", "/a?b", True),
    ("a_broken_escape", ALL + "Disallow: /a%zz", "/a%zz", False),
    # -- 2.2.3: special characters
    ("comment", ALL + "Disallow: /a # /b", "/a", False),
    ("comment_alone", "# Disallow\n" + ALL + "#\nDisallow: /a", "/a", False),
    ("end", ALL + "Disallow: /a$", "/a", False),
    ("end_is_not_here", ALL + "Disallow: /a$", "/ab", True),
    ("end_and_query", ALL + "Disallow: /a$", "/a?b", True),
    ("star", ALL + "Disallow: /a/*/b", "/a/x/y/b.html", False),
    ("star_of_nothing", ALL + "Disallow: /a*b", "/ab", False),
    ("star_at_the_end", ALL + "Disallow: /a*", "/abc", False),
    ("star_first", ALL + "Disallow: *.gif", "/a/b.gif?c", False),
    ("star_and_end", ALL + "Disallow: /*.gif$", "/a.gif", False),
    ("star_and_end_not_here", ALL + "Disallow: /*.gif$", "/a.gif?b", True),
    ("star_and_end_twice", ALL + "Disallow: /*a$", "/banana", False),
    ("star_does_not_overlap", ALL + "Disallow: /ab*ba$", "/aba", True),
    ("stars", ALL + "Disallow: /**a**b", "/xaxxb", False),
    ("example_of_the_rfc", ALL + "Disallow: /example/page/disallowed.gif\nAllow: /example/page/",
     "/example/page/disallowed.gif", False),
    ("star_counts_as_written", ALL + "Allow: /a/b\nDisallow: /*/b", "/a/b", True),
    ("a_literal_star", ALL + "Disallow: /a-%2A.html", "/a-*.html", False),
    ("a_literal_star_is_no_wildcard", ALL + "Disallow: /a-%2A.html", "/a-b.html", True),
    ("a_literal_dollar", ALL + "Disallow: /a-%24", "/a-$", False),
    ("a_dollar_within", ALL + "Disallow: /a$b", "/a$b", False),
    ("a_dollar_within_is_no_end", ALL + "Disallow: /a$b", "/a", True),
    ("query_after_a_star", ALL + "Disallow: /*?u=http://*&x", "/p?u=http%3A%2F%2Fa&x", False),
    # -- 2.2.4: other records interfere with nothing
    ("sitemap_ends_no_group", "User-agent: dateline\nSitemap: https://a.example/s\n"
     "User-agent: other\nDisallow: /", "/a", False),
    ("delay_ends_no_group", "User-agent: dateline\nCrawl-delay: 1\nUser-agent: other\n"
     "Disallow: /", "/a", False),
    ("unknown_ends_no_group", "User-agent: dateline\nNoindex: /x\nUser-agent: other\n"
     "Disallow: /", "/a", False),
    ("unknown_among_rules", ALL + "Disallow: /a\nClean-param: x\nDisallow: /b", "/b", False),
    # -- the format, as sites write it
    ("carriage_returns", "User-agent: *\rDisallow: /a\r", "/a", False),
    ("windows_lines", "User-agent: *\r\nDisallow: /a\r\n", "/a", False),
    ("other_separators_are_text", ALL + "Disallow: /a\u2028Disallow: /b", "/b", True),
    ("byte_order_mark", "\ufeffUser-agent: *\nDisallow: /a", "/a", False),
    ("case_of_fields", "USER-AGENT: *\ndisAllow: /a", "/a", False),
    ("spaces", "  User-agent :  *  \n\tDisallow\t:\t/a\t", "/a", False),
    ("no_colon", "User-agent *\nDisallow /a", "/a", False),
    ("no_colon_but_a_tab", "User-agent\t*\nDisallow\t\t/a", "/a", False),
    ("prose_is_no_agent", ALL + "User-agents must behave\nDisallow: /a", "/a", False),
    ("prose_is_no_rule", ALL + "Disallow all of /a", "/a", True),
    *(
        (field, f"User-agent: *\n{field}: /a", "/a", False)
        for field in ("Dissallow", "Dissalow", "Disalow", "Diasllow", "Disallaw", "Desallow",
                      "Disallows", "Disllow", "Dsiallow", "Disalloow", "Disallwo", "DISALOW ")
    ),
    *(
        (field, f"{field}: other\nDisallow: /a\n{field} : *\nDisallow: /b", "/a", True)
        for field in ("Useragent", "User agent", "User_Agent", "User-agents", "USER  AGENT")
    ),
    ("a_longer_field", ALL + "Disallow all: /a", "/a", False),
    ("alow", ALL + "Disallow: /\nAlow: /a", "/a", True),
    ("site_map_ends_no_group", "User-agent: dateline\nSite-map: /s\nUser-agent: x\nDisallow: /",
     "/a", False),
    ("half_a_byte_order_mark", "\udcef\udcbbUser-agent: *\nDisallow: /a", "/a", False),
    ("two_byte_order_marks", "\ufeff\ufeffUser-agent: *\nDisallow: /a", "/a", False),
    ("a_nul_ends_a_line", ALL + "Disallow: /a\0\0/b", "/a", False),
    ("nuls_before_a_line", "\0\0" + ALL + "\0Disallow: /a", "/a", False),
    ("latin_1", ALL + "Disallow: /caf\udce9", "/caf%E9", False),
    ("a_long_line", "#" * 200_000 + "\n" + ALL + "Disallow: /a" + " " * 200_000, "/a", False),
    ("a_comment_within_a_field", ALL + "Dis#allow: /a\n#\n /b", "/a", True),
    ("a_comment_without_a_space", ALL + "Disallow: /a#b", "/a", False),
    ("a_page", "<!DOCTYPE html><html><body>Disallow: /</body></html>", "/a", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path", "allowed"), [c[1:] for c in CASES],
                         ids=[c[0] for c in CASES])  # fmt: skip
def test_rfc(text: str, path: str, allowed: bool) -> None:
    body = text.encode(errors="surrogateescape")
    assert read_robots(body, PRODUCT).allows(path) is allowed


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_utf_16(encoding: str, mark: str, end: str) -> None:
    lines = ["User-agent: *", "Disallow: /straße", "Crawl-delay: 4s", ""]
    robots = read_robots((mark + end.join(lines)).encode(encoding), PRODUCT)
    assert (robots.allows("/stra%C3%9Fe"), robots.allows("/a"), robots.delay) == (False, True, 4)


DELAYS: list[tuple[str, float | None]] = [
    (ALL + "Crawl-delay: 10", 10),
    (ALL + "Crawl-delay: 0.5\nDisallow: /x", 0.5),
    (ALL + "crawl-delay : 3 # seconds", 3),
    (ALL + "Crawl-delay: 3\nCrawl-delay: 5", 5),
    ("User-agent: dateline\nCrawl-delay: 7\n" + ALL + "Crawl-delay: 3", 7),
    ("User-agent: dateline\nDisallow: /x\n" + ALL + "Crawl-delay: 3", None),
    ("User-agent: other\nCrawl-delay: 3", None),
    ("Crawl-delay: 3\n" + ALL, None),
    *((ALL + f"Crawl-delay: {text}", None) for text in ("-1", "nan", "inf", "ten", "", ".", "0")),
    *(
        (ALL + f"Crawl-delay: {text}", seconds)
        for text, seconds in [
            ("10s", 10), ("10S.", 10), ("4 sec", 4), ("8 Sekunden", 8), ("6;", 6), ('"7"', 7),
            ("+3", 3), ("= 9", 9), ("1,5", 1.5), (",5", 0.5), ("2.", 2), ("1,500", 1500),
            ("500ms", 0.5), ("250 milliseconds", 0.25), ("1m", 60), ("2 Minutes", 120),
            ("1h", 3600), ("5-10", 10), ("1/30", 30), ("0:45", 45), ("1e3", 1000), ("10;5", 10),
            ("3 to 6 seconds", 6), ("\uff15", 5), ("9" * 999, 1e18),
        ]
    ),
    (ALL + "Crawl delay: 3", 3),
    (ALL + "crawldelay:3", 3),
    (ALL + "Crawl-delay 3", 3),
    (ALL + "Crawler-Delay: 3", 3),
    ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "delay"), DELAYS)
def test_crawl_delay(text: str, delay: float | None) -> None:
    assert read_robots(text.encode(), PRODUCT).delay == delay


def test_only_whole_lines_of_the_first_500_kib_are_read() -> None:
    rule = b"Disallow: /abcdef\n"
    head = ALL.encode() + rule.replace(b"abcdef", b"before")
    filler = b"#" * (MAX_BYTES - len(head) - 2 - 10) + b"\n"
    robots = read_robots(head + filler + b"\n" + rule, PRODUCT)
    assert not robots.allows("/before")
    # Ten bytes of the last rule fit: cut there, it would forbid everything.
    assert robots.allows("/abcdef")
    assert robots.allows("/")


def test_a_hostile_file_costs_little() -> None:
    started = time.process_time()
    rules = "".join(f"Disallow: /{'*a' * 20}{n}$\n" for n in range(10_000))
    robots = read_robots((ALL + rules).encode(), PRODUCT)
    assert robots.allows("/" + "a" * 2_000)
    read_robots(b"User-agent: *\n" * 20_000 + b"Disallow: /\n" * 20_000, PRODUCT)
    assert time.process_time() - started < 2
    assert read_robots(bytes(range(256)) * 10, PRODUCT).allows("/")

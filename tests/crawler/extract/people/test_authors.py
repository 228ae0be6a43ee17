import pytest

from crawler.extract.candidates import Candidates
from crawler.extract.people.authors import choose_authors, clean_names

SITE = {"harbourpost"}


def choose(
    *stated: list[str], groups: tuple[str, ...] = (), byline: tuple[str, ...] = ()
) -> tuple[list[str], str] | None:
    origins = ("jsonld", "meta", "feed")
    sources = [Candidates(origin=o, authors=a) for o, a in zip(origins, stated, strict=False)]
    sources[0].groups = list(groups)
    return choose_authors(sources, SITE, lambda: list(byline))


def test_people_come_before_the_outlet_and_organisations() -> None:
    assert choose(["Harbour Post"], ["Ann Moore"]) == (["Ann Moore"], "meta")
    assert choose([], ["Ann Moore"], groups=("A Ministry",)) == (["Ann Moore"], "meta")
    assert choose(["Harbour Post, Lisbon"], byline=("Ann Moore",)) == (["Ann Moore"], "generic")
    assert choose(["ann-moore"], byline=("Ann Moore",)) == (["Ann Moore"], "generic")
    assert choose(["Ann Moore"], groups=("AP",)) == (["Ann Moore", "AP"], "jsonld")


def test_what_is_stated_is_kept_where_nobody_is_named() -> None:
    assert choose(["Harbour Post"]) == (["Harbour Post"], "jsonld")
    assert choose([], groups=("Salt & Sea Desk",)) == (["Salt & Sea Desk"], "jsonld")
    assert choose(["Harbour Post"], byline=("Tides",)) == (["Harbour Post"], "jsonld")
    assert choose([], byline=("Ann Moore", "Agencies")) == (["Ann Moore"], "generic")
    assert choose([]) is None


def test_the_outlets_selector_is_believed() -> None:
    sources = [Candidates(origin="selector", authors=["News Desk"])]
    assert choose_authors(sources, SITE, list) == (["News Desk"], "selector")


@pytest.mark.parametrize(
    "text",
    ["Admin", "desk@example.com", "https://a.example/x", "2024-11-30", "x" * 3_000, "No Author"],
)
def test_nobody(text: str) -> None:
    assert clean_names([text]) == []

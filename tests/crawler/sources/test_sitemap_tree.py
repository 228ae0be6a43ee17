"""A tree of sitemaps too large to hold. The long form is `make bench PART=sitemaps`."""

import gzip
import tracemalloc
from datetime import timedelta

from benchmarks.sitemaps import OURS, Tree, measure
from crawler.sources import Sitemap, SourceResponse


def test_a_tree_takes_no_more_memory_than_a_file() -> None:
    tree = Tree(files=3)
    found = measure(OURS, tree, tree.day(0) - timedelta(days=10_000))
    assert (found.found, found.asked) == (150_000, 7)
    assert found.mebibytes < 55
    assert found.seconds < 3 * 60 / 52 * 2  # twice its share: the machine may be busy


def test_a_tree_is_left_where_nothing_is_newer() -> None:
    tree = Tree(files=4, entries=1_000)
    found = measure(OURS, tree, tree.day(-1))
    # robots.txt, the index, its two, and of the files the last.
    assert (found.found, found.asked) == (250, 5)


def test_gzip_is_unpacked_as_it_is_read() -> None:
    entry = f"<url><loc>https://news.example/1</loc></url>{' ' * 2000}"
    body = gzip.compress(f"<urlset>{entry * 10_000}</urlset>".encode())
    response = SourceResponse(url="https://news.example/s.xml", body=body)
    tracemalloc.start()
    try:
        assert len(Sitemap().read(response).leads) == 500
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10e6  # of 20 MB

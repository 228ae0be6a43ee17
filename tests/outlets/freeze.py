"""``python -m tests.outlets.freeze [NAME] [--update]``: freeze an outlet's pages and expectations.

Of an outlet that newsworld serves, it writes the pages that are missing. Of any other outlet, save
the pages yourself: ``scrapy fetch --nolog URL > tests/outlets/NAME/page-1.html``, and what a source
answers as ``feed.xml``, ``listing.html``, ``news-sitemap.xml``, ``sitemap.xml`` or ``rest.json``.
Then it writes ``expected.json``: what the code reads in these files. An ``expected.json`` that
exists is compared only, unless ``--update`` is given. Frozen files are never overwritten.
"""

import argparse
import difflib
import json
import sys
from urllib.parse import urlsplit

from parsel import Selector

from newsworld.messages import SiteRequest
from newsworld.server import SITES
from newsworld.world import World
from tests.outlets.outlets import FETCHED, Document, Frozen, spiders

PAGES = 2
"""Article pages frozen of an outlet; further ones are made by hand."""


def freeze(frozen: Frozen, world: World) -> Document:
    """Write the missing files of an outlet; return the address of each file."""
    spider, folder = frozen.spider, frozen.folder
    folder.mkdir(exist_ok=True)
    addresses = {name: source.start(spider.home, None, None) for name, source in frozen.sources()}
    if not frozen.is_simulated:
        return addresses
    truth = [story for story in world.truth() if story["outlet"] == spider.name]
    for number in range(1, PAGES + 1):
        addresses[f"page-{number}.html"] = str(truth[-7 * number]["url"])
    for name, url in addresses.items():
        if not (folder / name).exists():
            parts = urlsplit(url)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            answer = SITES[parts.netloc](world, SiteRequest(f"https://{parts.netloc}", target))
            assert answer, url
            (folder / name).write_bytes(answer.body)
    return addresses


def stated_address(frozen: Frozen, page: str) -> str:
    """The canonical address that a page made by hand states."""
    markup = (frozen.folder / f"{page}.html").read_text()
    canonical = Selector(markup).css("link[rel=canonical]::attr(href)").get()
    if not canonical:
        sys.exit(f'{page}.html names no address: add <link rel="canonical" href="ADDRESS"> to it.')
    return canonical


def expectations(frozen: Frozen, addresses: Document) -> Document:
    """What the code reads now."""
    expected: Document = {}
    for name in frozen.pages():
        url = addresses[f"{name}.html"]
        expected[name] = {"url": url, "article": frozen.read_page(name, url)}
    for name, source in frozen.sources():
        leads = frozen.read_source(name, source, addresses[name])
        expected[source.key] = {"url": addresses[name], "leads": leads}
    return expected


def main() -> None:
    """Freeze the outlets named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.outlets.freeze", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(spiders()))
    parser.add_argument("--update", action="store_true", help="write expected.json anew")
    options = parser.parse_args()
    world = World(now=FETCHED)
    for name, spider in spiders().items():
        if options.name in (None, name):
            frozen = Frozen(spider)
            addresses = freeze(frozen, world)
            if not frozen.pages():
                sys.exit(f"{name} has no frozen page: save one as {frozen.folder}/page-1.html.")
            file = frozen.folder / "expected.json"
            for page in frozen.pages():
                addresses.setdefault(f"{page}.html", stated_address(frozen, page))
            new = json.dumps(expectations(frozen, addresses), ensure_ascii=False, indent=1) + "\n"
            old = file.read_text() if file.exists() else ""
            sys.stdout.writelines(
                difflib.unified_diff(
                    old.splitlines(keepends=True),
                    new.splitlines(keepends=True),
                    f"{name}, as expected",
                    "as read",
                    n=1,
                )
            )
            if options.update or not old:
                file.write_text(new)


if __name__ == "__main__":
    main()

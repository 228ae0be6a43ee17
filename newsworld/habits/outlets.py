"""Bad habits of whole outlets: maintenance, moves, robots.txt and entity tags."""

import re
from dataclasses import replace

from newsworld.habits.scene import Change, Scene
from newsworld.messages import SiteResponse, entity_tag, redirect
from newsworld.press.edition import Edition, PaperStory
from newsworld.wordpress import JSON

_MOVED = "-now.example"
_MAINTENANCE = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Scheduled maintenance | {title}"
    "</title></head><body><h1>We will be back soon</h1><p>{title} is down for scheduled "
    "maintenance. We are working hard to improve the site, and expect to be back within the hour. "
    "Thank you for your patience.</p></body></html>"
)
_MISSPELT = (
    "User agent: *\nDissallow: {path}\nSite-map: {map}\nCrawl delay: 0.01\n",
    "useragent: *\r\nDisalow : {path}\r\nSITEMAP : {map}\r\nCrawl-delay: 0,01\r\n",
    "User-Agent *\nDisallow {path}\nSitemap: {map}\nCrawl-delay: 0.01s\n",
)
_RULES = "User-agent: *\r\nDisallow: {path}\r\nSitemap: {map}\r\n"


def former_host(host: str) -> str:
    """Return the host by which an outlet went before it moved; its own if it has not."""
    return host.replace(_MOVED, ".example")


def new_host(host: str) -> str:
    """Return the host to which an outlet moves."""
    return host.replace(".example", _MOVED)


def forbidden(edition: Edition) -> PaperStory:
    """Return the story that robots.txt forbids where it is misspelt or in UTF-16: the first."""
    return edition.stories(edition.start)[0]


def _moved(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Send everybody on to another domain, where all is as it was but for the names."""
    host = scene.edition.paper.host
    if former_host(scene.ask.host) == scene.ask.host:
        return redirect(f"https://{new_host(host)}{scene.ask.target}")
    body = page.body.replace(host.encode(), new_host(host).encode())
    extra = {name: value.replace(host, new_host(host)) for name, value in page.extra.items()}
    return replace(page, body=body, extra=extra)


def _maintained(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Answer that work goes on, with status 200, whatever was asked for."""
    return SiteResponse(_MAINTENANCE.format(title=scene.edition.paper.title).encode())


def _maintained_json(page: SiteResponse, scene: Scene) -> SiteResponse:
    return SiteResponse(b'{"status":"maintenance","retry":true}', JSON)


def _rules(form: str, page: SiteResponse, scene: Scene) -> str:
    """Write rules that name a sitemap as robots.txt did before."""
    found = re.search(r"Sitemap: (\S+)", page.body.decode())
    sitemap = found[1] if found else f"{scene.base}/sitemap.xml"
    return form.format(path=forbidden(scene.edition).path, map=sitemap)


def _misspelt(page: SiteResponse, scene: Scene) -> SiteResponse:
    rules = _rules(_MISSPELT[scene.seed % len(_MISSPELT)], page, scene)
    return SiteResponse(rules.encode(), "text/plain")


def _wide(page: SiteResponse, scene: Scene) -> SiteResponse:
    """Write robots.txt in UTF-16, as one editor does."""
    rules = "\ufeff" + _rules(_RULES, page, scene)
    return SiteResponse(rules.encode(("utf-16-le", "utf-16-be")[scene.seed % 2]), "text/plain")


def _tagged(page: SiteResponse, tag: str) -> SiteResponse:
    return replace(page, etag=tag) if page.status == 200 else page


def _odd(page: SiteResponse, scene: Scene) -> SiteResponse:
    tag = entity_tag(page.body).strip('"')
    return _tagged(page, (tag, f'W/W/"{tag}"', f'"{tag}, "-gzip"', f"'{tag}'")[scene.seed % 4])


ROBOTS: dict[str, Change] = {"robots_misspelt": _misspelt, "robots_utf16": _wide}
ANSWERS: dict[str, Change] = {
    "maintenance": _maintained,
    "maintenance_json": _maintained_json,
    "moved": _moved,
    "etag_huge": lambda page, _: _tagged(page, '"' + entity_tag(page.body)[1:-1] * 750 + '"'),
    "etag_odd": _odd,
    "etag_constant": lambda page, _: _tagged(page, '"1"'),
    "etag_changing": lambda page, scene: _tagged(page, f'"{scene.reading}"'),
}

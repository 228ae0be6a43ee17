"""Parser of robots.txt by RFC 9309.

Protego, which Scrapy uses, differs from the RFC where it matters to a site: it takes a group for
`Date` as one for `Dateline`, lets other records end a group (2.2.4), allows `/` wherever
`/index.html` is allowed, and does not tell an escaped reserved character from a plain one (2.2.2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 500 * 1024
"""What lies beyond is not read (2.5)."""

_TOKEN = re.compile(r"\*|[A-Za-z_-]+")
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?|\.\d{1,9}", re.ASCII)
_LINE = re.compile(r"\r\n?|\n")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|([^A-Za-z0-9._~!&'()+,;=:@/?-])")
_ESCAPE_QUERY = re.compile(rb"%([0-9A-Fa-f]{2})|([^A-Za-z0-9._~!&'()+,;=@-])")

_FIELDS = {"user-agent": "agent", "useragent": "agent", "allow": "allow", "disallow": "disallow"}
_FIELDS |= {"crawl-delay": "delay"}


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one robots.txt that are meant for one crawler."""

    rules: tuple[tuple[str, bool], ...] = ()
    """Patterns, and whether each allows; the one to decide first comes first."""
    delay: float | None = None
    """Seconds from one request to the next (`Crawl-delay`, which is in no RFC)."""

    def allows(self, path: str) -> bool:
        """Return whether a path and query, as they stand in an address, may be fetched (2.2.2)."""
        plain = _normal(path or "/")
        if plain == "/robots.txt":
            return True
        return next((allow for pattern, allow in self.rules if _matches(pattern, plain)), True)


def read_robots(body: bytes, product: str) -> Robots:
    """Read a robots.txt, whole lines of at most its first `MAX_BYTES`.

    Args:
        product: the crawler's product token, e.g. ``Dateline`` (2.2.1).
    """
    own = product.lower()
    found: dict[str, list[tuple[str, str]]] = {}
    agents: set[str] = set()
    in_rules = False
    for name, value in _records(body):
        if name == "agent":
            if in_rules:
                agents, in_rules = set(), False
            token = _TOKEN.match(value)
            if token and token[0].lower() in (own, "*"):
                agents.add(token[0].lower())
                found.setdefault(token[0].lower(), [])
            continue
        # A delay is no rule of the RFC's, so it ends no list of agents (2.2.4).
        in_rules = in_rules or name != "delay"
        for agent in agents:
            found[agent].append((name, value))
    records = found.get(own, found.get("*", []))
    rules = {(_pattern(value), name == "allow") for name, value in records if name != "delay"}
    delays = [float(v) for name, v in records if name == "delay" and _SECONDS.fullmatch(v)]
    # The longest match decides, and of two as long the one that allows.
    in_order = sorted((rule for rule in rules if rule[0]), key=lambda r: (-len(r[0]), not r[1]))
    return Robots(tuple(in_order), max(delays, default=None))


def _records(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield what lines say to crawlers: the field's name, and its value."""
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    for line in _LINE.split(body.decode("utf-8-sig", errors="replace")):
        text = line.partition("#")[0].strip()
        name, _, value = text.partition(":" if ":" in text else " ")  # sites forget the colon
        if field := _FIELDS.get(name.strip().lower()):
            yield field, value.strip()


def _pattern(value: str) -> str:
    """Return the pattern to compare with `_normal` addresses; empty if the rule says nothing."""
    if not value.startswith(("/", "*")):
        return ""
    end = "$" if value.endswith("$") else ""
    parts = re.sub(r"\*+", "*", value.removesuffix("$")).split("*")
    in_query = False
    made = []
    for part in parts:
        made.append(_normal(part, in_query=in_query))
        in_query = in_query or "?" in part
    return "*".join(made) + end


def _normal(text: str, *, in_query: bool = False) -> str:
    """Return one spelling for all that are equivalent (2.2.2).

    What needs no escape has none; all else has one, in capitals. In a query that goes for the
    delimiters of an address, too, as in the RFC's own table. ``*`` and ``$`` are escaped: alone
    they mean something else in a pattern (2.2.3).
    """
    head, mark, query = ("", "", text) if in_query else text.partition("?")
    path = _ESCAPE.sub(_escaped, head.encode("utf-8", "replace"))
    rest = _ESCAPE_QUERY.sub(_escaped, query.encode("utf-8", "replace"))
    return (path + mark.encode() + rest).decode("ascii")


def _escaped(found: re.Match[bytes]) -> bytes:
    octet = int(found[1], 16) if found[1] else found[2][0]
    return bytes([octet]) if octet in _UNRESERVED else b"%%%02X" % octet


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern matches from the start of a path; in time linear in its length."""
    to_end = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not others:
        return not to_end or path == first
    *middle, last = others
    at = len(first)
    for part in middle:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return path.endswith(last) and len(path) - len(last) >= at if to_end else last in path[at:]

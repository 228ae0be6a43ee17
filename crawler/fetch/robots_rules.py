"""Parser of robots.txt by RFC 9309; what the RFC leaves open is read as by Google's parser.

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
# 10, 1.5, 1,5, 10s, 500 ms, 2 min, 5-10, 1e3
_DELAY = re.compile(
    r"(?P<figures>(?:\d{1,9}[.,]?|[.,](?=\d))\d{0,9}(?:e\d)?)\s*(?P<unit>ms|milli|m|h)?"
)
_UNITS = {"ms": 0.001, "milli": 0.001, "m": 60, "h": 3600}
_LINE = re.compile(r"\r\n?|\n")
_END = re.compile(r"[#\0]")
"""What follows is no part of a line: a comment, or waste."""
_MARKS = "\ufeff\udcef\udcbb\udcbf"
"""A byte-order mark, or the bytes of a broken one."""
_UTF16 = re.compile(rb"(?P<le>\xff\xfe|[^\0]\0[^\0]\0)|(?P<be>\xfe\xff|\0[^\0]\0[^\0])")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|([^A-Za-z0-9._~!&'()+,;=:@/?-])")
_ESCAPE_QUERY = re.compile(rb"%([0-9A-Fa-f]{2})|([^A-Za-z0-9._~!&'()+,;=@-])")

# Spelt as sites do: Dissallow, Disalow, Diasllow, Disallaw; User agent; Crawl delay.
_FIELD = re.compile(
    r"(?P<agent>user[-_ ]*agent)|(?P<allow>al+ow)|(?P<disallow>d[aeis]{2,4}l+[aow]{2,3})"
    r"|(?P<delay>craw[a-z]{0,3}[-_ ]*delay)",
    re.IGNORECASE,
)


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
    delays = [seconds for name, v in records if name == "delay" and (seconds := _delay(v))]
    # The longest match decides, and of two as long the one that allows.
    in_order = sorted((rule for rule in rules if rule[0]), key=lambda r: (-len(r[0]), not r[1]))
    return Robots(tuple(in_order), max(delays, default=None))


def _records(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield what lines say to crawlers: the field's name, and its value."""
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    for line in _LINE.split(_decode(body)):
        text = _END.split(line.strip("\0"), 1)[0].strip()
        name, colon, value = text.partition(":")
        if not colon:  # sites forget it
            name, _, value = text.rpartition(" " if " " in text else "\t")
        found = _FIELD.match(name.strip())
        if found and found.lastgroup and (colon or " " not in name[found.end() :].strip()):
            yield found.lastgroup, value.strip()


def _decode(body: bytes) -> str:
    """Return the text of a robots.txt: UTF-8, or UTF-16 with its mark or without."""
    if found := _UTF16.match(body):
        text = body.decode(f"utf-16-{found.lastgroup}", "replace")
    else:
        text = body.decode(errors="surrogateescape")
    return text.lstrip(_MARKS)


def _delay(value: str) -> float | None:
    """Return the seconds of a `Crawl-delay`: of several readings the longest."""
    if value.startswith("-"):
        return None
    return max(map(_seconds, _DELAY.finditer(value.lower())), default=None)


def _seconds(found: re.Match[str]) -> float:
    whole, comma, part = found["figures"].partition(",")
    mark = "" if len(part) == 3 else "."  # 1,000 is a thousand
    return float(whole + mark + part if comma else whole) * _UNITS.get(found["unit"], 1)


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
    path = _ESCAPE.sub(_escaped, head.encode("utf-8", "surrogateescape"))
    rest = _ESCAPE_QUERY.sub(_escaped, query.encode("utf-8", "surrogateescape"))
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

"""Rules by which the server misbehaves on purpose."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from newsworld.messages import SiteResponse


@dataclass
class Fault:
    """One rule; it applies to a request whose host and address it matches.

    With `status` or `body` it takes the place of the page; without them the page is served late,
    with further headers, with its text changed by `edits`, or with validators that lie.
    """

    host: str | None = None
    path: str = ""
    """A regular expression, searched for in the path and query."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    edits: Mapping[str, str] = field(default_factory=dict)
    """Substitutions in the page's text: regular expressions (the dot takes in line ends) and what
    to put in the place of each match, as `re.sub` has it."""
    etag: str | None = None
    """The entity tag of the page whatever its bytes, which a client that sends it is taken to hold;
    empty: the page has none."""
    last_modified: str | None = None
    """ISO 8601, aware; the same for the time of the page's last change."""
    delay: float = 0
    """Seconds to wait before answering."""
    stall: float = 0
    """Seconds to wait in the middle of the body."""
    close: bool = False
    """Drop the connection without an answer (after the delay)."""
    times: int | None = None
    """Number of times it still applies; None is always."""

    def __post_init__(self) -> None:
        self._pattern = re.compile(self.path)
        self._edits = [(re.compile(old, re.DOTALL), new) for old, new in self.edits.items()]
        if self.last_modified and datetime.fromisoformat(self.last_modified).tzinfo is None:
            raise ValueError(f"last_modified must have an offset: {self.last_modified}")

    def change(self, page: SiteResponse) -> SiteResponse:
        """Return the page with the rule's edits, and its validators in place of the page's own."""
        if self.edits:
            page = replace(page, body=self._edited(page.body))
        if self.etag is not None:
            page = replace(page, etag=self.etag)
        if self.last_modified is not None:
            # The tag that follows from the bytes stays where only the date goes.
            told = page.validators.get("ETag", "") if page.etag is None else page.etag
            at = datetime.fromisoformat(self.last_modified) if self.last_modified else None
            page = replace(page, etag=told, modified=at)
        return page

    def matches(self, host: str, target: str) -> bool:
        """Return whether the rule applies; each time it does counts against `times`."""
        if self.times == 0 or (self.host and self.host != host):
            return False
        if not self._pattern.search(target):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def _edited(self, body: bytes) -> bytes:
        """Apply `edits` to a page's body."""
        text = body.decode()
        for old, new in self._edits:
            text = old.sub(new, text)
        return text.encode()


def faults_from(rules: object) -> list[Fault]:
    """Rules from decoded JSON; ValueError, with the reason, if they are not such."""
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ValueError("faults must be a list of objects")
    known = {field.name for field in fields(Fault)}
    for rule in rules:
        if unknown := rule.keys() - known:
            raise ValueError(f"unknown in a fault: {', '.join(sorted(unknown))}")
    try:
        return [Fault(**rule) for rule in rules]
    except (AttributeError, TypeError, re.error) as error:
        raise ValueError(f"bad fault: {error}") from error

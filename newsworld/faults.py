"""Rules by which the server misbehaves on purpose."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass
class Fault:
    """One rule; it applies to a request whose host and address it matches.

    With `status` or `body` it takes the place of the page; without them the page is served late,
    with further headers, or with its text changed by `edits`.
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
    delay: float = 0
    """Seconds to wait before answering."""
    close: bool = False
    """Drop the connection without an answer (after the delay)."""
    times: int | None = None
    """How often it still applies; None is always."""

    def __post_init__(self) -> None:
        self._pattern = re.compile(self.path)
        self._edits = [(re.compile(old, re.DOTALL), new) for old, new in self.edits.items()]

    def matches(self, host: str, target: str) -> bool:
        """Whether the rule applies; each time it does counts against `times`."""
        if self.times == 0 or (self.host and self.host != host):
            return False
        if not self._pattern.search(target):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def edited(self, body: bytes) -> bytes:
        """A page's body as `edits` change it."""
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

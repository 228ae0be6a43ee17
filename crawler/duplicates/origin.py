"""Where a text that several outlets carry comes from, and which of its copies are whose."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from crawler.text.fingerprint import fold


@dataclass(frozen=True, slots=True)
class Member:
    """One of several stories with the same text."""

    url: str
    house: str
    """Whose it is: equal for an outlet and its sister under another ending."""
    outlet: str
    seen: datetime
    """When it was published, or could first be seen."""
    credit: str | None
    """The source it names, as printed."""

    @property
    def foreign_credit(self) -> str | None:
        """The source it names unless that is itself."""
        if not self.credit:
            return None
        named = fold(self.credit)
        return None if self.house in named or fold(self.outlet) in named else self.credit


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a text probably comes from."""

    url: str
    """The agency's own story where it was collected, else the earliest."""
    agency: str | None
    """Whom most of those that name a source name, as printed."""


def origin_of(members: Collection[Member]) -> Origin:
    """Return the probable origin: whom the copies credit, or else who had it first."""
    ordered = sorted(members, key=lambda member: (member.seen, member.url))
    named_by = [member.foreign_credit for member in ordered if member.foreign_credit]
    if not named_by:
        return Origin(ordered[0].url, None)
    ((named, _),) = Counter(map(fold, named_by)).most_common(1)
    agency = next(credit for credit in named_by if fold(credit) == named)
    own = [member for member in ordered if member.house.startswith(named) or _is(member, named)]
    return Origin((own or ordered)[0].url, agency)


def _is(member: Member, named: str) -> bool:
    return named.startswith(member.house) or fold(member.outlet) in named


def repeats(members: Collection[Member]) -> dict[str, str]:
    """Return for each story that its own house had published before, the first one's address."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for member in sorted(members, key=lambda member: (member.seen, member.url)):
        if member.house in first:
            found[member.url] = first[member.house]
        else:
            first[member.house] = member.url
    return found

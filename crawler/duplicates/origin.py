"""The probable origin of a text that several outlets carry, and repeats within one outlet."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from crawler.text.fingerprint import fold


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """One of several stories with the same text."""

    url: str
    house: str
    """Name of its site without the ending: equal for an outlet and its sister elsewhere."""
    outlet: str
    seen: datetime
    """Instant of publication, or when it could first be seen."""
    credit: str | None
    """The source it names, as printed."""

    @property
    def foreign_credit(self) -> str | None:
        """The source it names, unless that is itself."""
        if not self.credit:
            return None
        named = fold(self.credit)
        return None if self.house in named or fold(self.outlet) in named else self.credit


@dataclass(frozen=True, slots=True)
class WireOrigin:
    """Probable origin of a text."""

    url: str
    """Address of the agency's own story where it was collected, else of the earliest."""
    agency: str | None
    """The source that most copies name, as printed."""


def origin_of(members: Collection[ClusterMember]) -> WireOrigin:
    """Return the probable origin: the source the copies credit, or else the earliest of them."""
    ordered = sorted(members, key=lambda member: (member.seen, member.url))
    named_by = [member.foreign_credit for member in ordered if member.foreign_credit]
    if not named_by:
        return WireOrigin(ordered[0].url, None)
    ((named, _),) = Counter(map(fold, named_by)).most_common(1)
    agency = next(credit for credit in named_by if fold(credit) == named)
    own = [member for member in ordered if member.house.startswith(named) or _is(member, named)]
    return WireOrigin((own or ordered)[0].url, agency)


def _is(member: ClusterMember, named: str) -> bool:
    return named.startswith(member.house) or fold(member.outlet) in named


def repeats(members: Collection[ClusterMember]) -> dict[str, str]:
    """Map each story that its own house had published before to the first one's address."""
    first: dict[str, str] = {}
    ordered = sorted(members, key=lambda member: (member.seen, member.url))
    originals = {member.url: first.setdefault(member.house, member.url) for member in ordered}
    return {url: original for url, original in originals.items() if url != original}

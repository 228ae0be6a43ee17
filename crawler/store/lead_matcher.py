"""How the ledger knows leads again: by all forms of their addresses, and by a feed's guids."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from pymongo import UpdateOne

from crawler.lead import Lead
from crawler.store.collection import Document
from crawler.text.fingerprint import fold
from crawler.text.urls import STORY_NAME, identity, is_random

MOST_ALIASES = 20
"""Aliases of a lead beyond which no new address is noted: some feeds print others every time."""
MIN_LEADS = 3
"""Leads of one response by which a parameter is known as a session's."""
MAX_NAMES = 5
"""Parameters of a link that are looked at."""


@dataclass(slots=True)
class SightingPlan:
    """What a sighting makes of leads: documents by address, in order, and changes of them."""

    shown: dict[str, Document] = field(default_factory=dict)
    new: dict[str, Document] = field(default_factory=dict)
    again: list[Document] = field(default_factory=list)  # known, but not from this source
    moved: dict[str, str] = field(default_factory=dict)  # new addresses of articles, by ``_id``
    changes: list[UpdateOne] = field(default_factory=list)

    def move(self, known: Document, url: str) -> None:
        """Note the new address of a known story."""
        if len(known["aliases"]) >= MOST_ALIASES:
            return
        known.update(moved_to=url, validators=None, aliases=[*known["aliases"], url])
        added = {"aliases": url, "identities": identity(url)}
        change = {"$set": {"moved_to": url, "validators": None}, "$addToSet": added}
        self.changes.append(UpdateOne({"_id": known["_id"]}, change))
        if known.get("article"):
            self.moved[known["article"]] = url

    def call(self, story: Document, guid: str, source: str) -> None:
        """Note what its source calls a story, once: some feeds print other guids every time."""
        if any(form.startswith(source) for form in story["identities"]):
            return
        story["identities"].append(guid)
        if story["_id"] not in self.new:
            change = {"$addToSet": {"identities": guid}}
            self.changes.append(UpdateOne({"_id": story["_id"]}, change))


class LeadMatcher:
    """Finds the ledger's document of a lead, by all forms of its addresses."""

    def __init__(self, stored: Iterable[Document] = ()) -> None:
        self._own: dict[str, Document] = {}
        """By their addresses and what these are identified by."""
        self._all: dict[str, Document] = {}
        """By all of their identities."""
        for document in stored:
            self.add(document)

    def add(self, stored: Document) -> None:
        """Add a document."""
        self._own[stored["_id"]] = stored
        self._own.setdefault(identity(stored["_id"]), stored)
        for form in stored["identities"]:
            self._all.setdefault(form, stored)

    def find(self, lead: Lead) -> Document | None:
        """Return the document of the same story."""
        form = identity(lead.url)
        found = self._own.get(lead.url) or self._own.get(form) or self._all.get(form)
        by_alias = (self._own.get(identity(alias)) for alias in lead.aliases)
        return found or next(filter(None, by_alias), None)

    def holder(self, guid: str) -> Document | None:
        """Return the document of the story that its feed called by a guid first."""
        return self._all.get(guid)

    def of_other_sessions(self, leads: Sequence[Lead], forms: "Forms") -> dict[str, Document]:
        """Return documents of stories whose links now have another number, by the leads' addresses.

        So it is where most of those that differ in the number alone are told of in the same words.
        """
        new = [lead for lead in leads if not self.find(lead)]
        for own in forms.values():
            met = {lead.url: self._all.get(own[lead.url]) for lead in new}
            found = {url: stored for url, stored in met.items() if stored}
            alike = sum(_told_alike(lead, found[lead.url]) for lead in new if lead.url in found)
            if alike > 1 and 2 * alike >= len(found):
                return found
        return {}


def has_moved(stored: Document, lead: Lead) -> bool:
    """Tell whether `lead`, at an unknown address, is the story that its feed called by its guid.

    Some feeds give a guid to another story later, so title and date have to be the same. Of a story
    that ended without an article the new address is tried for itself.
    """
    stated, title = stored["stated"], fold(lead.title or "")
    is_same = lead.at and lead.at == stated["at"] and title == fold(stated["title"] or "")
    return bool(is_same and title) and stored["state"] in ("pending", "stored")


Forms = dict[str, dict[str, str]]
"""By the name of a parameter: for addresses, what identifies them without it."""


def session_forms(leads: Sequence[Lead]) -> Forms:
    """Return the parameters of one response's leads that may be a session's.

    All of them have it, and are told apart without it.
    """
    if len(leads) < MIN_LEADS or not all("?" in lead.url for lead in leads):
        return {}
    queries = {lead.url: lead.url.partition("?")[2].split("&") for lead in leads}
    forms: Forms = {}
    for name in dict.fromkeys(part.partition("=")[0] for part in queries[leads[0].url][:MAX_NAMES]):
        values = {u: [p for p in parts if p.startswith(f"{name}=")] for u, parts in queries.items()}
        if STORY_NAME.fullmatch(name) or not all(values.values()):
            continue
        own = {u: f"{identity(_without(u, values[u]))}#{name}" for u in queries}
        if len(set(own.values())) == len(leads):
            forms[name] = own
    return forms


def _without(url: str, parts: Sequence[str]) -> str:
    path, _, query = url.partition("?")
    return f"{path}?{'&'.join(part for part in query.split('&') if part not in parts)}".rstrip("?")


def _told_alike(lead: Lead, stored: Document) -> bool:
    """Tell whether a source says of a lead what was said of a stored one."""
    told = stored["stated"]
    pairs = [(lead.title, told["title"]), (lead.published, told["published"])]
    if any(one and other and one != other for one, other in pairs):
        return False
    named = bool(lead.title and told["title"])
    return named or (_is_random(lead.url) and _is_random(stored["_id"]))


def _is_random(url: str) -> bool:
    return any(map(is_random, url.partition("?")[2].split("&")))


def distinct(leads: Iterable[Lead]) -> list[Lead]:
    """Return each lead once, in order, without aliases that would make several leads one."""
    return _without_shared_aliases(_distinct(leads))


def _distinct(leads: Iterable[Lead]) -> list[Lead]:
    """Leads in order; of those with one identity the first, with the others' addresses."""
    same: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads:
        same[identity(lead.url)].append(lead)
    return [_with_aliases(found[0], (lead.url for lead in found)) for found in same.values()]


def _with_aliases(lead: Lead, more: Iterable[str]) -> Lead:
    aliases = tuple(url for url in dict.fromkeys((*lead.aliases, *more)) if url != lead.url)
    return replace(lead, aliases=aliases) if aliases != lead.aliases else lead


def _without_shared_aliases(leads: list[Lead]) -> list[Lead]:
    """Leads without the aliases that stand for several: such a guid names no single story."""
    claims = Counter(form for lead in leads for form in set(map(identity, lead.aliases)))
    shared = {form for form, count in claims.items() if count > 1}
    if not shared:
        return leads
    return [
        replace(lead, aliases=tuple(a for a in lead.aliases if identity(a) not in shared))
        for lead in leads
    ]

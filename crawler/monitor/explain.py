"""Why an address is what it is: every decision ever taken about it, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from crawler.monitor.address_record import AddressRecord
from crawler.monitor.causes import find_reason
from crawler.store.ledger import HISTORY

Document = dict[str, Any]

UNSIGHTED_FATES = frozenset({"unsighted", "not_a_story", "forbidden", "foreign"})
"""Fates of addresses that no source ever showed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOwner:
    """Where an address would belong that no source has shown."""

    outlet: str | None = None
    """Whose host it is."""
    is_story: bool = False
    """Whether the outlet's pattern of stories matches it."""
    is_allowed: bool | None = None
    """Whether robots.txt, as it was last read, allows it; None: it was not read."""
    sources: tuple[str, ...] = ()
    """What the outlet's sources are, and what they came to in its last run."""
    began: datetime | None = None
    """When the outlet was first collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What became of an address, and how."""

    url: str
    outlet: str | None
    fate: str
    """``stored``, ``pending``, ``failed``, ``gone``, ``skipped``, ``waiting`` (on disk), or one of
    `UNSIGHTED_FATES`.
    """
    sentence: str
    """Where it stands now."""
    events: list[Document] = field(default_factory=list)
    """What happened, the oldest first: ``at`` and ``text``."""
    facts: list[str] = field(default_factory=list)
    """What else is known of it."""


def explain(kept: AddressRecord, place: AddressOwner, now: datetime) -> Explanation:
    """Explain an address by all that is kept of it, or else by where it would belong."""
    lead = kept.leads[0] if kept.leads else None
    known = lead or kept.article
    if known is None and not kept.waiting:
        return _unsighted(kept.url, place)
    events = [
        *(event for lead in kept.leads for event in _of_lead(lead, kept)),
        *_of_article(kept),
        *({"at": aside["at"], "text": f"Put in quarantine: {aside['reason']}."}
          for aside in kept.quarantined),
        *({"at": write["at"], "text": f"Read; the {write['kind']} waits on this machine's disk."}
          for write in kept.waiting),
    ]  # fmt: skip
    return Explanation(
        url=kept.url,
        outlet=known["outlet"] if known else place.outlet,
        fate=_fate(lead, kept),
        sentence=_now(lead, kept, now),
        events=sorted(events, key=lambda event: event["at"]),
        facts=list(_facts(lead, kept)),
    )


def _unsighted(url: str, place: AddressOwner) -> Explanation:
    """Explain an address that no source has ever shown."""
    sources = [f"Source {source}" for source in place.sources]
    if place.outlet is None:
        fate = "foreign"
        told = "No outlet of this project has this host, so its addresses are followed by none."
    elif not place.is_story:
        fate, told = (
            "not_a_story",
            (
                f"{place.outlet} has this host, but its pattern of stories does not match: whatever"
                " shows the address, it is passed over."
            ),
        )
    elif place.is_allowed is False:
        fate, told = (
            "forbidden",
            (
                f"No source of {place.outlet} has shown it so far, and the robots.txt of its site"
                " forbids us to read it."
            ),
        )
    else:
        fate, told = "unsighted", (
            f"It may be a story of {place.outlet}, but no source has shown it so far: it was never"
            " heard of."
        )  # fmt: skip
    facts = sources if fate in ("unsighted", "forbidden") else []
    if fate == "unsighted" and place.began:
        facts.append(
            f"First collected {_at(place.began)}: of what is older, `dateline collect"
            f" {place.outlet} --since DAY` brings what its sources still show."
        )
    return Explanation(url=url, outlet=place.outlet, fate=fate, sentence=told, facts=facts)


# -- What happened


def _of_lead(lead: Document, kept: AddressRecord) -> Iterator[Document]:
    published = _published(lead, kept)
    name = "It" if lead is kept.leads[0] else lead["_id"]
    for place, sighting in enumerate(lead["sightings"]):
        late = f", {_span(sighting['at'] - published)} after its publication" if published else ""
        how = "was first shown by" if place == 0 else "was also shown by"
        yield {"at": sighting["at"], "text": f"{name} {how} {sighting['source']}{late}."}
    history = lead.get("history", [])
    if not history and lead.get("settled"):  # settled by an earlier version
        history = [{name: lead[name] for name in ("state", "reason", "attempts")}]
        history[0]["at"] = lead["settled"]
    for before, decided in enumerate(history):
        was_stored = any(earlier["state"] == "stored" for earlier in history[:before])
        yield {"at": decided["at"], "text": _decision(decided, name, was_stored=was_stored)}


def _decision(decided: Document, name: str, *, was_stored: bool) -> str:
    state, reason = decided["state"], decided["reason"]
    told = _meaning(reason) if reason else ""
    if state == "stored":
        if not reason:
            return f"{name} was read and stored{' again: it was edited' if was_stored else ''}."
        if reason in ("same", "not_modified", "withdrawn"):
            return f"{name} was looked at again. {told}"
        return f"{name} was looked at again, in vain. {told}"
    if not decided["attempts"]:
        return told
    ends = {"failed": "failed", "gone": "was given up", "skipped": "was passed over"}
    return f"{name} {ends.get(state, state)} (attempt {decided['attempts']}). {told}"


def _of_article(kept: AddressRecord) -> Iterator[Document]:
    article = kept.article
    if not article:
        return
    published = (article["published"] or {}).get("at")
    first = min((lead["first_seen"] for lead in kept.leads), default=article["first_seen"])
    if stored := article.get("stored"):
        late = f" {_span(stored - published)} after its publication" if published else ""
        late += f", {_span(stored - first)} after it was first shown"
        yield {"at": stored, "text": f"MongoDB had the article{late}."}
    for version in kept.revisions:
        fields = ", ".join(version["changed"])
        text = f"A new version was found: {version['label']}{f' ({fields})' if fields else ''}."
        yield {"at": version["replaced"], "text": text}


# -- Where it stands


def _fate(lead: Document | None, kept: AddressRecord) -> str:
    if kept.waiting:
        return "waiting"
    return str(lead["state"]) if lead else "stored"


def _now(lead: Document | None, kept: AddressRecord, now: datetime) -> str:
    if kept.waiting:
        return (
            "What was read of it waits on this machine's disk: the run that goes on, or the next"
            " one of any outlet, brings it to MongoDB."
        )
    if lead is None or lead["state"] == "stored":
        address = kept.article["_id"] if kept.article else (lead or {}).get("article")
        gone = " Its page is not there any more." if (kept.article or {}).get("withdrawn") else ""
        return f"It is stored{f' as {address}' if address != kept.url else ''}.{gone}"
    if lead["state"] == "pending":
        return f"It was shown and not yet read: it waits for a run to ask for it.{_put_off(kept)}"
    told = _meaning(lead["reason"])
    if lead["state"] != "failed":
        return f"It is not stored, and not asked for again. {told}"
    due = lead["due"]
    if due is None:
        return f"It is not stored. {told} It rests: `dateline retry {lead['outlet']}` takes it up."
    when = "The next run asks for it" if due <= now else f"It is asked for from {_at(due)} on"
    return f"It is not stored. {told} {when}."


def _put_off(kept: AddressRecord) -> str:
    """Why the last run did not ask for what is pending, where its host is the cause."""
    for host in (kept.run or {}).get("hosts", []):
        if host["outcome"] and host["host"] == urlsplit(kept.leads[0]["_id"]).hostname:
            told = _meaning(host["outcome"])
            until = f" until {_at(host['until'])}" if host["until"] else ""
            return f" {told} That was so in the last run ({host['reason']}){until}."
    return ""


def _facts(lead: Document | None, kept: AddressRecord) -> Iterator[str]:
    """What else there is to say, that happened at no moment."""
    if lead and lead["_id"] != kept.url:
        yield f"The ledger has it as {lead['_id']}, of which this is another form."
    if lead and len(lead.get("history", [])) >= HISTORY:
        yield f"Of its decisions only the last {HISTORY} are kept."
    if kept.article:
        yield from _facts_of(kept.article, kept)


def _facts_of(article: Document, kept: AddressRecord) -> Iterator[str]:
    if len(kept.leads) > 1:
        merged = ", ".join(other["_id"] for other in kept.leads)
        yield f"Several addresses led to the one story: {merged}."
    elif article["_id"] != kept.url:
        yield "The article's address is the one its page calls canonical, or the first met."
    if published := article["published"]:
        yield f"It states that it was published {_at(published['at'])} (“{published['text']}”)."
    if article.get("same_as"):
        yield f"It repeats {article['same_as']}, by the same house."
    if wire := article.get("wire"):
        yield f"Several houses carry its text, which probably comes from {wire['origin']}."
    if article.get("story") not in (None, article["_id"]):
        yield f"It tells of the same event as {article['story']}."
    if article["flags"]:
        yield f"Doubts about it: {', '.join(article['flags'])}."


def _published(lead: Document, kept: AddressRecord) -> datetime | None:
    own = (kept.article or {}).get("published") or {}
    found: datetime | None = own.get("at") or lead.get("published") or lead["stated"].get("at")
    return found


def _meaning(reason: str) -> str:
    found = find_reason(reason)
    return found.sentence if found else f"Its reason is {reason}."


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def _span(length: timedelta) -> str:
    """A length of time in words; what lies before its beginning is said so."""
    seconds = round(abs(length.total_seconds()))
    early = "minus " if length < timedelta(0) else ""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{early}{seconds // size} {unit}"
    return f"{early}{seconds} second{'' if seconds == 1 else 's'}"

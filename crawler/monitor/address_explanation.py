"""The explanation of one address for `dateline why`: every decision about it, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.monitor.address_record import AddressRecord
from crawler.monitor.causes_and_reasons import find_reason
from crawler.store.collection import Document
from crawler.store.ledger import HISTORY

UNSIGHTED = {
    "foreign": "No outlet of this project has this host, so none follows its addresses.",
    "not_a_story": (
        "{outlet} has this host, but its pattern of stories does not match the address. It is"
        " passed over, whatever shows it."
    ),
    "forbidden": (
        "No source of {outlet} has shown it so far, and the robots.txt of its site forbids us to"
        " read it."
    ),
    "unsighted": "It may be a story of {outlet}, but no source has shown it so far.",
}
"""Sentences on an address that no source ever showed, by its ``fate``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOwner:
    """The outlet that an address would belong to which no source has shown."""

    outlet: str | None = None
    """The name of the outlet that has its host."""
    is_story: bool = False
    """Whether the outlet's pattern of stories matches it."""
    is_allowed: bool | None = None
    """Whether robots.txt, as it was last read, allows it; None: it was not read."""
    sources: tuple[str, ...] = ()
    """A sentence on each of the outlet's sources, and what it came to in the last run."""
    began: datetime | None = None
    """When the outlet was first collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The explanation of what became of an address."""

    url: str
    outlet: str | None
    fate: str
    """``stored``, ``pending``, ``failed``, ``gone``, ``skipped``, ``waiting`` (on disk), or one of
    `UNSIGHTED`.
    """
    sentence: str
    """Where it stands now."""
    events: list[Document] = field(default_factory=list)
    """What happened, the oldest first: ``at`` and ``text``."""
    facts: list[str] = field(default_factory=list)
    """What else is known of it."""


def explain(record: AddressRecord, owner: AddressOwner, now: datetime) -> Explanation:
    """Explain an address by all that is stored of it, or else by the outlet it would belong to."""
    lead = record.leads[0] if record.leads else None
    known = lead or record.article
    if known is None and not record.waiting:
        return _explain_unsighted(record.url, owner)
    events = [
        *(event for lead in record.leads for event in _lead_events(lead, record)),
        *_article_events(record),
        *({"at": aside["at"], "text": f"Put in quarantine: {aside['reason']}."}
          for aside in record.quarantined),
        *({"at": write["at"], "text": f"Read; the {write['kind']} waits on this machine's disk."}
          for write in record.waiting),
    ]  # fmt: skip
    return Explanation(
        url=record.url,
        outlet=known["outlet"] if known else owner.outlet,
        fate="waiting" if record.waiting else str(lead["state"]) if lead else "stored",
        sentence=_state_sentence(lead, record, now),
        events=sorted(events, key=lambda event: event["at"]),
        facts=list(_facts(lead, record)),
    )


def _explain_unsighted(url: str, owner: AddressOwner) -> Explanation:
    if owner.outlet is None:
        fate = "foreign"
    elif not owner.is_story:
        fate = "not_a_story"
    else:
        fate = "forbidden" if owner.is_allowed is False else "unsighted"
    facts = []
    if fate in ("unsighted", "forbidden"):
        facts = [f"Source {source}" for source in owner.sources]
    if fate == "unsighted" and owner.began:
        facts.append(
            f"The outlet was first collected {_at(owner.began)}. Of what is older, `dateline"
            f" collect {owner.outlet} --since DAY` brings what its sources still show."
        )
    sentence = UNSIGHTED[fate].format(outlet=owner.outlet)
    return Explanation(url=url, outlet=owner.outlet, fate=fate, sentence=sentence, facts=facts)


# -- What happened


def _lead_events(lead: Document, record: AddressRecord) -> Iterator[Document]:
    published = _published(lead, record)
    name = "It" if lead is record.leads[0] else lead["_id"]
    for place, sighting in enumerate(lead["sightings"]):
        late = f", {_span(sighting['at'] - published)} after its publication" if published else ""
        order = "first" if place == 0 else "also"
        text = f"{name} was {order} shown by {sighting['source']}{late}."
        yield {"at": sighting["at"], "text": text}
    history = lead.get("history", [])
    if not history and lead.get("settled"):  # settled by an earlier version
        history = [{name: lead[name] for name in ("state", "reason", "attempts")}]
        history[0]["at"] = lead["settled"]
    for before, decided in enumerate(history):
        was_stored = any(earlier["state"] == "stored" for earlier in history[:before])
        yield {"at": decided["at"], "text": _decision(decided, name, was_stored=was_stored)}


def _decision(decided: Document, name: str, *, was_stored: bool) -> str:
    state, reason = decided["state"], decided["reason"]
    meaning = _meaning(reason) if reason else ""
    if state == "stored":
        if not reason:
            return f"{name} was read and stored{' again: it was edited' if was_stored else ''}."
        if reason in ("same", "not_modified", "withdrawn", "doubtful"):
            return f"{name} was looked at again. {meaning}"
        return f"{name} was looked at again, in vain. {meaning}"
    if not decided["attempts"]:
        return meaning
    ends = {"failed": "failed", "gone": "was given up", "skipped": "was passed over"}
    return f"{name} {ends.get(state, state)} (attempt {decided['attempts']}). {meaning}"


def _article_events(record: AddressRecord) -> Iterator[Document]:
    article = record.article
    if not article:
        return
    published = (article["published"] or {}).get("at")
    first = min((lead["first_seen"] for lead in record.leads), default=article["first_seen"])
    if stored := article.get("stored"):
        late = f" {_span(stored - published)} after its publication" if published else ""
        late += f", {_span(stored - first)} after it was first shown"
        yield {"at": stored, "text": f"MongoDB had the article{late}."}
    for version in record.revisions:
        fields = ", ".join(version["changed"])
        text = f"A new version was found: {version['label']}{f' ({fields})' if fields else ''}."
        yield {"at": version["replaced"], "text": text}


# -- Where it stands


def _state_sentence(lead: Document | None, record: AddressRecord, now: datetime) -> str:
    if record.waiting:
        return (
            "What was read of it waits on this machine's disk: the run that goes on, or the next"
            " one of any outlet, brings it to MongoDB."
        )
    if lead is None or lead["state"] == "stored":
        address = record.article["_id"] if record.article else (lead or {}).get("article")
        gone = " Its page is not there any more." if (record.article or {}).get("withdrawn") else ""
        return f"It is stored{f' as {address}' if address != record.url else ''}.{gone}"
    if lead["state"] == "pending":
        return f"It was shown and not yet read: it waits for a run to ask for it.{_put_off(record)}"
    meaning = _meaning(lead["reason"])
    if lead["state"] != "failed":
        return f"It is not stored, and not asked for again. {meaning}"
    due = lead["due"]
    if due is None:
        return (
            f"It is not stored. {meaning} It rests: `dateline retry {lead['outlet']}` takes it up."
        )
    when = "The next run asks for it" if due <= now else f"It is asked for from {_at(due)} on"
    return f"It is not stored. {meaning} {when}."


def _put_off(record: AddressRecord) -> str:
    """Say why the last run did not ask for what is pending, where its host is the cause."""
    for host in (record.run or {}).get("hosts", []):
        if host["outcome"] and host["host"] == urlsplit(record.leads[0]["_id"]).hostname:
            meaning = _meaning(host["outcome"])
            until = f" until {_at(host['until'])}" if host["until"] else ""
            return f" {meaning} That was so in the last run ({host['reason']}){until}."
    return ""


def _facts(lead: Document | None, record: AddressRecord) -> Iterator[str]:
    """Yield what else there is to say, that happened at no moment."""
    if lead and lead["_id"] != record.url:
        yield f"The ledger has it as {lead['_id']}, of which this is another form."
    if lead and len(lead.get("history", [])) >= HISTORY:
        yield f"Of its decisions only the last {HISTORY} are kept."
    if record.article:
        yield from _article_facts(record.article, record)


def _article_facts(article: Document, record: AddressRecord) -> Iterator[str]:
    if len(record.leads) > 1:
        merged = ", ".join(other["_id"] for other in record.leads)
        yield f"Several addresses led to the one story: {merged}."
    elif article["_id"] != record.url:
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


def _published(lead: Document, record: AddressRecord) -> datetime | None:
    own = (record.article or {}).get("published") or {}
    found: datetime | None = own.get("at") or lead.get("published") or lead["stated"].get("at")
    return found


def _meaning(reason: str) -> str:
    found = find_reason(reason)
    return found.sentence if found else f"Its reason is {reason}."


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def _span(length: timedelta) -> str:
    """Put a length of time into words; a negative one begins with ``minus``."""
    seconds = round(abs(length.total_seconds()))
    early = "minus " if length < timedelta(0) else ""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{early}{seconds // size} {unit}"
    return f"{early}{seconds} second{'' if seconds == 1 else 's'}"

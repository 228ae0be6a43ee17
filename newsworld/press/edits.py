"""Edits: changes of the press's stories after they are out, and of their pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from newsworld import prose
from newsworld.press.edition import PaperStory
from newsworld.prose import fold

EditKind = Literal["headline", "correction", "rewrite", "noise", "withdrawn", "restored"]
"""``noise``: advertisements, counters, related links and the time of the last change."""
OTHERS = 5_000
"""From here on place names are free for what is written later."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one story."""

    url: str
    at: datetime
    """Instant at which it is made: aware."""
    kind: EditKind


@dataclass(frozen=True, slots=True)
class EditedPage:
    """A story's page as edits have left it."""

    title: str
    paragraphs: tuple[str, ...]
    changed: datetime
    noise: int = 0
    """Number of changes of what surrounds the story."""
    gone: Literal[404, 410] | None = None
    """The status it answers where it has been taken away."""

    @property
    def body(self) -> str:
        """Text that a perfect cleaner leaves of it."""
        return "\n\n".join(map(fold, self.paragraphs))


def page_of(story: PaperStory, edits: Sequence[Edit], now: datetime) -> EditedPage:
    """Return the story's page at an instant."""
    page = EditedPage(story.title, story.paragraphs, story.published, gone=story.gone)
    made = [edit for edit in edits if edit.url == story.url and edit.at <= now]
    for number, edit in enumerate(sorted(made, key=lambda edit: edit.at)):
        page = replace(_edited(story, page, edit.kind, number), changed=edit.at)
    return page


def _edited(story: PaperStory, page: EditedPage, kind: EditKind, number: int) -> EditedPage:
    rng = story.rng(f"edit {number}")
    other = prose.write(rng, OTHERS + 10 * story.number + number, story.local.strftime("%A"))
    match kind:
        case "headline":
            return replace(page, title=other.headline)
        case "rewrite":
            at = rng.randrange(len(page.paragraphs))
            new = " ".join(other.sentences[:2])
            return replace(
                page, paragraphs=(*page.paragraphs[:at], new, *page.paragraphs[at + 1 :])
            )
        case "correction":
            note = (
                f"Correction: An earlier version of this story misstated where {other.tags[-1]} is."
            )
            return replace(page, paragraphs=(*page.paragraphs, note))
        case "noise":
            return replace(page, noise=page.noise + 1)
        case "withdrawn":
            return replace(page, gone=rng.choice((404, 410)))
        case "restored":
            return replace(page, gone=None)


def edits_from(rules: Any) -> list[Edit]:
    """Edits from decoded JSON, `at` in ISO 8601; ValueError if they are not such."""
    try:
        edits = [Edit(**{**rule, "at": datetime.fromisoformat(rule["at"])}) for rule in rules]
    except (TypeError, KeyError) as error:
        raise ValueError(f"bad edit: {error}") from error
    for edit in edits:
        if edit.kind not in get_args(EditKind) or edit.at.tzinfo is None:
            raise ValueError(f"bad edit: {edit}")
    return edits

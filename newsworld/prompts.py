"""Boilerplate that an outlet's editors begin to put between the paragraphs of their stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsworld.story import Story


@dataclass(frozen=True, slots=True)
class Prompt:
    """A paragraph that stands in every story of an outlet since some day, and is part of none."""

    outlet: str
    text: str
    since: datetime
    """It stands in stories published since: aware."""
    place: int
    """It stands behind so many paragraphs; counted from the end where negative (-1: at the end)."""

    def index(self, story: Story) -> int | None:
        """Before which paragraph of the story it stands; None if it does not."""
        if story.outlet.name != self.outlet or story.published < self.since:
            return None
        count = len(story.paragraphs)
        return min(self.place, count) if self.place >= 0 else max(0, count + 1 + self.place)


def prompts_from(rules: Any) -> list[Prompt]:
    """Prompts from decoded JSON, `since` in ISO 8601; ValueError if they are not such."""
    try:
        return [Prompt(**{**rule, "since": _instant(rule["since"])}) for rule in rules]
    except (TypeError, KeyError) as error:
        raise ValueError(f"bad prompt: {error}") from error


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"since must have an offset: {text}")
    return at


def interleave(story: Story, prompts: Sequence[Prompt]) -> list[str]:
    """Return the story's paragraphs with the prompts between them."""
    paragraphs = list(story.paragraphs)
    found = [(prompt.index(story), prompt.text) for prompt in prompts]
    for index, text in sorted(
        ((index, text) for index, text in found if index is not None), reverse=True
    ):
        paragraphs.insert(index, text)
    return paragraphs

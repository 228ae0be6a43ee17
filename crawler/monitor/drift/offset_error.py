"""A constant error of the times that an outlet states, as if in another zone."""

from collections.abc import Sequence
from datetime import timedelta
from math import inf

from crawler.monitor.drift.observation import Observation

MIN_STORIES, MAX_STORIES = 8, 20
"""Stories with times that have to be known, and that are looked at."""
MIN_SHARE = 0.9
"""Share of them that have to agree; of as many at least the stated times cannot be right."""
MIN_AHEAD = 3
"""Stories in the future that are enough where the error is the outlet's own offset: between runs
that are further apart, most stories may as well have come out when they say."""
_SLACK = 5 * 60  # seconds that clocks differ, and for which a story is out before its source says
_STEP = 15 * 60  # zones differ from each other by multiples of this
_FURTHEST = 14 * 3600


def find_offset_error(
    stories: Sequence[Observation], own: timedelta, least: int = MIN_STORIES
) -> timedelta | None:
    """Return the constant by which times are stated too late (ahead), or too early; else None.

    A story came out between the run that did not see it and the one that did: what it states,
    less the error, lies there. Late times lie in the future, which no delay explains. Early ones
    could be delays: they count only where they are early by the outlet's own offset.

    Args:
        stories: oldest first.
        own: the outlet's offset from UTC.
        least: how many of them have to state a time.
    """
    spans = [
        (story.ahead - _SLACK, story.since_poll + _SLACK if story.since_poll is not None else inf)
        for story in stories
        if story.ahead is not None
    ][-MAX_STORIES:]
    if len(spans) < least:
        return None
    zone = int(own.total_seconds())
    known = {zone, -zone}
    likely = [
        step
        for step in range(-_FURTHEST, _FURTHEST + 1, _STEP)
        if abs(step) > _STEP and (step > 0 or step in known)
    ]
    if _agree(spans, 0) > (1 - MIN_SHARE) * len(spans):
        ahead = [low for low, _ in spans if low > 0]
        if len(ahead) < MIN_AHEAD or max(ahead) > zone:
            return None
        likely = [zone]
    best = max(likely, key=lambda step: (_agree(spans, step), step in known, -abs(step)))
    return timedelta(seconds=best) if _agree(spans, best) >= MIN_SHARE * len(spans) else None


def _agree(spans: Sequence[tuple[float, float]], error: int) -> int:
    """Count the stories that may have come out when they should, if their times are so wrong."""
    return sum(low <= error <= high for low, high in spans)

"""The profile of an unattended installation: logs for machines, and no run without an end."""

from settings.base import *  # noqa: F403
from settings.base import LOG as CHOSEN_LOG

LOG = CHOSEN_LOG or "json"  # log collectors read it; DATELINE_LOG=text for people
CLOSESPIDER_TIMEOUT = 24 * 60 * 60  # seconds; a run that hangs would keep its outlet from others

"""The profile of the test suite: as local, but for what tests count and wait for."""

from settings.local import *  # noqa: F403

REVISITS = False  # tests count requests; those of edits turn it on
SCHEDULE_SPREAD = 0  # what is due is not waited for

"""The profile of the test suite: as local, with limits short enough to be tested."""

from settings.local import *  # noqa: F403

DOWNLOAD_TIMEOUT = 5
REVISITS = False  # tests count requests; those of edits turn it on
SCHEDULE_SPREAD = 0  # what is due is not waited for

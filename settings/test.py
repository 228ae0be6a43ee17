"""The profile of the test suite: as local, with limits short enough to be tested."""

from settings.local import *  # noqa: F403

DOWNLOAD_TIMEOUT = 5

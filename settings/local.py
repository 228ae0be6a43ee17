"""The profile of a person at a machine, and the default."""

from settings.base import *  # noqa: F403
from settings.base import GATEWAY

if GATEWAY:
    # Every request goes to a server of our own: there is no stranger to be polite to.
    DOWNLOAD_DELAY = 0
    AUTOTHROTTLE_ENABLED = False
    CONCURRENT_REQUESTS_PER_DOMAIN = 8

"""The profile of tests whose outlets are declared in `tests/declared`."""

from settings.test import *  # noqa: F403

SPIDER_MODULES = ["tests.declared"]

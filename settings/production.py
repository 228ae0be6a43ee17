"""The profile of an unattended installation."""

from settings.base import *  # noqa: F403

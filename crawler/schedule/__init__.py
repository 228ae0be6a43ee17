"""Schedules: when an outlet is due, when it is polled next, and when stories are revisited."""

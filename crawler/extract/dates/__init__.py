"""Dates of a story: those a page states or prints, and the ones to believe."""

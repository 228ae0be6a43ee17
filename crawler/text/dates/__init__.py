"""Dates and times in text, in many languages and calendars, read into instants."""

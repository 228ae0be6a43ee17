"""Extraction: a fetched page becomes an article, each field from its most trusted candidate."""

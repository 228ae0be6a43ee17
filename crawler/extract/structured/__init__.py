"""Data that a page states for machines: JSON-LD, meta tags, microdata, application state."""

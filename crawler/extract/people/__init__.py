"""Authors of a story: their names in markup, in bylines and in plain text."""

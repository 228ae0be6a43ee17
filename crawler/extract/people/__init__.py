"""Who wrote a story: names of authors in markup, in bylines and in plain text."""

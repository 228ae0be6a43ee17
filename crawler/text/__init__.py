"""Pure functions on text: tidying, dates, addresses, fingerprints, boilerplate, revisions."""

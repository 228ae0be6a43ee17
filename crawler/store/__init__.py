"""The database as such: connection, schema, articles, revisions, pages, ledger, runs, leases."""

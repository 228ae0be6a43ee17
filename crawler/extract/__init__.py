"""How a fetched page becomes an article: each field from the best candidate that states it."""

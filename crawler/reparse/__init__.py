"""Pages read again without the network: stored ones after a change of rules, and saved corpora."""

"""Quality and cost of the generic extractor on real pages with gold, beside its peers."""

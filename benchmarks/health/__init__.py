"""Detection of broken outlets: broken runs of newsworld, and healthy years."""

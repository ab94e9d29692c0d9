"""Keys, items, reads, writes and transactions of the tables."""

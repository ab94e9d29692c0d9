"""Move units by a change after the sale: to another address, for another day, by another service, from another node."""

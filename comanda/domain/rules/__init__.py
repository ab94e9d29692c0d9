"""Rule sets: which rules speak for an order, and when a version is in force."""

"""Store orders with their events, effects, waits, scans and links."""

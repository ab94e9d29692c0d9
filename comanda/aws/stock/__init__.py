"""Store positions and their ledger."""

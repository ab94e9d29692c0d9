"""Call payment providers. Nothing here knows a table."""

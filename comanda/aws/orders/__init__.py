"""Store orders with their events, effects, waits and mails."""

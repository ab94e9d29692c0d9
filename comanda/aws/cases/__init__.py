"""Store cases of customers with their events, texts, reminders and tokens."""

"""Read the journals of orders as a channel's books: trial balances of days."""

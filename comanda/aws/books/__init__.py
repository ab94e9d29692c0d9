"""Read the journals of orders as a channel's books, and keep what customers have with us: accounts of gift cards and store credit."""

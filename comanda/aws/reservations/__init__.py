"""Store reservations and expire them."""

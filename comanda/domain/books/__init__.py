"""Keep the books of orders by double entry: each amount that an order moves leaves one account and enters another."""

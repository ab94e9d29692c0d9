"""Cancel units of an order: for sales, for its customer, and after a pickup that did not happen."""

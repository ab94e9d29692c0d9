"""Keep units for a customer before there is an order."""

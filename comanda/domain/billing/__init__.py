"""Invoice shipments and keep the books of payments, to the cent."""

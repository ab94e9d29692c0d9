"""Find the cheapest plan of shipments with a proof. This package knows no order."""

"""Count units by sku and node: on hand, promised, expected, free; every change is a movement."""

"""Change an order after the sale: its lines, units, amounts and notes, all together or not at all."""

"""Decide by which rate the goods and charges of a sale are taxed, and what the tax is."""

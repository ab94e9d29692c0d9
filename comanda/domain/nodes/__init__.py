"""Describe the places that hold stock: what they are, when they work, when they are closed."""

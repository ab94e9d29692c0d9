"""The order as a value, and everything that follows from it alone."""

"""Describe the places that hold stock, the hours in which they work, and the times at which they are closed."""

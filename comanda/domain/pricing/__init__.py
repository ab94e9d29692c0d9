"""Decide what a unit costs: which price list is in force, and what it says."""

"""Explain decisions, compare rule sets, and measure the cost of routing."""

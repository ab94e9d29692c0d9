"""Explain decisions, compare rule sets, and measure what routing cost."""

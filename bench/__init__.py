"""Measure the README's figures: `make bench`, or `make bench ONLY=import`. The package is no part of the product."""

"""The retailer that the embedded AWS is filled with. Its places are public facts; everything else is invented, and the same on every machine."""

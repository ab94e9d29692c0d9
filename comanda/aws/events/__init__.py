"""Read streams, publish to the bus, start machines and keep failed work."""

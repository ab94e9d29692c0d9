"""Read the router's inputs, store promises, and solve programs."""

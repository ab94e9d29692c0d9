"""Read what the router needs, and keep promises."""

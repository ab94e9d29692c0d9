"""Constructs for the patterns that the stacks repeat: stream readers, hops, failure paths, dead letters, machines, tables, keys."""

"""One construct for each pattern that the stacks repeat: a room, a reader of a stream, a dead-letter path, an alarm, a machine."""

"""Ask an outside service for taxes: the room that holds its secret does, and the doors ask that room."""

"""Share arriving stock among the lines that wait for it, and cancel lines that waited too long."""

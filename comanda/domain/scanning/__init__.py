"""Read scanned codes, and compare them with the units that a person works on."""

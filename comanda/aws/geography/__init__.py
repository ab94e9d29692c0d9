"""Read the tables of places that ship in the layer, and turn addresses into destinations."""

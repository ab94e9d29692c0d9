"""Price scarce stock and optimise many orders together, by linear programs."""

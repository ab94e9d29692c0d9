"""The verbs of an order's life: place, work, ship, decline, cancel, recall, resume."""

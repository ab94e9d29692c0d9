"""Decide each step of an order's life: place, review, work, ship, decline, cancel, recall, resume."""

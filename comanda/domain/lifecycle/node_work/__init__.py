"""Decide the work of a node on a fulfillment: accept, pick, pack, ship, decline, hand back."""

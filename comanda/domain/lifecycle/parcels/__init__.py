"""Decide what becomes of shipped units: they are scanned, delivered, lost, found or sent again."""

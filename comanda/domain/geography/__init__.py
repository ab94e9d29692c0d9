"""Locate addresses: coordinates, distances, postal codes, regions and time zones."""

"""Describe carriers: services, prices by zone and weight, cartons, and the dates they keep."""

"""Apply rows of adjustments, counts, supplies and policies to stock."""

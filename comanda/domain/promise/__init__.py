"""List the ways to have a basket, with dates and costs, and recommend one."""

"""
Name the ways in which a customer gets goods.

They have a module of their own because the router, rules and promises name them without an order.

Called by   everything that asks how a line or a fulfillment leaves its node
Returns     values that are stored, and part of the API
Raises      nothing
"""

SHIP, PICKUP = "SHIP", "PICKUP"

"""
Stand for AvaTax on one machine: the two calls that this project makes, in the shapes of its public documentation.

The rates are made up. Faults are set as at the server that stands for Stripe.
"""

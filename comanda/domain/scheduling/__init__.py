"""Turn a plan of the router into a decision about an order and its stock."""

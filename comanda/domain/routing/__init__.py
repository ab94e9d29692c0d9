"""Choose the nodes that send an order, and record why."""

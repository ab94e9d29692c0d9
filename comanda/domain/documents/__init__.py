"""Say what stands on the documents of an order."""

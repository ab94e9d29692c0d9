"""Hold the next steps of an order, resolve holds and end them, and renew payment authorisations."""

"""Define which modifications an order may take after the sale, and why it does not take others."""

"""Follow each movement of money from the moment it is written until the provider's answer is known."""

"""Orders, stock, routing and money, with the standard library only. Nothing here knows AWS, a clock or the environment."""

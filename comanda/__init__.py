"""Comanda: the business of an order management system. `domain` is pure; `aws` is the only place that knows boto3."""

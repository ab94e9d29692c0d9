"""Answer HTTP: routes, callers, contracts, idempotency, problems."""

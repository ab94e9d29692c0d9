"""Give a function its surroundings: clients, settings, clock, deadline, secret, threads, calls."""

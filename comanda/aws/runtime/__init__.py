"""What every function needs from its surroundings: clients, settings, clock, secret, threads."""

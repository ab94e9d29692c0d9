"""Keep the people who work with the system: their rights, their sign-in, their badges, and the devices of nodes."""

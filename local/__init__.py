"""The embedded AWS and everything that drives it from a person's machine: emulator, deploy, seed, demo, mails."""

"""Compare the money that payment providers and banks report with the money that orders moved."""

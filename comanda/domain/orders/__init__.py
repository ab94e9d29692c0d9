"""Define the order as a value, and everything that follows from it alone: status, queues, holds, verdicts."""

"""Read the streams, publish on the bus, start and answer machines, find failed batches, and show messages of queues again."""

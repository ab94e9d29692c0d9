"""Read the streams, publish on the bus, start and answer machines, and find failed batches."""

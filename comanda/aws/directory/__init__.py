"""Read and write the directory: nodes, products, carriers, rule sets, outages."""

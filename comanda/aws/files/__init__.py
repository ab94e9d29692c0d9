"""Read partners' files from the bucket, and remember which rows were applied."""

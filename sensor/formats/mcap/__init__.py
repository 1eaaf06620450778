"""MCAP files: record by record, and as recordings of Jointwise."""

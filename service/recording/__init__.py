"""Recordings of streams as MCAP files."""

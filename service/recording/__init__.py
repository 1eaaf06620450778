"""Recordings in MCAP."""

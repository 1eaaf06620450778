"""Uploaded clips."""

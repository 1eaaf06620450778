"""Frames become predictions, and data becomes models."""

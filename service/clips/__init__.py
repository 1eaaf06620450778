"""Classifies uploaded clips."""

"""Scores of predictions and actions against labels."""

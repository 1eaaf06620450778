"""Answers why an action got its label."""

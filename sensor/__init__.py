"""Sensors and recordings become `Frame`s."""

"""Synthetic gestures made by inverse kinematics."""

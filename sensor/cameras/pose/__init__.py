"""Cameras that give pictures: a pose estimator finds the joints."""

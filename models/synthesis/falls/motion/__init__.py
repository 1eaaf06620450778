"""Motions that a simulated body follows: recorded ones, and paths through key poses."""

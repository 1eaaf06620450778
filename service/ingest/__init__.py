"""Frames from sources and from pushing clients."""

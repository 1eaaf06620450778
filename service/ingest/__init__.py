"""Reads frames from sources and from pushing clients."""

"""Cameras and other live sources: the table of kinds, and one module or folder a device."""

"""Readers of recordings that other tools and public data sets write, one module per format."""

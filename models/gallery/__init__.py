"""Averaged example motions of each class, and the demo source that plays them."""

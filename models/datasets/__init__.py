"""Recordings become labelled pieces and training targets."""

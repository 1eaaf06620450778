"""Errors about models, and the message for a missing training library."""

NO_TRAINING = "training needs torch: pip install 'jointwise[cpu,train]'"
"""Message of commands that train when PyTorch is not installed."""


class ModelError(Exception):
    """A model cannot be used. The text is one line that names the problem and its solution."""

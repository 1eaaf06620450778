"""What can go wrong with a model file."""


class ModelError(Exception):
    """A model cannot be used. The text is one line that names the problem and the mend."""

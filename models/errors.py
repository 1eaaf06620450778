"""What can go wrong with a model file, or before there is one."""

NO_TRAINING = "training needs torch: pip install 'jointwise[cpu,train]'"


class ModelError(Exception):
    """A model cannot be used. The text is one line that names the problem and the mend."""

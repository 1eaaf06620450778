"""Commands about recorded files that need no model."""

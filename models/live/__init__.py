"""The live path from frames to predictions and actions, without I/O."""

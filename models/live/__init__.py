"""Frames become predictions and actions: windows, pipeline, decision. No I/O."""

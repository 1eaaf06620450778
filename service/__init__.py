"""Predictions reach people: the pipeline, the wire, the command line."""

"""Runs a source in a process of its own: an SDK that crashes or hangs cannot stop the service."""

"""The engine: queued frames of all streams become messages, one batch a tick."""

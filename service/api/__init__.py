"""The HTTP and websocket application."""

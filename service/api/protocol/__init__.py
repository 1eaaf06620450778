"""The protocols of the server: HTTP and websockets, with deadlines and limits for clients."""

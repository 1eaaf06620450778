"""The bus, and the messages that each subscriber is sent."""

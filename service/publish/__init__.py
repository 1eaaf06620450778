"""The bus, and what each subscriber is sent."""

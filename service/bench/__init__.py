"""`jointwise bench`: what the model and the service can carry, measured on this machine."""

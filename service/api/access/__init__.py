"""Access control: foreign hosts and pages, tokens, and headers for browsers."""

"""Errors of the user or of a client. Each text is one line that says how to fix the error."""


class SettingsError(Exception):
    """The service cannot start with these settings."""


class ClientError(Exception):
    """A request or message is invalid. `field` names the invalid part, if it is one."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field

"""What a person who starts or calls the service got wrong, in one line that names the mend."""


class SettingsError(Exception):
    """The service cannot start with these settings."""


class ClientError(Exception):
    """A request or message that is not understood; `field` names the part that is wrong."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field

"""Why a file does not come in."""


class Refused(Exception):
    """A file cannot be imported; ``code`` is for scripts, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

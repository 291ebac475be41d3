"""What the store says when it cannot do its work."""


class StoreError(Exception):
    """The store cannot go on: ``message`` is one sentence, ``next_step`` what the person can do about it."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.message = message
        self.next_step = next_step

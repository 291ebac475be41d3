"""Slack, Microsoft Teams and whatever else Apprise knows, by its URLs (``slack://...``, ``workflows://...``)."""

import logging

from tracking.senders import Message, Receipt, SendError, UncertainError

_NOT_CONNECTED = (
    "Failed to establish a new connection",
    "NameResolutionError",
    "ConnectTimeout",
    "Connection refused",
)
_BROKEN = "Connection error occurred"


class BadChannelError(ValueError):
    """A channel's URL is none that Apprise knows."""


class ChatSender:
    """Sends messages to one channel.

    Raises BadChannelError for a URL that Apprise does not know; it is not repeated, for it holds a secret.
    """

    def __init__(self, name: str, url: str) -> None:
        import apprise  # takes a second: only who uses a channel waits for it

        self._apprise = apprise.Apprise()
        if not self._apprise.add(url):
            raise BadChannelError(f"The URL of channel {name!r} is none that Apprise knows.")
        self._capture = apprise.LogCapture

    def send(self, message: Message) -> Receipt:
        """Post a message."""
        # Apprise says no more than yes or no; why not, it logs.
        with self._capture(level=logging.DEBUG) as log:  # type: ignore[no-untyped-call]
            taken = self._apprise.notify(title=message.subject, body=message.text)
            said = log.getvalue()
        if taken:
            return Receipt()
        if _BROKEN in said and not any(words in said for words in _NOT_CONNECTED):
            raise UncertainError("the connection to the channel broke: it may have taken the message")
        raise SendError("the channel did not take the message", permanent=False)

"""Outgoing webhooks: reminders as JSON for other systems, signed so that these know who sent them, and when.

The receiver computes HMAC-SHA256 with the secret over the time, a dot and the body, compares it with ``v1`` of the
header ``Milepost-Signature: t=...,v1=...``, and refuses a time that is minutes away. ``Milepost-Delivery`` is the same
when a message is tried again, so that nothing is taken in twice.
"""

import hashlib
import hmac
import json
from typing import Any

from tracking.channel_settings import WebhookSettings
from tracking.outgoing import NoAnswerError, NotSentError, RefusedAddressError, post
from tracking.senders import Message, Receipt, SendError, UncertainError

_LATER = frozenset({408, 425, 429})
"""Refusals that say: try again."""


class WebhookSender:
    """Posts messages to another system."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    def send(self, message: Message) -> Receipt:
        """Post a message; an answer of 2xx takes it."""
        settings = self._settings
        body = json.dumps(body_of(message), ensure_ascii=False, separators=(",", ":")).encode()
        seconds = int(message.at.timestamp())
        signed = signature(settings.secret.get_secret_value(), seconds, body)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "milepost",
            "milepost-delivery": message.id,
            "milepost-signature": f"t={seconds},v1={signed}",
        }
        try:
            answer = post(settings.url, body, headers, timeout=settings.timeout, allow_private=settings.allow_private)
        except RefusedAddressError as error:
            raise SendError(f"the webhook's address is refused: {error}", permanent=True) from error
        except NotSentError as error:
            raise SendError(str(error), permanent=False) from error
        except NoAnswerError as error:
            raise UncertainError(f"the webhook did not answer: {error}") from error
        if 200 <= answer.status < 300:
            return Receipt()
        passing = answer.status >= 500 or answer.status in _LATER
        raise SendError(f"the webhook answered {answer.status} {answer.reason}", permanent=not passing)


def signature(secret: str, seconds: int, body: bytes) -> str:
    """What proves that whoever knows ``secret`` sent ``body`` at a time (seconds since 1970)."""
    return hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()


def body_of(message: Message) -> dict[str, Any]:
    """What other systems are told of a message."""
    return {
        "id": message.id,
        "event": "reminder",
        "at": message.at.isoformat(),
        "subject": message.subject,
        "about": [one.model_dump(mode="json") for one in message.about],
    }

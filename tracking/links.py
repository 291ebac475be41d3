"""Links in messages by which their reader acts: signed, for one purpose about one deadline, and only for some time.

A link holds what it is for and until when, and an HMAC-SHA256 of that (RFC 2104) by a key of the installation: whoever
changes any of it holds a link that opens nothing. It is the right to act for the owner the message went to, as the
message itself is. Following it acts on nothing, for mail scanners follow links too; it opens a page that asks.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from enum import StrEnum
from typing import NamedTuple

_PARTS = 5
_VERSION = "1"


class Deed(StrEnum):
    """What a link is for."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    DONE = "done"
    DELEGATE = "delegate"


class LinkError(Exception):
    """A link opens nothing; the message says why."""


class Right(NamedTuple):
    """What a link is for: ``owner`` is the id of the owner whose message it stood in."""

    deed: Deed
    occurrence: str
    owner: str


class LinkKey:
    """Makes links and opens them. Raises ValueError for a key that is too short to be one."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("a key has 16 bytes at least")
        self._key = key

    def token(self, right: Right, until: dt.datetime) -> str:
        """The last part of a link's address."""
        said = "~".join((_VERSION, right.deed, right.occurrence, right.owner, str(int(until.timestamp()))))
        return _encoded(said.encode() + b"~" + self._signature(said))

    def open(self, token: str, now: dt.datetime) -> Right:
        """What a link is for. Raises LinkError for one that is not ours, or whose time is over."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (ValueError, binascii.Error):
            raise LinkError("this link is not complete") from None
        said, between, signature = raw[:-33], raw[-33:-32], raw[-32:]
        try:
            words = said.decode("ascii")
        except UnicodeDecodeError:
            raise LinkError("this link is not complete") from None
        if between != b"~" or _encoded(raw) != token or not hmac.compare_digest(signature, self._signature(words)):
            raise LinkError("this link is not complete")
        parts = words.split("~")
        if len(parts) != _PARTS or parts[0] != _VERSION:
            raise LinkError("this link is not complete")
        _, deed, occurrence, owner, until = parts
        if now.timestamp() > int(until):
            raise LinkError("the time of this link is over")
        return Right(Deed(deed), occurrence, owner)

    def _signature(self, said: str) -> bytes:
        return hmac.new(self._key, b"milepost message link\0" + said.encode(), hashlib.sha256).digest()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

"""What goes out, and what can send it."""

import datetime as dt
from typing import NamedTuple, Protocol

from models.base import Value


class Address(Value):
    """Where a message goes."""

    name: str
    email: str


class Part(Value):
    """A file that goes with a message, or another form of it (a calendar entry)."""

    media_type: str
    name: str
    content: bytes


class About(Value):
    """One thing that a message speaks of, for programs. ``purpose`` is why it speaks of it.

    ``warning`` says that an amendment is under review, by which the deadline may change.
    """

    occurrence: str
    purpose: str
    kind: str
    title: str
    contract: str
    contract_title: str
    counterparty: str | None = None
    act_by: dt.date
    due: dt.date
    send_by: dt.date | None = None
    amount: str | None = None
    currency: str | None = None
    owner: str
    link: str | None = None
    warning: str | None = None


class Message(Value):
    """A message to one owner. ``id`` is its idempotency key: the same message sent twice has the same.

    ``thread`` groups what is about the same occurrence; ``html`` says what ``text`` says. ``to`` is empty where the
    channel itself is the address.
    """

    id: str
    to: tuple[Address, ...]
    subject: str
    text: str
    html: str
    at: dt.datetime
    thread: str | None = None
    parts: tuple[Part, ...] = ()
    about: tuple[About, ...] = ()


class Receipt(NamedTuple):
    """That a message was taken; ``refused`` are the recipients that were not, of several."""

    refused: tuple[str, ...] = ()


class SendError(Exception):
    """A message was not taken, for sure. ``permanent``: trying again would not help."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class UncertainError(Exception):
    """It is not known whether a message was taken: the connection broke after it was handed over."""


class Sender(Protocol):
    """A channel. It neither retries nor remembers; both are done by the run."""

    def send(self, message: Message) -> Receipt:
        """Hand a message over. Raises ``SendError`` or ``UncertainError``; returns only when it was taken."""
        ...

"""Amounts as a contract states them."""

from decimal import Decimal

from models.base import Value


class Amount(Value):
    """``value`` in ``currency`` (ISO 4217), or a rate in words ("5% of Net Sales"), or redacted.

    ``high`` closes a range ("$10,000 to $15,000"). ``text`` is the contract's own wording.
    """

    text: str
    value: Decimal | None = None
    high: Decimal | None = None
    currency: str | None = None
    rate: str | None = None
    redacted: bool = False

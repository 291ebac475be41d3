"""How a notice must be sent, to whom, and how long before it counts as received; and the deadlines that follow."""

import datetime as dt

from models.base import Value
from models.evidence import Evidence
from models.period import Period


class Addressee(Value):
    """Where a notice goes: the party as the contract calls it, and its address as the contract has it.

    ``party`` is None where one sentence speaks of whoever receives ("the registered office of the recipient").
    """

    party: str | None = None
    address: str | None = None
    attention: str | None = None
    email: str | None = None


class Sending(Value):
    """How a notice travels.

    ``methods`` are those the contract allows, in its order. ``slowest`` is the one of them that counts as received
    last, and ``takes`` how long after sending: the notice that is sent so long before the deadline is in time by
    whatever method. ``why`` says where that length comes from ("deemed received"). ``stated`` is false where the
    contract says nothing of it and an allowance is made for the way; ``by_post`` where it cannot be sent on a day of
    rest.
    """

    methods: tuple[str, ...]
    slowest: str | None = None
    takes: Period | None = None
    why: str = ""
    stated: bool = True
    by_post: bool = False
    to: tuple[Addressee, ...] = ()
    evidence: Evidence | None = None


class NoticeCycle(Value):
    """The notice of one term: when that term runs, and when notice about its end may and must be given.

    ``number`` counts from 1, the initial term. ``latest`` is the deadline to be received, ``send_by`` to be sent.
    """

    number: int
    term_start: dt.date | None = None
    term_end: dt.date | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    send_by: dt.date | None = None

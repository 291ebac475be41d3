"""Accepting all that the policy allows (``review.autoaccept``), some at a time, so that people can go on deciding."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Engine

from review import autoaccept
from review.resolving import PLAIN, Reckoning
from store.engine import writing

_AT_ONCE = 100
"""Items of one transaction."""


class Accepted(NamedTuple):
    """How many items were accepted, how many left to people as the sample, and what takes it back."""

    bulk_id: str
    items: int
    sampled: int


def accept_all(engine: Engine, now: dt.datetime, *, using: Reckoning = PLAIN) -> Accepted:
    """Accept all that clears the bar of its kind; nothing while the policy is off, or once it switched itself off."""
    items = sampled = 0
    while True:
        with writing(engine) as session:
            done = autoaccept.run(session, now, using=using, limit=_AT_ONCE)
        items += len(done.accepted)
        sampled += done.sampled
        if not done.accepted and not done.sampled:
            return Accepted(done.bulk_id, items, sampled)

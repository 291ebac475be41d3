"""Keeping the order of the queue that of today, and the items those of all contracts.

The queue is read far more often than the day changes or a contract comes in: readers look whether there is anything
to do, and only then write, in small transactions.
"""

import datetime as dt

from sqlalchemy import Engine

from models.consequence import Weights
from models.decision import PROGRAM
from store.engine import reading, writing
from store.review_queue import adopt_weights, known_weights, rank, rank_is_current
from store.reviewing import lacking_items, sync_missing


def refresh(engine: Engine, weights: Weights, today: dt.date) -> int:
    """Rank what was not ranked today; how many items. Costs two looks at an index where there is nothing to do."""
    with reading(engine) as session:
        if rank_is_current(session, today):
            return 0
    return rerank(engine, weights, today)


def rerank(engine: Engine, weights: Weights, today: dt.date, *, anew: bool = False) -> int:
    """Rank what was not ranked today (``anew``: everything, for the weights have changed); how many items."""
    total = 0
    while True:
        with writing(engine) as session:
            count = rank(session, weights, today, anew=anew)
        total += count
        if anew or not count:
            return total


def catch_up(engine: Engine, now: dt.datetime) -> int:
    """Make the items of contracts that were read before there was a review; of how many contracts."""
    total = 0
    while True:
        with reading(engine) as session:
            if not lacking_items(session):
                return total
        with writing(engine) as session:
            count = sync_missing(session, now)
        if not count:
            return total
        total += count


def adopt(engine: Engine, weights: Weights, now: dt.datetime) -> bool:
    """Take these weights for the order of the queue from now on; whether they are others than before.

    Then everything that waits is ranked anew, as on a new day.
    """
    with reading(engine) as session:
        if known_weights(session) == weights:
            return False
    with writing(engine) as session:
        return adopt_weights(session, weights, PROGRAM, now)

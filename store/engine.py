"""Opening the store, and the two kinds of transactions.

An engine belongs to one process: open it after the process has started, never hand it over a fork.

    engine = open_engine(default_url(data_dir), create=True)
    with writing(engine) as session:
        batch = begin_batch(session, ...)
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlmodel import Session

from store.connection import connect, default_url

__all__ = ["connect", "default_url", "open_engine", "reading", "writing"]


def open_engine(url: str, *, create: bool = False) -> Engine:
    """An engine on a database whose tables are those of this version.

    ``create`` makes or upgrades a SQLite database on the way (after a copy); PostgreSQL, being shared, is only
    ever upgraded by `milepost db upgrade`. Raises StoreError, with the next step, if the database does not answer,
    has not been migrated, or is newer than this program.
    """
    raise NotImplementedError


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction that may write: committed at the end, rolled back by an exception.

    On SQLite it takes the write lock at once and waits for another writer rather than failing half way.
    Keep it short. Rows stay readable after it.
    """
    raise NotImplementedError(engine)
    yield


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One transaction that only reads; on SQLite it neither waits for a writer nor holds one up."""
    raise NotImplementedError(engine)
    yield

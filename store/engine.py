"""Opening the store, and the two kinds of transactions.

An engine belongs to one process: open it after the process has started, never hand it over a fork.

    engine = open_engine(default_url(data_dir), create=True)
    with writing(engine) as session:
        batch = begin_batch(session, ...)
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from store import migrations
from store.connection import BEGIN, connect, default_url, sqlite_file, unreachable
from store.errors import StoreError

__all__ = ["connect", "default_url", "open_engine", "reading", "writing"]


def open_engine(url: str, *, create: bool = False) -> Engine:
    """An engine on a database whose tables are those of this version.

    ``create`` makes or upgrades a SQLite database on the way (after a copy); PostgreSQL, being shared, is only
    ever upgraded by `milepost db upgrade`. Raises StoreError, with the next step, if the database does not answer,
    has not been migrated, or is newer than this program.
    """
    if create and sqlite_file(url) is not None:
        migrations.upgrade(url)
    engine = connect(url)
    try:
        with engine.connect() as connection:
            migrations.verify(connection)
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction that may write: committed at the end, rolled back by an exception.

    On SQLite it takes the write lock at once and waits for another writer rather than failing half way.
    Keep it short. Rows stay readable after it.
    """
    with _begun(engine.execution_options(**{BEGIN: "IMMEDIATE"})) as session:
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One transaction that only reads, and sees one state throughout.

    On SQLite it neither waits for a writer nor holds one up.
    """
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with _begun(engine) as session:
        yield session


@contextmanager
def _begun(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        try:
            session.connection()
        except OperationalError as error:
            raise unreachable(engine, error) from error
        yield session

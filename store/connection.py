"""From a database URL to an engine: drivers, SQLite's settings, and clear words when nothing answers."""

import functools
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from store.errors import StoreError

BEGIN = "milepost_begin"
"""Execution option: how SQLite begins a transaction, DEFERRED (the default) or IMMEDIATE."""

BUSY_SECONDS = 30
"""How long a SQLite writer waits for another one."""

_CONNECT_SECONDS = 10
_SWITCH_PAUSE = 0.05
_OLDEST_SQLITE = (3, 35, 0)
"""March 2021; earlier ones cannot drop a column, which migrations may."""


def default_url(data_dir: Path) -> str:
    """URL of the embedded database in the data folder."""
    return f"sqlite:///{data_dir / 'milepost.db'}"


def parse(url: str) -> URL:
    """``url`` with the driver this program uses. Raises StoreError if it names no database we run on."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(
            "The database URL cannot be understood.",
            "Write it as sqlite:///folder/milepost.db or postgresql://user:password@host/database.",
        ) from None
    match parsed.get_backend_name():
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed.set(drivername="sqlite")
        case "sqlite":
            raise StoreError("A database in memory would be lost.", "Name a file: sqlite:///folder/milepost.db.")
        case other:
            raise StoreError(
                f"There is no support for {other} databases.",
                "Use SQLite (sqlite:///folder/milepost.db) or PostgreSQL (postgresql://user:password@host/database).",
            )


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database, None for PostgreSQL."""
    parsed = parse(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def connect(url: str, *, foreign_keys: bool = True, missing_ok: bool = False) -> Engine:
    """An engine for ``url``, proven to answer. Says nothing about the tables in it (``store.engine`` does).

    ``missing_ok`` creates an absent SQLite file; ``foreign_keys`` is off for migrations alone.
    Raises StoreError for an unusable URL, a missing driver, or a database that does not answer.
    """
    parsed = parse(url)
    file = sqlite_file(url)
    if file is None:
        engine = _postgresql(parsed)
    else:
        _check_file(file, missing_ok=missing_ok)
        engine = _sqlite(parsed, foreign_keys=foreign_keys)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1" if file is None else "SELECT count(*) FROM sqlite_master")
    except DBAPIError as error:
        engine.dispose()
        raise unreachable(engine, error) from error
    return engine


def unreachable(engine: Engine, error: DBAPIError) -> StoreError:
    """What to tell a person when a connection or transaction could not be begun."""
    reason = " ".join(str(error.orig).split())
    name = engine.url.render_as_string(hide_password=True)
    if engine.dialect.name == "postgresql":
        return StoreError(
            f"The database {name} does not answer: {reason}.",
            "Check that the server runs, and the host, database, user and password in the URL.",
        )
    file = engine.url.database
    if "not a database" in reason:
        return StoreError(f"The file {file} is not a SQLite database.", "Name another file, or restore a backup.")
    if "locked" in reason:
        return StoreError(
            f"Another program has been writing to {file} for {BUSY_SECONDS} seconds.",
            "Wait until it is done and try again.",
        )
    return StoreError(
        f"The database {file} cannot be opened: {reason}.", "Check that you may read and write the file and its folder."
    )


def _engine(parsed: URL, **arguments: Any) -> Engine:
    # NaN is no JSON: SQLite would take it and PostgreSQL would not.
    dumps = functools.partial(json.dumps, ensure_ascii=False, allow_nan=False)
    return create_engine(parsed, json_serializer=dumps, **arguments)


def _postgresql(parsed: URL) -> Engine:
    try:
        return _engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS})
    except ModuleNotFoundError as error:
        raise StoreError(
            f"The PostgreSQL driver is not installed ({error.name} is missing).",
            "Install it with: pip install 'milepost[postgres]'.",
        ) from error


def _sqlite(parsed: URL, *, foreign_keys: bool) -> Engine:
    engine = _engine(parsed, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _record: object) -> None:
        # Python's driver would begin transactions by itself, too late for a read that leads to a write.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        _use_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(BEGIN, 'DEFERRED')}")

    return engine


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """The first switch needs the file for itself, and does not wait for it as writes do."""
    for _ in range(int(BUSY_SECONDS / _SWITCH_PAUSE)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_SWITCH_PAUSE)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _check_file(file: Path, *, missing_ok: bool) -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old.", "Use a Python whose sqlite3 module has 3.35 or newer."
        )
    if file.is_dir():
        raise StoreError(f"The database {file} is not a file.", "Name a file in the database URL.")
    if file.exists():
        return
    if not missing_ok:
        raise StoreError(f"There is no database at {file}.", "Make it with: milepost db upgrade.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {file.parent} cannot be made ({error.strerror}).", "Choose a folder you may write to."
        ) from error

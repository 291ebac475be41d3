"""Versions of the tables: where a database stands, and how it is brought up to date (Alembic)."""

import functools
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from store.connection import BEGIN, connect, sqlite_file
from store.errors import StoreError
from store.schema import METADATA
from store.search_tables import NOT_MODELLED

VERSION_TABLE = "milepost_version"
"""Not Alembic's default name: Prefect's tables may live in the same PostgreSQL database and use that one."""

SCRIPTS = Path(__file__).parent
"""Where Alembic finds `env.py` and the versions."""

_ADVISORY_LOCK = 7_043_215_118
"""Any number; whoever upgrades a PostgreSQL database holds the lock of this one."""


class Upgrade(NamedTuple):
    """What ``upgrade`` did: revision before (None: there was nothing) and after, and the copy it made first, if any."""

    before: str | None
    after: str
    copy: Path | None


def head() -> str:
    """The revision this program works with."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise StoreError("The package holds no migrations.", "Install milepost again.")
    return revision


def current(url: str) -> str | None:
    """The revision a database is at; None if it has never been migrated. Raises StoreError if it does not answer."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return _revision(connection)
    finally:
        engine.dispose()


def verify(connection: Connection) -> None:
    """Raise StoreError unless the database is at ``head()``."""
    revision = _revision(connection)
    if revision == head():
        return
    _refuse_newer(connection, revision)
    name = _name(connection)
    if revision is None:
        raise StoreError(f"The database {name} has no tables yet.", "Make them with: milepost db upgrade.")
    raise StoreError(
        f"The database {name} is of an older version (revision {revision}, needed is {head()}).",
        "Bring it up to date with: milepost db upgrade.",
    )


def upgrade(url: str) -> Upgrade:
    """Bring a database to ``head()``, creating it if need be. A SQLite file that holds data is copied first.

    All in one transaction: a failing migration leaves the database as it was. Safe to run twice, and at the same time.
    """
    # With foreign keys on, SQLite would follow them while a migration rebuilds a table.
    engine = connect(url, foreign_keys=False, missing_ok=True)
    try:
        with engine.connect() as connection:
            # The usual case needs no lock.
            if (before := _revision(connection)) == head():
                return Upgrade(before, before, None)
        with engine.execution_options(**{BEGIN: "IMMEDIATE"}).connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            before = _revision(connection)
            _refuse_newer(connection, before)
            if before == head():
                return Upgrade(before, before, None)
            _refuse_foreign(connection, before)
            file = sqlite_file(url)
            copy = _copy(file, head()) if file is not None and before is not None else None
            command.upgrade(_config(connection), "head")
            _refuse_broken_references(connection)
            return Upgrade(before, head(), copy)
    finally:
        engine.dispose()


def check(url: str) -> tuple[str, ...]:
    """How the tables of a database differ from ``store.schema``, one line each; empty when they agree."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            options = {"compare_type": True, "version_table": VERSION_TABLE, "include_name": _is_ours}
            context = MigrationContext.configure(connection, opts=options)
            return tuple(str(difference) for difference in compare_metadata(context, METADATA))
    finally:
        engine.dispose()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return name not in NOT_MODELLED if kind != "table" else name in METADATA.tables


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config


def _scripts() -> ScriptDirectory:
    return _scripts_in(SCRIPTS)


@functools.cache
def _scripts_in(_folder: Path) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _name(connection: Connection) -> str:
    url = connection.engine.url
    return url.database or "" if connection.dialect.name == "sqlite" else url.render_as_string(hide_password=True)


def _refuse_newer(connection: Connection, revision: str | None) -> None:
    if revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise StoreError(
            f"The database {_name(connection)} was written by a newer milepost "
            f"(revision {revision}; this one knows up to {head()}).",
            "Install that version or a later one, or restore a backup made with this one.",
        )


def _refuse_foreign(connection: Connection, revision: str | None) -> None:
    """Without our mark, a SQLite file must be empty; a PostgreSQL database may be shared, but not our names."""
    if revision is not None:
        return
    found = set(inspect(connection).get_table_names()) - {VERSION_TABLE}
    clash = found if connection.dialect.name == "sqlite" else found & set(METADATA.tables)
    if clash:
        raise StoreError(
            f"The database {_name(connection)} holds tables of another program ({', '.join(sorted(clash)[:3])}).",
            "Name another database.",
        )


def _refuse_broken_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreError(
            f"The upgrade would leave {len(broken)} rows of {_name(connection)} that refer to nothing.",
            "Nothing was changed. Restore a backup.",
        )


def _copy(file: Path, target: str) -> Path:
    """Copy a SQLite database as last committed, beside itself; the caller holds the write lock."""
    copy = file.with_name(f"{file.name}.before-{target}")
    unfinished = copy.with_name(f"{copy.name}.part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as destination:
        source.backup(destination)
    unfinished.replace(copy)
    return copy

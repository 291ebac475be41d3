"""Fixtures shared by all tests: the two databases.

- ``database_url``: an empty database; ``engine``: a migrated one. A test that takes either runs on both kinds.
- ``postgresql_url``, ``sqlite_engine``, ``postgresql_engine``: one kind alone.

The store is imported where it is used: tests that need no database need not wait for it.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

SERVER_VARIABLE = "MILEPOST_TEST_DATABASE_URL"
"""URL of a PostgreSQL server to test on, with a user who may create databases. Without it one is started."""

_RUN = os.environ.setdefault("MILEPOST_TEST_RUN", str(os.getpid()))
"""Names the test run: set by its first process, inherited by the workers of pytest-xdist."""

_FOLDER = Path(tempfile.gettempdir()) / f"milepost-postgresql-{_RUN}"
"""One folder, and so one server, for all processes of a run. Not in pytest's own temporary folder: the server may
run as another user, who may not enter that one."""

_counter = iter(range(1_000_000))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need a Prefect server run in one process, so that they share one."""
    for item in items:
        if item.get_closest_marker("prefect"):
            item.add_marker(pytest.mark.xdist_group("prefect"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """The server: the one named in the environment, else one of this test run's own."""
    named = os.environ.get(SERVER_VARIABLE)
    if named:
        yield make_url(named).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        # Says where it puts its lock file on a machine without a session manager.
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pgserver", reason=f"no PostgreSQL: install pgserver or set {SERVER_VARIABLE}")
        _FOLDER.mkdir(exist_ok=True)
        server = pgserver.get_server(_FOLDER, cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    # What a crash of the machine would lose is of no interest here, and not waiting for the disk is faster.
    administer(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield url
    # The last process of the run to say so stops the server.
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: URL) -> Iterator[str]:
    """URL of an empty PostgreSQL database of this test alone."""
    name = f"milepost_test_{os.getpid()}_{next(_counter)}"
    administer(postgresql_server, f"CREATE DATABASE {name}")
    yield postgresql_server.set(database=name).render_as_string(hide_password=False)
    administer(postgresql_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of this test alone; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'milepost.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A migrated SQLite database of this process, emptied after each test: quicker than making one each."""
    from store.engine import open_engine

    return open_engine(f"sqlite:///{tmp_path_factory.mktemp('store') / 'milepost.db'}", create=True)


@pytest.fixture(scope="session")
def postgresql_store(postgresql_server: URL) -> Iterator[Engine]:
    """A migrated PostgreSQL database of this process, emptied after each test."""
    from store import migrations
    from store.engine import open_engine

    name = f"milepost_store_{os.getpid()}"
    administer(postgresql_server, f"CREATE DATABASE {name}")
    url = postgresql_server.set(database=name).render_as_string(hide_password=False)
    migrations.upgrade(url)
    yield open_engine(url)
    administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_engine(sqlite_store: Engine) -> Iterator[Engine]:
    """A migrated, empty SQLite database."""
    yield sqlite_store
    _empty(sqlite_store)


@pytest.fixture
def postgresql_engine(postgresql_store: Engine) -> Iterator[Engine]:
    """A migrated, empty PostgreSQL database."""
    yield postgresql_store
    _empty(postgresql_store)


def _empty(engine: Engine) -> None:
    """Delete all rows, and close all connections with what they had open."""
    from store.schema import ALL_TABLES

    engine.dispose()
    with engine.begin() as connection:
        for table in reversed(ALL_TABLES):
            connection.exec_driver_sql(f"DELETE FROM {table.__tablename__}")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A migrated, empty database; the test runs once on each kind."""
    opened: Engine = request.getfixturevalue(f"{request.param}_engine")
    return opened


def pytest_unconfigure() -> None:
    """Remove the server's folder when the run's first process ends, after all others."""
    if str(os.getpid()) == _RUN:
        shutil.rmtree(_FOLDER, ignore_errors=True)


def administer(server: URL, *statements: str) -> None:
    """Run statements on the server, each by itself and not in a transaction."""
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)

"""Where a command touches the world: the database that its settings name, and the clock."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session

from milepost.settings import Settings, load_settings
from milepost.wiring import use_config
from store.engine import open_engine, reading, writing


class Opened(NamedTuple):
    """Settings and the database they name."""

    settings: Settings
    engine: Engine


@contextmanager
def opened(data: Path | None, config: Path | None, *, create: bool = False) -> Iterator[Opened]:
    """The settings in force and their database, closed at the end; ``create`` makes an embedded one if need be."""
    use_config(config)
    settings = load_settings(data_dir=data)
    if create:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.url, create=create)
    try:
        yield Opened(settings, engine)
    finally:
        engine.dispose()


@contextmanager
def session_of(
    data: Path | None, config: Path | None, *, write: bool = False, create: bool = False
) -> Iterator[Session]:
    """One transaction on the database that the settings name."""
    with (
        opened(data, config, create=create) as (_, engine),
        writing(engine) if write else reading(engine) as session,
    ):
        yield session


def moment() -> dt.datetime:
    """The time. Only the command line and the server read the clock; everything below is told."""
    return dt.datetime.now(dt.UTC)

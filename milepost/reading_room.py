"""Where documents are read into the database: its store, the files it keeps, and guarded workers, opened together."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

from sqlalchemy import Engine
from upath import UPath

from milepost.console import progress
from milepost.settings import Settings
from milepost.wiring import bounds
from pipeline.document import Job, Options, Processed, worker
from pipeline.guard import Guard
from pipeline.onboard import alone
from store.blobs import BlobStore
from store.engine import open_engine


class ReadingRoom(NamedTuple):
    """What one who reads many documents needs; ``advance`` shows how many of all are done: (all, done)."""

    engine: Engine
    blobs: BlobStore
    guard: Guard[Job, Processed]
    advance: Callable[[int, int], None]


@contextmanager
def reading_room(settings: Settings, given: Options, *, verbose: bool, quiet: bool) -> Iterator[ReadingRoom]:
    """Opened for one reader at a time; closed whatever happens. An embedded database is made if there is none."""
    with ExitStack() as stack:
        stack.enter_context(alone(settings.data_dir))
        advance = stack.enter_context(progress("Reading", quiet=quiet))
        engine = open_engine(settings.url, create=True)
        stack.callback(engine.dispose)
        prepare = partial(worker, given, logging.INFO if verbose else logging.WARNING)
        guard = stack.enter_context(Guard[Job, Processed](prepare, settings.workers, bounds(settings)))
        yield ReadingRoom(engine, BlobStore(UPath(settings.blob_root)), guard, advance)

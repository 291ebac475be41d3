"""Sweeping the inboxes of the settings: what is new goes the way of ``milepost onboard``, and into the review."""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from milepost.onboarding import onboard
from milepost.settings import Settings
from milepost.wiring import options
from pipeline.listing import Listing
from pipeline.onboard import alone
from pipeline.sweeping import Sweep, SweepReport
from store.engine import open_engine
from store.ledger import Manifest


def sweep(
    settings: Settings, *, verbose: bool = False, quiet: bool = True, pause: Callable[[float], None] = time.sleep
) -> SweepReport:
    """Look into every inbox, and read what is whole and new. What may still be written is looked at a second time."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)

    def read(listing: Listing, places: Mapping[str, str]) -> Manifest:
        return onboard(listing, settings, places=places, verbose=verbose, quiet=quiet)

    folder = settings.data_dir / "inboxes"
    with ExitStack() as stack:
        # Another sweep would take away what this one has fetched.
        stack.enter_context(alone(folder))
        engine = open_engine(settings.url, create=True)
        stack.callback(engine.dispose)
        work = Sweep(
            engine=engine,
            inboxes=settings.inboxes,
            settle=dt.timedelta(seconds=settings.inbox_settle),
            staging=folder / "arriving",
            largest=options(settings).limits.bytes,
        )
        if work.look():
            pause(settings.inbox_settle)
            work.look()
        return work.take(read) if work.arrived else work.report

"""``milepost onboard``: read a folder into the database, and account for every file."""

import datetime as dt
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from upath import UPath

from milepost.console import progress, stderr, tell
from milepost.flow_running import run_batches
from milepost.reckoning import reckoning
from milepost.settings import Settings, load_settings
from milepost.status import manifest_json, manifest_view
from milepost.wiring import bounds, options, use_config
from pipeline.document import Job, Processed, worker
from pipeline.guard import Guard
from pipeline.listing import Listing, list_files
from pipeline.onboard import Onboarding, alone
from pipeline.versions import versions
from review.accepting import accept_all
from review.routing import hand_out
from rules.loader import installed_rules
from rules.routing import load_routing
from store.blobs import BlobStore
from store.engine import open_engine
from store.ledger import Manifest


def run(
    paths: Sequence[Path],
    data: Path | None,
    config: Path | None,
    jobs: int | None,
    deadline: float | None,
    *,
    retry: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> bool:
    """Onboard ``paths`` and print the manifest; whether every file was read."""
    use_config(config)
    settings = load_settings(data_dir=data, workers=jobs, deadline=deadline)
    listing = list_files(paths)
    manifest = onboard(listing, settings, retry=retry, verbose=verbose, quiet=quiet)
    if as_json:
        json.dump(manifest_json(manifest, listing), sys.stdout, ensure_ascii=False, indent=1)
        print()
    elif not quiet:
        stderr().print(manifest_view(manifest, listing))
    for folder in listing.empty:
        tell(f"There is no document in {folder}.")
    return manifest.clean and not listing.empty


def onboard(
    listing: Listing,
    settings: Settings,
    *,
    places: Mapping[str, str] | None = None,
    retry: bool = False,
    verbose: bool,
    quiet: bool,
) -> Manifest:
    """Read what is listed and not yet read, as a Prefect flow. Prefect is not started if there is nothing to do.

    ``places`` says where the bytes of files lie that are listed by another name.
    """
    given = options(settings)
    routing = load_routing(settings.policies)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(alone(settings.data_dir))
        advance = stack.enter_context(progress("Reading", quiet=quiet))
        engine = open_engine(settings.url, create=True)
        stack.callback(engine.dispose)
        prepare = partial(worker, given, logging.INFO if verbose else logging.WARNING)
        guard = stack.enter_context(Guard[Job, Processed](prepare, settings.workers, bounds(settings)))
        onboarding = Onboarding(
            engine=engine,
            blobs=BlobStore(UPath(settings.blob_root)),
            guard=guard,
            versions=versions(installed_rules(), given),
            unpack_to=settings.data_dir / "unpacked",
            limits=given.limits,
            batch_size=settings.batch,
            on_progress=lambda now: advance(now.total, now.done),
        )
        stack.callback(onboarding.close)
        if onboarding.begin(listing, again=retry, places=places):
            run_batches("onboard", onboarding, settings, verbose=verbose)
        hand_out(engine, routing, dt.datetime.now(dt.UTC))
        accept_all(engine, dt.datetime.now(dt.UTC), using=reckoning(given))
        return onboarding.finish()

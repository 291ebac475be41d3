"""``milepost onboard``: read a folder into the database, and account for every file."""

import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from milepost.console import stderr, tell
from milepost.flow_running import run_batches
from milepost.reading_room import reading_room
from milepost.reckoning import reckoning
from milepost.settings import Settings, load_settings
from milepost.status import manifest_json, manifest_view
from milepost.wiring import options, use_config
from pipeline.listing import Listing, list_files
from pipeline.onboard import Onboarding
from pipeline.versions import versions
from review.accepting import accept_all
from review.routing import hand_out
from rules.loader import installed_rules
from rules.routing import load_routing
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
    with reading_room(settings, given, verbose=verbose, quiet=quiet) as room, ExitStack() as stack:
        onboarding = Onboarding(
            engine=room.engine,
            blobs=room.blobs,
            guard=room.guard,
            versions=versions(installed_rules(), given),
            unpack_to=settings.data_dir / "unpacked",
            limits=given.limits,
            batch_size=settings.batch,
            on_progress=lambda now: room.advance(now.total, now.done),
        )
        stack.callback(onboarding.close)
        if onboarding.begin(listing, again=retry, places=places):
            run_batches("onboard", onboarding, settings, verbose=verbose)
        hand_out(room.engine, routing, dt.datetime.now(dt.UTC))
        accept_all(room.engine, dt.datetime.now(dt.UTC), using=reckoning(given))
        return onboarding.finish()

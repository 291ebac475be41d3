"""``milepost demo``: the sample contracts, onboarded into a database of their own, and their milestones."""

import os
import shutil
import sys
from pathlib import Path

from milepost.console import stdout, tell
from milepost.onboarding import onboard
from milepost.settings import load_settings
from milepost.status import manifest_view
from milepost.tables import add_milestone, milestones_table
from pipeline.listing import list_files
from store.engine import open_engine, reading
from store.queries import MilestoneFilter, iter_milestones, milestone_of

SAMPLES = Path(__file__).parents[1] / "fixtures" / "contracts"
DOCUMENTS = frozenset({".pdf", ".docx"})


class NoSamplesError(Exception):
    """The sample contracts are not there."""


def run(data: Path, jobs: int | None, *, verbose: bool, quiet: bool) -> None:
    """Onboard the samples and print what is to be done when. A sample that needs OCR is part of the show."""
    if not SAMPLES.is_dir():
        raise NoSamplesError(
            f"The sample contracts are not at {SAMPLES}; they come with the source tree. "
            "With contracts of your own: milepost onboard FOLDER"
        )
    # The demo's own database, whatever the settings say: samples do not belong among real contracts.
    settings = load_settings(data_dir=data, workers=jobs).model_copy(update={"database_url": None, "blobs": None})
    listing = list_files([SAMPLES])
    contracts = tuple(path for path in listing.files if Path(path).suffix in DOCUMENTS)
    if not quiet:
        tell(f"Onboarding {len(contracts)} sample contracts; Prefect takes a moment to start.")
    manifest = onboard(listing._replace(files=contracts), settings, verbose=verbose, quiet=quiet)
    console = stdout()
    table = milestones_table(contract=True)
    engine = open_engine(settings.url)
    with reading(engine) as session:
        for row, contract in iter_milestones(session, MilestoneFilter(batch_id=manifest.batch_id)):
            add_milestone(table, milestone_of(row), contract.title or contract.name)
    engine.dispose()
    console.print(table)
    console.print(manifest_view(manifest))
    print(f"\nThe database: {(data / 'milepost.db').absolute()}")
    command = _command()
    print(
        f"The account of the files:              {command} status --data {data}\n"
        f"All milestones in a spreadsheet:       {command} export --format csv --out milestones.csv --data {data}\n"
        f"The review, to confirm what was found: {command} review --data {data}"
    )


def _command() -> str:
    """How this program is called from here: by name, or by its place if it is not on the path."""
    if shutil.which("milepost"):
        return "milepost"
    script = Path(sys.executable).with_name("milepost")
    if not script.exists():
        return f"{sys.executable} -m milepost"
    return os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script)

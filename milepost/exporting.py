"""``milepost export``: the database as CSV or JSON, what is tracked as a calendar or workbook."""

import datetime as dt
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlmodel import Session

from milepost.console import tell
from milepost.settings import Settings, load_settings
from milepost.wiring import use_config
from pipeline.export import write_documents, write_milestones
from rules.tracking_policies import load_policies
from store.engine import open_engine, reading
from store.errors import StoreError
from store.ledger import find_batch
from store.queries import MilestoneFilter, iter_milestones, iter_outcomes
from tracking.feeds import everything
from tracking.spreadsheet import write_register


def run(form: str, out: Path | None, batch: str | None, data: Path | None, config: Path | None) -> None:
    """Write milestones (CSV) or documents (JSON), of one batch or all."""
    use_config(config)
    settings = load_settings(data_dir=data)
    engine = open_engine(settings.url)
    if form in ("ics", "xlsx"):
        with reading(engine) as session:
            _write(_tracked(session, form, settings), out)
        engine.dispose()
        return
    with reading(engine) as session, _target(out) as target:
        batch_id = find_batch(session, batch).id if batch else None
        if form == "csv":
            number = write_milestones(iter_milestones(session, MilestoneFilter(batch_id=batch_id)), target)
            what = "milestones"
        else:
            outcomes = (outcome for _, _, outcome in iter_outcomes(session, batch_id=batch_id))
            number, what = write_documents(outcomes, target), "documents"
    engine.dispose()
    if out is not None:
        tell(f"{number} {what} written to {out}.")


def _tracked(session: Session, form: str, settings: Settings) -> bytes:
    """What is tracked, as a calendar or a workbook."""
    now = dt.datetime.now(dt.UTC)
    if form == "ics":
        return everything(session, now.date(), settings.base_url)
    held = io.BytesIO()
    write_register(session, held, now, due_soon=load_policies(settings.policies).reminders.due_soon)
    return held.getvalue()


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        if sys.stdout.isatty():
            raise StoreError("A file of this kind cannot be shown here.", "Name a file with --out.")
        sys.stdout.buffer.write(content)
        return
    with _written(out) as file:
        file.write(content)
    tell(f"Written to {out}.")


@contextmanager
def _target(out: Path | None) -> Iterator[IO[str]]:
    """Stdout, or a file."""
    if out is None:
        yield sys.stdout
        return
    with _written(out) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        yield text


@contextmanager
def _written(out: Path) -> Iterator[IO[bytes]]:
    """A file that is there in whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            unfinished = Path(file.name)
            try:
                yield file
                file.close()
                unfinished.chmod(0o644)
                unfinished.replace(out)
            finally:
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{out} cannot be written ({error.strerror}).", "Choose another place with --out.") from error

"""``milepost export``: the database as CSV or JSON, what is tracked as a calendar, a workbook or CSV."""

import datetime as dt
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import ValidationError
from sqlmodel import Session

from milepost.console import tell
from milepost.opening import moment, opened
from milepost.settings import load_settings
from milepost.wiring import use_config
from pipeline.export import write_documents, write_milestones
from rules.tracking_policies import load_policies
from store.engine import open_engine, reading
from store.errors import StoreError
from store.ledger import find_batch
from store.queries import MilestoneFilter, iter_milestones, iter_outcomes
from tracking.feeds import chosen_entries, everything
from tracking.filtering import Filter, Judged, within
from tracking.spreadsheet import write_csv, write_register

_TEXT = ("\ufeff".encode(), b"BEGIN:VCALENDAR")
"""How a file begins that a terminal can show."""


def run(form: str, out: Path | None, batch: str | None, data: Path | None, config: Path | None) -> None:
    """Write milestones (CSV) or documents (JSON), of one batch or all."""
    use_config(config)
    settings = load_settings(data_dir=data)
    engine = open_engine(settings.url)
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


def deadlines(
    form: str, out: Path | None, data: Path | None, config: Path | None, days: int | None, chosen: dict[str, str] | None
) -> None:
    """Write what is tracked as a calendar, a workbook or CSV: all of it, or what the chosen filter lets through."""
    now = moment()
    with opened(data, config) as (settings, engine), reading(engine) as session:
        policy = load_policies(settings.policies).reminders
        judged = Judged(now.date(), policy.due_soon, tuple(policy.happenings))
        content = _tracked(session, form, now, judged, _filter(chosen, days, judged), settings.base_url)
    _write(content, out)


def _filter(chosen: dict[str, str] | None, days: int | None, judged: Judged) -> Filter | None:
    if chosen is None:
        return None
    try:
        found = Filter.model_validate(chosen)
    except ValidationError as error:
        raise StoreError(
            f"That cannot be looked for: {error.errors()[0]['msg']}.", "See: milepost export --help."
        ) from error
    return found.model_copy(update=within(found.listed, days, judged.today))


def _tracked(
    session: Session, form: str, now: dt.datetime, judged: Judged, chosen: Filter | None, base_url: str | None
) -> bytes:
    if form == "ics":
        if chosen is None:
            return everything(session, judged.today, base_url)
        return chosen_entries(session, chosen, judged, base_url)
    if form == "csv":
        text = io.StringIO()
        write_csv(session, text, judged, chosen)
        return text.getvalue().encode()
    held = io.BytesIO()
    write_register(session, held, now, judged, chosen)
    return held.getvalue()


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        if sys.stdout.isatty() and not content.startswith(_TEXT):
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

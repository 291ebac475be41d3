"""``milepost export``: the database as CSV or JSON, what is tracked as a calendar."""

import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from milepost.console import tell
from milepost.settings import load_settings
from milepost.wiring import use_config
from pipeline.export import write_documents, write_milestones
from store.engine import open_engine, reading
from store.errors import StoreError
from store.ledger import find_batch
from store.queries import MilestoneFilter, iter_milestones, iter_outcomes
from tracking.feeds import everything


def run(form: str, out: Path | None, batch: str | None, data: Path | None, config: Path | None) -> None:
    """Write milestones (CSV) or documents (JSON), of one batch or all."""
    use_config(config)
    settings = load_settings(data_dir=data)
    engine = open_engine(settings.url)
    if form == "ics":
        with reading(engine) as session:
            content = everything(session, dt.datetime.now(dt.UTC).date(), settings.base_url)
        _write(content, out)
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


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        return
    # As it is: what makes a file of text may not change the ends of its lines.
    with _target(out) as target:
        target.write(content.decode())
    tell(f"Written to {out}.")


@contextmanager
def _target(out: Path | None) -> Iterator[IO[str]]:
    """Stdout, or a file that is there in whole or not at all."""
    if out is None:
        yield sys.stdout
        return
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=out.parent, prefix=f".{out.name}.", delete=False, encoding="utf-8", newline=""
        ) as file:
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

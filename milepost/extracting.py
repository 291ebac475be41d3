"""``milepost extract``: read some files and print what they say. No database, no server."""

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from milepost.console import progress, stdout
from milepost.settings import Settings, load_settings
from milepost.wiring import bounds, options, use_config
from models.contract import Outcome, Status
from models.problem import Problem
from pipeline.document import Job, Processed, failed, printable, worker
from pipeline.guard import Guard
from pipeline.output import document_object


def run(
    files: Sequence[Path],
    form: str,
    jobs: int | None,
    boxes: bool | None,
    deadline: float | None,
    config: Path | None,
    *,
    verbose: bool,
    quiet: bool,
) -> int:
    """Print what each file says, in the order they were given; how many could not be read."""
    use_config(config)
    settings = load_settings(workers=jobs, deadline=deadline)
    with_boxes = form != "table" if boxes is None else boxes
    outcomes = _read(files, settings, with_boxes, verbose=verbose, quiet=quiet)
    printers = {"table": _print_tables, "json": _print_array, "jsonl": _print_lines}
    return printers[form](outcomes)


def _read(files: Sequence[Path], settings: Settings, boxes: bool, *, verbose: bool, quiet: bool) -> Iterator[Outcome]:
    prepare = partial(worker, options(settings, boxes=boxes), logging.INFO if verbose else logging.WARNING)
    items = [Job(str(file), printable(str(file))) for file in files]
    workers = min(settings.workers, len(items))
    with (
        Guard[Job, Processed](prepare, workers, bounds(settings)) as guard,
        progress("Reading", quiet=quiet or len(items) < 2) as advance,
    ):
        for number, (job, answer) in enumerate(guard.run(items), 1):
            advance(len(items), number)
            yield failed(job.name, answer) if isinstance(answer, Problem) else answer.outcome


def _print_lines(outcomes: Iterator[Outcome]) -> int:
    failures = 0
    for outcome in outcomes:
        failures += outcome.status is Status.FAILED
        print(json.dumps(document_object(outcome), ensure_ascii=False), flush=True)
    return failures


def _print_array(outcomes: Iterator[Outcome]) -> int:
    failures, mark = 0, "[\n"
    for outcome in outcomes:
        failures += outcome.status is Status.FAILED
        sys.stdout.write(mark + json.dumps(document_object(outcome), ensure_ascii=False, indent=1))
        mark = ",\n"
    print("\n]")
    return failures


def _print_tables(outcomes: Iterator[Outcome]) -> int:
    from milepost.tables import outcome_view

    failures, console = 0, stdout()
    for outcome in outcomes:
        failures += outcome.status is Status.FAILED
        console.print(outcome_view(outcome))
    return failures

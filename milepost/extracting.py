"""``milepost extract``: read some files and print what they say. No database, no server."""

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from milepost.console import progress, stdout
from milepost.settings import Settings, load_settings
from milepost.wiring import bounds, options, use_config
from models.contract import Outcome, Status
from models.problem import Problem
from pipeline.document import Job, Processed, failed, printable, worker
from pipeline.guard import Guard
from pipeline.output import document_object
from pipeline.unpacking import take_apart


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
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="milepost-"))
        items = list(_documents(files, Path(folder), settings))
        jobs = [item for item in items if isinstance(item, Job)]
        workers = max(1, min(settings.workers, len(jobs)))
        guard = stack.enter_context(Guard[Job, Processed](prepare, workers, bounds(settings)))
        advance = stack.enter_context(progress("Reading", quiet=quiet or len(items) < 2))
        answers = guard.run(jobs)
        for number, item in enumerate(items, 1):
            if isinstance(item, Job):
                _, answer = next(answers)
                item = failed(item.name, answer) if isinstance(answer, Problem) else answer.outcome
            advance(len(items), number)
            yield item


def _documents(files: Sequence[Path], folder: Path, settings: Settings) -> Iterator[Job | Outcome]:
    """What is to be read: each file, and instead of an archive or e-mail the documents in it."""
    paths = [str(file) for file in files]
    opened = take_apart(paths, folder, settings.limits, bounds(settings), settings.workers)
    for path in paths:
        match opened.get(path):
            case None:
                yield Job(path, printable(path))
            case Problem() as problem:
                yield failed(printable(path), problem)
            case parts:
                for part in parts:
                    name = printable(part.path)
                    yield failed(name, part.problem) if part.problem else Job(part.file or "", name)


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

"""``milepost evaluate``: how right, how sure and how fast, on contracts whose milestones are known. Stores nothing."""

import json
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from milepost.console import progress, tell
from milepost.settings import Settings, load_settings
from milepost.wiring import bounds, options, use_config
from models.contract import Status
from models.problem import Problem
from pipeline.document import Job, Processed, worker
from pipeline.evaluation.comparison import compare, from_json, to_json
from pipeline.evaluation.gold import Gold, load_gold
from pipeline.evaluation.render import render, render_speed
from pipeline.evaluation.report import Judged, judge_contract, make_report, report_object
from pipeline.evaluation.speed import Timing, measure
from pipeline.guard import Guard
from pipeline.output import document_object


class EvaluationError(Exception):
    """The evaluation cannot be compared with the one that was named, or cannot be written."""


def run(
    folder: Path,
    against: Path | None,
    save: Path | None,
    jobs: int | None,
    deadline: float | None,
    config: Path | None,
    *,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Print the figures; how many of the contracts could not be read (they count as saying nothing)."""
    use_config(config)
    settings = load_settings(workers=jobs, deadline=deadline)
    # What was named wrongly is said before the work, not after.
    before = _baseline(against) if against else None
    contracts = load_gold(folder)
    judged, timings, failures = judge_contracts(contracts, settings, verbose=verbose, quiet=quiet)
    report, speed = make_report(judged, len(contracts) - failures), measure(timings)
    after = to_json(judged)
    changes = [] if before is None else compare(before, after)
    if save:
        _write(save, after)
    if as_json:
        extra = {} if before is None else {"changes": changes}
        json.dump(report_object(report) | {"speed": speed._asdict()} | extra, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return failures
    print(render(report))
    print(f"\n{render_speed(speed)}")
    if before is not None:
        print("\n" + "\n".join([f"against {against}", *changes]))
    return failures


def judge_contracts(
    contracts: Sequence[Gold], settings: Settings, *, verbose: bool, quiet: bool
) -> tuple[list[Judged], list[Timing], int]:
    """Read the contracts and judge what is said of them; how long each took, how many could not be read."""
    if not contracts:
        return [], [], 0
    # Boxes on the page decide nothing that is judged.
    prepare = partial(worker, options(settings, boxes=False), logging.INFO if verbose else logging.WARNING)
    jobs = [Job(str(contract.path), contract.file) for contract in contracts]
    judged, timings, failures = [], [], 0
    with (
        Guard[Job, Processed](prepare, min(settings.workers, len(jobs)), bounds(settings)) as guard,
        progress("Reading", quiet=quiet) as advance,
    ):
        for contract, (_, answer) in zip(contracts, guard.run(jobs), strict=True):
            said, reason = _said(answer)
            if reason is not None:
                failures += 1
                tell(f"{contract.file}: {reason}")
            if isinstance(answer, Processed):
                timings.append(Timing(answer.words, answer.reading, answer.seconds - answer.reading))
            judged.append(judge_contract(contract, said))
            advance(len(jobs), len(judged))
    return judged, timings, failures


def _said(answer: Processed | Problem) -> tuple[dict[str, Any] | None, str | None]:
    """What is said of a contract as its users get it; or why nothing is."""
    if isinstance(answer, Problem):
        return None, answer.message
    if answer.outcome.status is Status.FAILED:
        return None, " ".join(problem.message for problem in answer.outcome.problems[:1])
    return document_object(answer.outcome), None


def _baseline(path: Path) -> dict[str, Any]:
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}.") from error
    except ValueError as error:
        raise EvaluationError(f"{path} is not what --save writes: {error}.") from error


def _write(path: Path, evaluation: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(evaluation, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}.") from error

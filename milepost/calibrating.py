"""``milepost evaluate --calibrate``: confidences fitted anew to labelled contracts."""

from pathlib import Path

import rules
from milepost.console import tell
from milepost.evaluating import EvaluationError, judge_contracts
from milepost.settings import load_settings
from milepost.wiring import use_config
from pipeline.evaluation.calibration import (
    Table,
    cross_validate,
    fit,
    milestone_answers,
    render_fits,
    render_table,
    term_answers,
)
from pipeline.evaluation.gold import load_gold
from rules.loader import installed_rules


def run(
    folder: Path,
    out: Path | None,
    jobs: int | None,
    deadline: float | None,
    config: Path | None,
    *,
    verbose: bool,
    quiet: bool,
) -> int:
    """Write the table of confidences to ``out``, by default the installed one; how many contracts could not be read."""
    use_config(config)
    settings = load_settings(workers=jobs, deadline=deadline)
    contracts = load_gold(folder)
    judged, _, failures = judge_contracts(contracts, settings, confidence={}, verbose=verbose, quiet=quiet)
    terms = term_answers(judged)
    table = fit(terms)
    # Milestones taken over from terms start from the terms' confidence: theirs comes first.
    annotated = [contract for contract in contracts if contract.milestones is not None]
    again, _, _ = judge_contracts(annotated, settings, confidence=table, verbose=verbose, quiet=True)
    milestones = milestone_answers(again)
    if not terms and not milestones:
        raise EvaluationError(f"{folder}: no contract gave an answer to learn from.")
    table |= fit(milestones)
    print(render_fits([*cross_validate(terms), *cross_validate(milestones)]))
    _write(out or Path(rules.__file__).parent / "confidence.yaml", table)
    return failures


def _write(path: Path, table: Table) -> None:
    installed = installed_rules().data.get("confidence")
    kept = {key: steps for key, steps in installed.items() if key not in table} if isinstance(installed, dict) else {}
    if kept:
        tell(f"Nothing to learn from, left as they were: {', '.join(sorted(kept))}")
    try:
        path.write_text(render_table(kept | table), encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}.") from error
    print(f"\nSaved in {path}.")

"""``milepost evaluate --calibrate``: confidences fitted anew to labelled contracts."""

from dataclasses import replace
from pathlib import Path

import rules
from milepost.console import tell
from milepost.evaluating import EvaluationError
from milepost.labelled import by_company, conditions, hold_out, read_labelled
from milepost.settings import load_settings
from milepost.wiring import use_config
from pipeline.evaluation.calibration import Table, cross_validate, fit, milestone_answers, render_fits, render_table
from pipeline.evaluation.render import render_terms
from pipeline.evaluation.report import make_report
from pipeline.training.choosing import annotated, held_out_milestones
from pipeline.training.held_out import fit_terms, samples, with_confidences
from rules.loader import installed_rules


def run(
    folder: Path,
    out: Path | None,
    jobs: int | None,
    deadline: float | None,
    config: Path | None,
    *,
    quiet: bool,
) -> int:
    """Write the table of confidences to ``out``, by default the installed one; how many contracts could not be read."""
    use_config(config)
    settings = load_settings(workers=jobs, deadline=deadline)
    contracts, failures = read_labelled(folder, settings, quiet=quiet)
    fold = by_company(contracts)
    answers = hold_out(contracts, fold, settings, quiet=quiet)
    table = fit_terms(samples(answers))
    # Milestones taken over from terms start from the terms' confidence: theirs comes first.
    installed = installed_rules()
    bare = replace(installed, data=installed.data | {"confidence": table})
    milestones = milestone_answers(
        held_out_milestones(annotated(contracts, installed), fold, bare, conditions(settings))
    )
    if not table and not milestones:
        raise EvaluationError(f"{folder}: no contract gave an answer to learn from.")
    table |= fit(milestones)
    print(render_terms("terms, held out", make_report(with_confidences(answers, fold), len(answers))))
    print(f"\n{render_fits(cross_validate(milestones))}")
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

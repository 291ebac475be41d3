"""``milepost learn``: what people's decisions teach, as labelled contracts, errors of rules, and confidences."""

from pathlib import Path

from rich.table import Table
from upath import UPath

from milepost.console import stdout, tell
from milepost.opening import opened
from pipeline.evaluation.calibration import render_table
from review import feedback
from review.errors import ReviewError
from rules.loader import installed_rules
from store.blobs import BlobStore
from store.engine import reading
from store.errors import StoreError


class LearningError(Exception):
    """Nothing can be learnt, or it cannot be written."""


def labels(folder: Path, data: Path | None, config: Path | None) -> int:
    """Write what people decided as labelled contracts for ``evaluate``; how many documents were gone."""
    with opened(data, config) as (settings, engine):
        blobs = BlobStore(UPath(settings.blob_root))
        try:
            with reading(engine) as session:
                done = feedback.export_labels(session, folder, lambda sha256: _document(blobs, sha256))
        except ReviewError as error:
            raise LearningError(error.message) from error
    for line in done.missing:
        tell(line)
    print(f"{done.contracts} contracts, {done.with_milestones} of them with all milestones, in {folder}.")
    return len(done.missing)


def rules(data: Path | None, config: Path | None) -> None:
    """Print how right each rule is, by what people decided."""
    with opened(data, config) as (_, engine), reading(engine) as session:
        found, missed = feedback.rule_errors(session), feedback.missed(session)
    if not found and not missed:
        print("Nobody has decided anything yet.")
        return
    table = Table(box=None, header_style="bold")
    for name in ("rule", "kind"):
        table.add_column(name, overflow="fold")
    for name in ("accepted", "corrected", "rejected", "wrong", "between"):
        table.add_column(name, justify="right")
    for one in found:
        between = f"{one.wrong.low:.0%} and {one.wrong.high:.0%}"
        decided = (str(one.accepted), str(one.corrected), str(one.rejected))
        table.add_row(one.rule, one.kind, *decided, f"{one.wrong.share or 0:.0%}", between)
    _print(table)
    if missed:
        print("added by people: " + ", ".join(f"{count} {kind}" for kind, count in sorted(missed.items())))


def confidences(out: Path, data: Path | None, config: Path | None) -> None:
    """Write the table of confidences, moved to what people found right, to ``out``."""
    with opened(data, config) as (_, engine), reading(engine) as session:
        answers = feedback.judged_answers(session)
    installed = installed_rules().data.get("confidence")
    moved, fits = feedback.recalibrate(installed if isinstance(installed, dict) else {}, answers)
    if not fits:
        most = max(map(len, answers.values()), default=0)
        raise LearningError(
            f"There are too few decisions to learn from: {feedback.FEWEST} of one kind are needed, {most} is the most."
        )
    table = Table(box=None, header_style="bold")
    table.add_column("kind")
    for name in ("decisions", "right", "said before", "says now", "error before", "error now"):
        table.add_column(name, justify="right")
    for fit in fits:
        shares = (fit.right / fit.decisions, fit.mean_before, fit.mean_after)
        errors = (fit.brier_before, fit.brier_after)
        cells = (*(f"{share:.1%}" for share in shares), *(f"{error:.4f}" for error in errors))
        table.add_row(fit.kind.replace("_", " "), str(fit.decisions), *cells)
    _print(table)
    try:
        out.write_text(render_table(moved), encoding="utf-8")
    except OSError as error:
        raise LearningError(f"{out}: {error.strerror}.") from error
    print(f"\nSaved in {out}.")


def _document(blobs: BlobStore, sha256: str) -> bytes:
    try:
        return blobs.get(sha256)
    except StoreError as error:
        raise LookupError(str(error)) from error


def _print(table: Table) -> None:
    stdout().print(table)

"""``milepost train``: the clause finder and the classifiers of milestones, learned anew from labelled contracts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from extractors.clauses import MODEL
from extractors.milestones.choice import NAME
from extractors.milestones.voices import Voices
from extractors.nlp import TRAINED
from milepost.console import progress
from milepost.labelled import CLAUSES
from models.problem import DocumentError
from pipeline.evaluation.gold import load_gold
from pipeline.training.choosing import hear_all, train_choice
from pipeline.training.clauses import ClauseExamples, load_clauses, train_clauses
from pipeline.training.milestones import Examples
from pipeline.training.train import (
    annotated_examples,
    marked_examples,
    milestone_examples,
    save_milestones,
    train_milestones,
)
from rules.loader import installed_rules

E = TypeVar("E")


class TrainingError(Exception):
    """There is nothing to learn from, or no place to put what was learned."""


def run(folder: Path, out: Path | None, only: str | None, *, held_out: bool, quiet: bool) -> None:
    """Train on ``folder`` and save in ``out``, by default where the program looks for its models.

    ``only`` is "clauses", "milestones" or "choice" (how to choose among what the installed voices say), None for all.
    """
    target = out or TRAINED
    if only == "choice":
        _train_choice(folder, None, target, quiet=quiet)
        print(f"Saved in {target}.")
        return
    clauses = [] if only == "milestones" else _clauses(folder, quiet=quiet)
    contracts = [] if only == "clauses" else _contracts(folder, held_out=held_out, quiet=quiet)
    positive = sum(bool(example.labels) for contract in contracts for example in contract.examples)
    if only == "clauses" and not clauses:
        raise TrainingError(f"{folder} has no {CLAUSES} with marked clauses to learn from.")
    if not positive and not clauses:
        hint = " Contracts annotated there are held out; --all learns from them." if held_out else ""
        raise TrainingError(f"{folder} holds no contract with labelled milestones to learn from.{hint}")
    if clauses:
        finder = train_clauses(clauses)
        with _saving(target):
            finder.save(target / MODEL)
        marked = sum(bool(example.labels) for contract in clauses for example in contract.examples)
        seen = sum(len(contract.examples) for contract in clauses)
        print(f"Learned from {len(clauses)} contracts: {seen} passages, of which {marked} are clauses of a term.")
    if positive:
        models = train_milestones(contracts)
        with _saving(target):
            save_milestones(models, target)
        examples = sum(len(contract.examples) for contract in contracts)
        lost = sum(contract.lost for contract in contracts)
        print(f"Learned from {len(contracts)} contracts: {examples} stated times, of which {positive} are milestones.")
        if lost:
            print(f"{lost} annotated milestones state no time that is recognised; nothing was learned from them.")
        if held_out and any(gold.milestones is not None for gold in load_gold(folder)):
            _train_choice(folder, models, target, quiet=quiet)
    print(f"Saved in {target}.")


def _train_choice(folder: Path, models: tuple[Voices, Voices] | None, target: Path, *, quiet: bool) -> None:
    """Learn how to choose among what the voices (the installed ones) say, from contracts annotated in ``folder``."""
    contracts = _annotated(folder, quiet=quiet)
    trees = train_choice(hear_all(contracts, models))
    if trees is None:
        raise TrainingError(f"{folder} holds no contract with annotated milestones to learn from.")
    with _saving(target):
        trees.save(target / NAME)
    print(f"Learned from {len(contracts)} annotated contracts how to choose among the stated times.")


@contextmanager
def _saving(target: Path) -> Iterator[None]:
    try:
        target.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise TrainingError(f"{target}: {error.strerror}.") from error


def _clauses(folder: Path, *, quiet: bool) -> list[ClauseExamples]:
    return _all(marked_examples(folder, load_clauses(folder / CLAUSES), installed_rules()), folder, quiet=quiet)


def _contracts(folder: Path, *, held_out: bool, quiet: bool) -> list[Examples]:
    return _all(milestone_examples(folder, installed_rules(), held_out=held_out), folder, quiet=quiet)


def _annotated(folder: Path, *, quiet: bool) -> list[Examples]:
    return _all(annotated_examples(folder, installed_rules()), folder, quiet=quiet)


def _all(examples: Iterator[E], folder: Path, *, quiet: bool) -> list[E]:
    contracts: list[E] = []
    total = len(load_gold(folder))
    try:
        with progress("Reading", quiet=quiet) as advance:
            for contract in examples:
                contracts.append(contract)
                advance(total, len(contracts))
    except OSError as error:
        raise TrainingError(f"{error.filename or folder}: {error.strerror}.") from error
    except DocumentError as error:
        raise TrainingError(f"A labelled contract cannot be read: {error.problem.message}") from error
    return contracts

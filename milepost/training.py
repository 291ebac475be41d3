"""``milepost train``: the classifiers that choose milestones, learned anew from labelled contracts."""

from pathlib import Path

from extractors.nlp import TRAINED
from milepost.console import progress
from models.problem import DocumentError
from pipeline.evaluation.gold import load_gold
from pipeline.training.milestones import Examples
from pipeline.training.train import milestone_examples, save_milestones, train_milestones
from rules.loader import installed_rules


class TrainingError(Exception):
    """There is nothing to learn from, or no place to put what was learned."""


def run(folder: Path, out: Path | None, *, held_out: bool, quiet: bool) -> None:
    """Train the classifiers on ``folder`` and save them in ``out``, by default where the program looks for them."""
    target = out or TRAINED
    contracts = _contracts(folder, held_out=held_out, quiet=quiet)
    positive = sum(bool(example.labels) for contract in contracts for example in contract.examples)
    if not positive:
        hint = " Contracts annotated there are held out; --all learns from them." if held_out else ""
        raise TrainingError(f"{folder} holds no contract with labelled milestones to learn from.{hint}")
    models = train_milestones(contracts)
    try:
        target.mkdir(parents=True, exist_ok=True)
        save_milestones(models, target)
    except OSError as error:
        raise TrainingError(f"{target}: {error.strerror}.") from error
    examples = sum(len(contract.examples) for contract in contracts)
    lost = sum(contract.lost for contract in contracts)
    print(f"Learned from {len(contracts)} contracts: {examples} stated times, of which {positive} are milestones.")
    if lost:
        print(f"{lost} annotated milestones state no time that is recognised; nothing was learned from them.")
    print(f"Saved in {target}.")


def _contracts(folder: Path, *, held_out: bool, quiet: bool) -> list[Examples]:
    contracts: list[Examples] = []
    total = len(load_gold(folder))
    try:
        with progress("Reading", quiet=quiet) as advance:
            for contract in milestone_examples(folder, installed_rules(), held_out=held_out):
                contracts.append(contract)
                advance(total, len(contracts))
    except OSError as error:
        raise TrainingError(f"{error.filename or folder}: {error.strerror}.") from error
    except DocumentError as error:
        raise TrainingError(f"A labelled contract cannot be read: {error.problem.message}") from error
    return contracts

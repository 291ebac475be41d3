"""Labelled contracts read for commands that learn from them, or measure what was learned on others."""

from pathlib import Path

from milepost.console import progress, tell
from milepost.settings import Settings
from milepost.wiring import options
from models.business import WEEKENDS_ONLY, calendar_for
from models.problem import DocumentError
from pipeline.evaluation.folds import folds
from pipeline.evaluation.gold import load_gold
from pipeline.read import read
from pipeline.training.clauses import load_clauses
from pipeline.training.held_out import Answers, Conditions, Labelled, held_out_answers, labelled
from rules.loader import installed_rules

CLAUSES = "clauses.jsonl"
"""The file of a labelled folder that holds the clauses marked in its contracts."""


def conditions(settings: Settings) -> Conditions:
    """How dates are counted by the settings."""
    given = options(settings)
    calendar = calendar_for(given.jurisdiction) if given.jurisdiction else WEEKENDS_ONLY
    return Conditions(calendar, given.conventions)


def read_labelled(folder: Path, settings: Settings, *, quiet: bool) -> tuple[list[Labelled], int]:
    """The contracts of ``folder`` made ready, and how many could not be read."""
    given, rules = options(settings), installed_rules()
    contracts, clauses = load_gold(folder), load_clauses(folder / CLAUSES)
    ready: list[Labelled] = []
    with progress("Reading", quiet=quiet) as advance:
        for number, gold in enumerate(contracts, 1):
            try:
                _, source = read(gold.path.name, gold.path.read_bytes(), given.limits, ocr=given.ocr)
                if source.text.strip():
                    ready.append(labelled(gold, source, clauses.get(gold.file), rules, conditions(settings)))
            except DocumentError as error:
                tell(f"{gold.file}: {error.problem.message}")
            except OSError as error:
                tell(f"{gold.file}: {error.strerror}.")
            advance(len(contracts), number)
    return ready, len(contracts) - len(ready)


def hold_out(
    contracts: list[Labelled], group_of: dict[str, int] | dict[str, str], settings: Settings, *, quiet: bool
) -> list[Answers]:
    """What is said of each contract by what was learned from the other groups'."""
    done = 0
    with progress("Holding out", quiet=quiet) as advance:

        def one_more() -> None:
            nonlocal done
            done += 1
            advance(len(contracts), done)

        return held_out_answers(contracts, group_of, installed_rules(), conditions(settings), one_more)


def by_company(contracts: list[Labelled]) -> dict[str, int]:
    """The fold of each contract: companies apart."""
    return folds(one.gold.file for one in contracts)

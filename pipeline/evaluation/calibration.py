"""The table of confidences: milestones' steps, fitted to what was found, and the file that holds all of it.

What is fitted is the score before calibration, so the answers must come from an extraction without steps. The weights
of terms are fitted to answers held out (``pipeline.training.held_out``).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from extractors import calibration
from extractors.confidence import MILESTONE, calibrated
from pipeline.evaluation.folds import FOLDS, folds
from pipeline.evaluation.report import Judged
from pipeline.evaluation.statistics import Answer, calibration_error

_HEADER = """\
# The chance that an answer is right, fitted on labelled contracts by `milepost evaluate DIR --calibrate`.
# Terms, by field, values and absences apart: the weight of each signal in a logistic regression ("always" counts
# without one; extractors/confidence.py says what each is). Milestones: steps of [score, confidence]; a score between
# two steps is read off the line between them. A milestone is right when it is found, whatever its timing.
"""

Table = dict[str, JsonValue]


class Scored(NamedTuple):
    """One answer about a contract: the key of its steps, its score, and whether it was right."""

    file: str
    key: str
    score: float
    right: bool


class Fit(NamedTuple):
    """How well the steps of one key do: calibration error of the bare scores, and of confidences fitted on others."""

    key: str
    answers: int
    right: float
    before: float
    after: float


def milestone_answers(judged: Iterable[Judged]) -> list[Scored]:
    """The milestones of contracts where they were annotated."""
    return [
        Scored(answer.file, MILESTONE, answer.confidence, answer.found)
        for contract in judged
        for answer in contract.milestones
    ]


def fit(answers: Iterable[Scored]) -> Table:
    """The steps of every key."""
    groups: dict[str, list[calibration.Judged]] = defaultdict(list)
    for answer in answers:
        groups[answer.key].append(calibration.Judged(answer.score, answer.right))
    total = sum(map(len, groups.values()))
    usual = sum(answer.right for group in groups.values() for answer in group) / total if total else None
    return {key: [list(step) for step in calibration.fit_steps(groups[key], usual)] for key in sorted(groups)}


def cross_validate(answers: Sequence[Scored], count: int = FOLDS) -> list[Fit]:
    """The fit of every key on the contracts of companies that it was not learned from."""
    fold = folds((answer.file for answer in answers), count)
    bare: dict[str, list[Answer]] = defaultdict(list)
    fitted: dict[str, list[Answer]] = defaultdict(list)
    for held_out in range(count):
        table: Mapping[str, JsonValue] = {"confidence": fit(a for a in answers if fold[a.file] != held_out)}
        for _, key, score, right in (answer for answer in answers if fold[answer.file] == held_out):
            bare[key].append(Answer(score, right, True))
            fitted[key].append(Answer(calibrated(table, key, score), right, True))
    return [
        Fit(
            key,
            len(bare[key]),
            sum(answer.right for answer in bare[key]) / len(bare[key]),
            calibration_error(bare[key]),
            calibration_error(fitted[key]),
        )
        for key in sorted(bare)
    ]


def render_table(table: Table) -> str:
    """The table as its rule file."""
    return _HEADER + "".join(map(_entry, sorted(table), (table[key] for key in sorted(table))))


def _entry(key: str, value: JsonValue) -> str:
    if not isinstance(value, dict):
        return f"{key}: {json.dumps(value)}\n"
    return f"{key}:\n" + "".join(f"  {name}: {json.dumps(weight)}\n" for name, weight in value.items())


def render_fits(fits: Iterable[Fit]) -> str:
    """The fits for people."""
    rows = [f"{'answer':28} {'n':>5} {'right':>6} {'error: bare':>12} {'fitted':>7}"]
    rows += [f"{one.key:28} {one.answers:5} {one.right:6.3f} {one.before:12.3f} {one.after:7.3f}" for one in fits]
    return "\n".join(rows)

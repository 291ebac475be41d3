"""What decisions teach: labelled contracts, errors of each rule, and confidences as right as people found them.

Only what people decided counts; what a policy accepted proves nothing about the program.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from extractors.confidence import ALWAYS
from models.contract import FIVE_TERMS, Milestone, Term, TermState
from models.decision import PROGRAM, ItemState, ItemSubject
from models.period import Period, Unit
from models.proportion import Proportion, wilson
from review.errors import Invalid
from review.resolving import human_value
from store.review_queue import DONE, OPEN
from store.review_tables import ReviewItem
from store.tables import Contract, Document, MilestoneRow, TermRow

FEWEST = 15
"""Decisions on a kind of answer from which on its confidences are fitted anew."""
PENALTY = 4.0
"""How strongly a fit is held to leaving things as they are, in decisions."""
MILESTONES = "milestone"
"""Names the confidences of all milestones, beside those of each field of the terms."""

_ROUNDS = 50
_UNSAFE = re.compile(r"[^\w.() -]+")
_LONGEST_NAME = 120


class RuleErrors(NamedTuple):
    """How people decided on what a rule found. ``wrong``: the share corrected or rejected, with its interval."""

    rule: str
    kind: str
    accepted: int
    corrected: int
    rejected: int
    wrong: Proportion


class Judged(NamedTuple):
    """An answer's confidence when it was decided, and whether it was right."""

    confidence: float
    right: bool


class Fit(NamedTuple):
    """How confidences of one kind were, and are then: the mean squared error of each (Brier score)."""

    kind: str
    decisions: int
    right: int
    mean_before: float
    mean_after: float
    brier_before: float
    brier_after: float


class Labelled(NamedTuple):
    """What was exported: contracts with terms, those of them with all milestones, and documents that are gone."""

    contracts: int
    with_milestones: int
    missing: list[str]


Table = Mapping[str, Any]
"""Confidences as ``rules/confidence.yaml`` has them: weights (a mapping) or steps (a list) for each kind of answer."""


def rule_errors(session: Session) -> list[RuleErrors]:
    """The rules that people decided on, those with the most errors first."""
    statement = (
        columns(col(ReviewItem.rule), col(ReviewItem.kind), col(ReviewItem.state), func.count())
        .where(*_by_people(), col(ReviewItem.rule).is_not(None), col(ReviewItem.subject) != ItemSubject.ADDED)
        .group_by(col(ReviewItem.rule), col(ReviewItem.kind), col(ReviewItem.state))
    )
    counted: dict[tuple[str, str], dict[ItemState, int]] = {}
    for rule, kind, state, count in session.execute(statement):
        counted.setdefault((rule, kind), {})[state] = count
    found = []
    for (rule, kind), states in counted.items():
        accepted, corrected, rejected = (states.get(state, 0) for state in DONE)
        total = accepted + corrected + rejected
        found.append(RuleErrors(rule, kind, accepted, corrected, rejected, wilson(corrected + rejected, total)))
    return sorted(found, key=lambda one: (-one.wrong.count, one.rule, one.kind))


def missed(session: Session) -> dict[str, int]:
    """How many milestones of each kind people added, for the program had missed them."""
    statement = columns(col(ReviewItem.kind), func.count()).where(
        col(ReviewItem.subject) == ItemSubject.ADDED, col(ReviewItem.state) == ItemState.CORRECTED
    )
    return dict(session.execute(statement.group_by(col(ReviewItem.kind))).tuples().all())


def export_labels(session: Session, folder: Path, read_document: Callable[[str], bytes]) -> Labelled:
    """Write what people decided as labelled contracts that `milepost evaluate FOLDER` reads.

    ``gold.jsonl`` has the five terms of each contract of which one was decided (the others are unscored);
    ``milestones.jsonl`` the milestones of those of which all are decided; ``pdf/`` the documents. Raises ``Invalid``
    for a folder that holds anything.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(f"{folder} is not an empty folder.", "folder")
    documents = folder / "pdf"
    documents.mkdir(parents=True, exist_ok=True)
    count = whole = 0
    missing: list[str] = []
    with (
        (folder / "gold.jsonl").open("w", encoding="utf-8") as gold,
        (folder / "milestones.jsonl").open("w", encoding="utf-8") as milestones,
    ):
        for contract, items in _decided_contracts(session):
            file = _file_name(session.get_one(Document, contract.document_sha256))
            try:
                data = read_document(contract.document_sha256)
            except (OSError, LookupError) as error:
                missing.append(f"{contract.name}: {error}")
                continue
            (documents / file).write_bytes(data)
            gold.write(_line({"file": file} | term_labels(items)))
            count += 1
            if (labels := milestone_labels(items)) is not None:
                milestones.write(_line({"file": file, "milestones": labels}))
                whole += 1
    return Labelled(count, whole, missing)


def term_labels(items: Iterable[ReviewItem]) -> dict[str, Any]:
    """The five terms as labels: present with the accepted value, absent, or unscored where nobody decided."""
    decided = {item.term_field: item for item in items if item.state in DONE and item.decided_by != PROGRAM.id}
    labels: dict[str, Any] = {}
    for field in FIVE_TERMS:
        item = decided.get(field)
        if item is None:
            labels[str(field)] = {"state": "unscored"}
            continue
        value = human_value(item)
        stated = term_label(value) if isinstance(value, Term) else None
        if item.state is ItemState.REJECTED or (isinstance(value, Term) and value.state is TermState.ABSENT):
            labels[str(field)] = {"state": "absent"}
        elif stated is None:
            labels[str(field)] = {"state": "unscored"}  # it hangs on a fact that the text does not give
        else:
            labels[str(field)] = {"state": "present", "any_of": [stated]}
    return labels


def milestone_labels(items: Sequence[ReviewItem]) -> list[dict[str, Any]] | None:
    """The milestones of a contract as labels; None while people have not decided them all, or there is none."""
    milestones = [item for item in items if item.subject is not ItemSubject.TERM]
    if not milestones or any(item.state in OPEN or item.decided_by == PROGRAM.id for item in milestones):
        return None
    values = [human_value(item) for item in milestones if item.state.confirmed]
    return [milestone_label(value) for value in values if isinstance(value, Milestone)]


def term_label(term: Term) -> Any:
    """A term's value in the form of the machine-readable output; None where it has none."""
    if term.perpetual:
        return "perpetual"
    if term.date is not None:
        return term.date.isoformat()
    if term.notice is not None:
        return _length(term.notice)
    if term.renewal is not None:
        if term.renewal.perpetual:
            return "perpetual"
        if term.renewal.period is not None:
            how = {"successive": term.renewal.successive, "automatic": term.renewal.automatic}
            times = {} if term.renewal.times is None else {"times": term.renewal.times}
            return _length(term.renewal.period) | how | times
    return None


def milestone_label(milestone: Milestone) -> dict[str, Any]:
    """A milestone in the form of the machine-readable output, without what does not apply."""
    offset = milestone.offset
    label = {
        "kind": str(milestone.kind),
        "quote": milestone.quote,
        "date": milestone.date.isoformat() if milestone.date else None,
        "offset": offset.count if offset else None,
        "unit": ("business_day" if offset.business else str(offset.unit)) if offset else None,
        "direction": str(milestone.direction) if milestone.direction else None,
        "anchor": milestone.anchor,
        "recurrence": str(milestone.recurrence) if milestone.recurrence else None,
        "amount": milestone.amount.text if milestone.amount else None,
        "who": milestone.who,
    }
    return {name: value for name, value in label.items() if value is not None}


def judged_answers(session: Session) -> dict[str, list[Judged]]:
    """How sure the program was of each answer that people decided, by field of a term, and of milestones.

    A term is right when it was accepted as it was; a milestone when it is one, whatever its timing. Only answers that
    the program still gives as they were decided are taken: their confidence is known.
    """
    answers: dict[str, list[Judged]] = {}
    terms = (
        select(ReviewItem, TermRow)
        .join(
            TermRow,
            (col(TermRow.contract_id) == ReviewItem.contract_id) & (col(TermRow.field) == ReviewItem.term_field),
        )
        .where(*_by_people(), col(TermRow.version) == ReviewItem.machine_version)
    )
    for item, row in session.exec(terms):
        right = item.state is ItemState.ACCEPTED
        answers.setdefault(row.field.value, []).append(Judged(row.machine_confidence, right))
    milestones = (
        select(ReviewItem, MilestoneRow)
        .join(MilestoneRow, col(MilestoneRow.key) == col(ReviewItem.milestone_key))
        .where(*_by_people(), col(MilestoneRow.version) == ReviewItem.machine_version)
    )
    for item, found in session.exec(milestones):
        right = item.state is not ItemState.REJECTED
        answers.setdefault(MILESTONES, []).append(Judged(found.machine_confidence, right))
    return answers


def recalibrate(table: Table, answers: Mapping[str, Sequence[Judged]]) -> tuple[dict[str, Any], list[Fit]]:
    """The table of confidences, with those kinds moved of which people decided enough; and how much it helps.

    Platt's scaling: the log odds of each confidence are stretched and shifted to fit the decisions, held back by a
    penalty, so that few decisions move little. The order of answers within a kind stays what it was.
    """
    moved = dict(table)
    fits: list[Fit] = []
    for kind, decided in sorted(answers.items()):
        if len(decided) < FEWEST:
            continue
        slope, shift = _platt(decided)
        for key in table:
            if key.split(".")[0] == kind:
                moved[key] = _scaled(table[key], slope, shift)
        fits.append(_fit(kind, decided, slope, shift))
    return moved, fits


def _scaled(entry: Any, slope: float, shift: float) -> Any:
    """One entry of the table: the weights of a logistic function, or steps of score and confidence."""
    if isinstance(entry, Mapping):
        weights = {name: round(weight * slope, 4) for name, weight in entry.items()}
        return weights | {ALWAYS: round(weights.get(ALWAYS, 0.0) + shift, 4)}
    return [[score, round(_logistic(slope * _log_odds(confidence) + shift), 3)] for score, confidence in entry]


def _platt(decided: Sequence[Judged]) -> tuple[float, float]:
    """Slope and shift of the log odds that fit the decisions, by Newton's method; (1, 0) changes nothing."""
    slope, shift = 1.0, 0.0
    for _ in range(_ROUNDS):
        g0, g1 = PENALTY * (slope - 1), PENALTY * shift
        h00, h01, h11 = PENALTY, 0.0, PENALTY
        for confidence, right in decided:
            x = _log_odds(confidence)
            p = _logistic(slope * x + shift)
            error, weight = p - right, p * (1 - p)
            g0, g1 = g0 + error * x, g1 + error
            h00, h01, h11 = h00 + weight * x * x, h01 + weight * x, h11 + weight
        determinant = h00 * h11 - h01 * h01
        d0, d1 = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
        slope, shift = slope - d0, shift - d1
        if abs(d0) + abs(d1) < 1e-9:
            break
    # A negative slope would turn the order round: then the confidences told nothing, and the share alone is left.
    return max(slope, 0.05), shift


def _fit(kind: str, decided: Sequence[Judged], slope: float, shift: float) -> Fit:
    before = [one.confidence for one in decided]
    after = [_logistic(slope * _log_odds(one.confidence) + shift) for one in decided]
    count = len(decided)
    return Fit(
        kind,
        count,
        sum(one.right for one in decided),
        sum(before) / count,
        sum(after) / count,
        sum((p - one.right) ** 2 for p, one in zip(before, decided, strict=True)) / count,
        sum((p - one.right) ** 2 for p, one in zip(after, decided, strict=True)) / count,
    )


def _log_odds(confidence: float) -> float:
    held = min(max(confidence, 0.005), 0.995)
    return math.log(held / (1 - held))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(min(value, 30.0), -30.0)))


def _length(period: Period) -> dict[str, Any]:
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}.get(period.unit)
    if months is not None:
        return {"months": period.count * months}
    days: dict[str, Any] = {"days": period.count * (7 if period.unit is Unit.WEEK else 1)}
    return days | {"business": True} if period.business else days


def _decided_contracts(session: Session) -> Iterator[tuple[Contract, list[ReviewItem]]]:
    """Contracts of which people decided a term, with all items that count."""
    statement = (
        select(Contract)
        .where(
            columns(col(ReviewItem.id))
            .where(col(ReviewItem.contract_id) == col(Contract.id), *_by_people())
            .where(col(ReviewItem.term_field).in_(FIVE_TERMS))
            .exists()
        )
        .order_by(col(Contract.id))
    )
    for contract in session.exec(statement).all():
        items = session.exec(
            select(ReviewItem)
            .where(ReviewItem.contract_id == contract.id, ReviewItem.state != ItemState.SUPERSEDED)
            .order_by(col(ReviewItem.id))
        )
        yield contract, list(items)


def _by_people() -> tuple[Any, ...]:
    return col(ReviewItem.state).in_(DONE), col(ReviewItem.decided_by) != PROGRAM.id


def _file_name(document: Document) -> str:
    """A name that no other document of the export has, and that leads out of no folder."""
    path = PurePath(document.name)
    stem = _UNSAFE.sub("_", path.stem)[:_LONGEST_NAME].strip(" .") or "document"
    return f"{stem} {document.sha256[:8]}{_UNSAFE.sub('', path.suffix)[:8]}"


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"

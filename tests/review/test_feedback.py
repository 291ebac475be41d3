import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from extractors.confidence import ALWAYS
from models.contract import Renewal, Term, TermField, TermState
from models.decision import Change, Timing
from models.period import Period, Unit
from pipeline.evaluation.gold import load_gold
from pipeline.output import milestone_object, term_value
from review.deciding import accept, correct, reject
from review.errors import Invalid
from review.feedback import (
    Judged,
    export_labels,
    judged_answers,
    milestone_label,
    missed,
    recalibrate,
    rule_errors,
    term_label,
)
from store.engine import reading, writing
from store.review_queue import EVERYTHING, page
from tests.review.desk import ANNA, NOW, TODAY, item, milestones, outcome, read, terms

NOTICE = "Last day to give notice"


def decide(session: Session, contract_id: str, how: dict[str, str]) -> None:
    """Decide the items of a contract: ``accept`` all but those that are named."""
    for listed in page(session, EVERYTHING._replace(contract=contract_id), limit=100):
        found = item(session, listed.item.title, contract_id)
        match how.get(found.title, "accept"):
            case "accept":
                accept(session, found.id, found.version, ANNA, NOW)
            case "reject":
                reject(session, found.id, found.version, ANNA, NOW, reason="wrong")
            case "date":
                change = Change(timing=Timing(date=TODAY))
                correct(session, found.id, found.version, ANNA, NOW, change)


@pytest.fixture
def decided(engine: Engine) -> Engine:
    """Two contracts: all of one decided, of the other a term; a third that nobody looked at."""
    whole, partly, _ = (read(engine, outcome(name)) for name in ("a b/ü.pdf", "b.pdf", "c.pdf"))
    with writing(engine) as session:
        decide(session, whole, {"First instalment": "reject", "Agreement date": "reject", NOTICE: "date"})
        found = item(session, "Effective date", partly)
        accept(session, found.id, found.version, ANNA, NOW)
    return engine


def test_corrections_come_out_as_labelled_contracts_that_the_evaluation_reads(decided: Engine, tmp_path: Path) -> None:
    with reading(decided) as session:
        done = export_labels(session, tmp_path / "labels", lambda sha256: f"document {sha256}".encode())
    assert (done.contracts, done.with_milestones, done.missing) == (2, 1, [])
    gold = {contract.file[0]: contract for contract in load_gold(tmp_path / "labels")}
    whole, partly = gold["ü"], gold["b"]
    assert whole.path.read_bytes().startswith(b"document ")
    assert whole.terms == {
        "agreement_date": (),
        "effective_date": ("2024-10-01",),
        "expiration_date": ("2027-10-01",),
        "renewal_term": (),
        "notice_period": ({"days": 90},),
    }
    assert partly.terms == {"effective_date": ("2024-10-01",)}
    assert partly.milestones is None
    assert whole.milestones is not None
    assert {label["kind"] for label in whole.milestones} == {"notice", "payment", "review"}
    assert {label.get("date") for label in whole.milestones} == {TODAY.isoformat(), None}


def test_a_document_that_is_gone_is_named_and_the_others_come_out(decided: Engine, tmp_path: Path) -> None:
    def gone(sha256: str) -> bytes:
        raise FileNotFoundError(f"no {sha256[:4]}")

    with reading(decided) as session:
        done = export_labels(session, tmp_path / "labels", gone)
        assert (done.contracts, len(done.missing)) == (0, 2)
        with pytest.raises(Invalid, match="not an empty folder"):
            export_labels(session, tmp_path / "labels", gone)


@pytest.mark.parametrize(
    "term",
    [
        *terms(),
        Term(field=TermField.EXPIRATION_DATE, state=TermState.FOUND, confidence=1, perpetual=True),
        Term(
            field=TermField.RENEWAL_TERM,
            state=TermState.FOUND,
            confidence=1,
            renewal=Renewal(period=Period(count=2, unit=Unit.YEAR), automatic=True, times=3),
        ),
        Term(
            field=TermField.RENEWAL_TERM,
            state=TermState.FOUND,
            confidence=1,
            renewal=Renewal(perpetual=True),
        ),
        Term(
            field=TermField.NOTICE_PERIOD,
            state=TermState.FOUND,
            confidence=1,
            notice=Period(count=10, unit=Unit.DAY, business=True),
        ),
    ],
)
def test_a_label_of_a_term_has_the_form_of_the_output(term: Term) -> None:
    if term.field in {TermField.TITLE, TermField.CONTRACT_TYPE}:
        return
    assert term_label(term) == term_value(term)


def test_a_label_of_a_milestone_says_what_the_output_says() -> None:
    for milestone in milestones():
        label, printed = milestone_label(milestone), milestone_object(milestone)
        amount = printed.pop("amount")
        assert (label.pop("amount", None) is None) == (amount is None)
        assert label == {name: printed[name] for name in label}
    assert milestone_label(milestones()[0])["unit"] == "day"


def test_rules_are_judged_by_what_people_decided(decided: Engine) -> None:
    with reading(decided) as session:
        found = {(one.rule, one.kind): one for one in rule_errors(session)}
        assert missed(session) == {}
    payment = found["payment.rule@1", "payment"]
    assert (payment.accepted, payment.corrected, payment.rejected, payment.wrong.count) == (1, 0, 1, 1)
    assert found["notice.rule@1", "notice"].corrected == 1
    assert found["effective_date.rule@1", "effective_date"].accepted == 2
    assert next(iter(found)) != ("effective_date.rule@1", "effective_date")


def test_answers_are_judged_as_they_were_when_they_were_decided(decided: Engine) -> None:
    with reading(decided) as session:
        found = judged_answers(session)
    assert found["effective_date"] == [Judged(0.9, True), Judged(0.9, True)]
    assert found["agreement_date"] == [Judged(0.55, False)]
    # A milestone that was corrected is one all the same.
    assert sorted(found["milestone"]) == [
        Judged(0.8, True),
        Judged(0.8, True),
        Judged(0.8, True),
        Judged(0.95, False),
    ]
    # A new reading that is surer of itself says nothing about how sure the old one was.
    surer = tuple(term.model_copy(update={"confidence": 0.99}) for term in terms())
    read(decided, outcome("b.pdf", terms=surer), ruleset="r2")
    with reading(decided) as session:
        assert judged_answers(session)["effective_date"] == [Judged(0.9, True)]


TABLE: dict[str, Any] = {
    "expiration_date.value": {ALWAYS: 1.0, "rule": 0.5},
    "expiration_date.absence": {ALWAYS: -1.0},
    "notice_period.value": {ALWAYS: 2.0},
    "milestone.found": [[0.2, 0.3], [0.9, 0.9]],
}


def answers(share: float, count: int = 400, confidence: float = 0.9) -> list[Judged]:
    right = round(share * count)
    return [Judged(confidence, number < right) for number in range(count)]


def test_confidences_move_to_what_people_found_and_keep_their_order() -> None:
    moved, fits = recalibrate(TABLE, {"expiration_date": answers(0.6), "milestone": answers(0.7)})
    assert moved["notice_period.value"] == TABLE["notice_period.value"]
    by_kind = {fit.kind: fit for fit in fits}
    assert by_kind["expiration_date"].mean_after == pytest.approx(0.6, abs=0.02)
    assert by_kind["milestone"].mean_after == pytest.approx(0.7, abs=0.02)
    for fit in fits:
        assert fit.brier_after < fit.brier_before
    steps = moved["milestone.found"]
    assert [score for score, _ in steps] == [0.2, 0.9]
    assert steps[0][1] < steps[1][1]
    assert steps[1][1] == pytest.approx(0.7, abs=0.02)


def test_confidences_that_are_right_already_stay() -> None:
    draw = random.Random(5)
    decided = []
    for _ in range(3000):
        confidence = draw.uniform(0.3, 0.98)
        decided.append(Judged(confidence, draw.random() < confidence))
    moved, [fit] = recalibrate(TABLE, {"milestone": decided})
    for (_, before), (_, after) in zip(TABLE["milestone.found"], moved["milestone.found"], strict=True):
        assert after == pytest.approx(before, abs=0.06)
    assert fit.brier_after <= fit.brier_before + 0.001


def test_few_decisions_move_nothing_and_some_move_little() -> None:
    assert recalibrate(TABLE, {"milestone": answers(0.0, 10)}) == (TABLE, [])
    _, [some] = recalibrate(TABLE, {"milestone": answers(0.5, 20)})
    assert 0.5 < some.mean_after < 0.9


def test_nothing_was_decided_and_nothing_comes_out(sqlite_engine: Engine, tmp_path: Path) -> None:
    read(sqlite_engine)
    with reading(sqlite_engine) as session:
        assert rule_errors(session) == []
        assert judged_answers(session) == {}
        assert export_labels(session, tmp_path / "labels", lambda _: b"").contracts == 0

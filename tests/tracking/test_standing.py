"""How occurrences and contracts stand on a day; every status, and which fact an unknown one misses."""

import datetime as dt

import pytest

from models.contract import Term, TermField, TermState
from models.dateexpr import Anchor, AnchorName, TermEnd
from models.tracked import (
    Choice,
    ContractSettings,
    ContractStatus,
    CycleDecision,
    OccurrenceState,
    Proof,
    Stage,
    Standing,
    TrackedContract,
)
from tests.tracking.building import (
    START,
    contract,
    day,
    effective,
    lasting,
    noticed,
    period,
    perpetual,
    renewing,
    until,
)
from tracking.planning import Frame, term_of
from tracking.standing import ContractStanding, contract_standing, standing

TERMS = (effective("2024-01-01"), lasting("1 year"))
TACIT = (*TERMS, renewing("1 year"), noticed("60 days"))
FROM_DELIVERY = Term(
    field=TermField.EXPIRATION_DATE,
    state=TermState.BLOCKED,
    confidence=1,
    expr=TermEnd(start=Anchor(name=AnchorName.DELIVERY), period=period("2 years")),
)


def stand(one: TrackedContract, today: str) -> ContractStanding:
    on = day(today)
    frame = Frame(today=on, start=on - dt.timedelta(days=30), end=on + dt.timedelta(days=400))
    return contract_standing(one, term_of(one, frame), on, notice_window=120, expiring=90)


def decided(choice: Choice, cycle: int = 1) -> CycleDecision:
    return CycleDecision(
        cycle=cycle, choice=choice, reason="r", proof=Proof(note="letter"), decided_by="ann", decided_at=START
    )


@pytest.mark.parametrize(
    ("terms", "today", "expected"),
    [
        (TACIT, "2024-03-01", ContractStatus.ACTIVE),
        (TACIT, "2024-07-05", ContractStatus.NOTICE_WINDOW_OPEN),  # 120 days before 2 Nov 2024
        (TACIT, "2024-11-02", ContractStatus.NOTICE_WINDOW_OPEN),
        (TACIT, "2024-11-03", ContractStatus.UP_FOR_RENEWAL),
        (TACIT, "2025-01-01", ContractStatus.UP_FOR_RENEWAL),
        (TACIT, "2025-01-02", ContractStatus.ACTIVE),
        ((*TERMS, renewing("1 year")), "2024-09-01", ContractStatus.ACTIVE),
        ((*TERMS, renewing("1 year")), "2024-10-03", ContractStatus.UP_FOR_RENEWAL),
        (TERMS, "2024-10-02", ContractStatus.ACTIVE),
        (TERMS, "2024-10-03", ContractStatus.EXPIRING),
        (TERMS, "2025-01-01", ContractStatus.EXPIRING),
        (TERMS, "2025-01-02", ContractStatus.EXPIRED),
        ((effective("2024-01-01"), perpetual()), "2030-01-01", ContractStatus.EVERGREEN),
        ((effective("2024-01-01"), until("2024-06-30")), "2024-02-01", ContractStatus.ACTIVE),
    ],
)
def test_a_contract_has_the_status_of_its_day(terms: tuple[Term, ...], today: str, expected: ContractStatus) -> None:
    assert stand(contract("a", *terms), today).status is expected


@pytest.mark.parametrize(
    ("terms", "missing"),
    [
        ((effective("2024-01-01"), FROM_DELIVERY), "delivery"),
        ((effective("2024-01-01"),), "end of the term"),
        ((), "end of the term"),
    ],
)
def test_an_unknown_status_says_which_fact_is_missing(terms: tuple[Term, ...], missing: str) -> None:
    found = stand(contract("a", *terms), "2024-03-01")
    assert found.status is ContractStatus.UNKNOWN
    assert missing in (found.missing or "").lower()


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage.DRAFT, ContractStatus.DRAFT),
        (Stage.IN_REVIEW, ContractStatus.IN_REVIEW),
        (Stage.AWAITING_APPROVAL, ContractStatus.AWAITING_APPROVAL),
        (Stage.SIGNED, ContractStatus.ACTIVE),
    ],
)
def test_before_it_is_signed_its_stage_counts(stage: Stage, expected: ContractStatus) -> None:
    one = contract("a", *TACIT, draft=True, settings=ContractSettings(stage=stage))
    assert stand(one, "2024-03-01").status is expected


def test_a_document_that_is_a_draft_is_one_until_somebody_says_otherwise() -> None:
    assert stand(contract("a", *TACIT, draft=True), "2024-03-01").status is ContractStatus.DRAFT


@pytest.mark.parametrize(
    ("choice", "today", "expected"),
    [
        (Choice.RENEW, "2024-08-01", ContractStatus.ACTIVE),
        (Choice.RENEGOTIATE, "2024-08-01", ContractStatus.NOTICE_WINDOW_OPEN),
        (Choice.TERMINATE, "2024-08-01", ContractStatus.EXPIRING),
        (Choice.TERMINATE, "2025-02-01", ContractStatus.TERMINATED),
        (Choice.LAPSE, "2024-08-01", ContractStatus.EXPIRING),
        (Choice.LAPSE, "2025-02-01", ContractStatus.EXPIRED),
    ],
)
def test_a_decision_about_the_term_shows(choice: Choice, today: str, expected: ContractStatus) -> None:
    one = contract("a", *TACIT).model_copy(update={"decisions": (decided(choice),)})
    assert stand(one, today).status is expected


def test_an_end_out_of_turn_counts_from_its_day() -> None:
    one = contract("a", *TACIT, settings=ContractSettings(terminated_on=day("2024-05-31")))
    assert [stand(one, today).status for today in ("2024-05-01", "2024-05-31", "2024-06-01")] == [
        ContractStatus.EXPIRING,
        ContractStatus.EXPIRING,
        ContractStatus.TERMINATED,
    ]


def test_renewed_beyond_what_the_contract_states_the_new_end_is_missing() -> None:
    one = contract("a", *TERMS).model_copy(update={"decisions": (decided(Choice.RENEW),)})
    found = stand(one, "2025-02-01")
    assert (found.status, found.missing) == (ContractStatus.UNKNOWN, "end of the term it was renewed for")


def test_the_status_never_changes_before_the_day_it_says_it_will() -> None:
    one, today = contract("a", *TACIT), day("2024-01-01")
    found, changes = stand(one, "2024-01-01"), 0
    while today < day("2026-06-01"):
        today += dt.timedelta(days=1)
        now = stand(one, today.isoformat())
        if now.status is not found.status:
            assert found.changes_on is not None
            assert found.changes_on <= today
            changes += 1
        if found.changes_on is None or found.changes_on <= today:
            found = now
        else:
            assert now.status is found.status
    assert changes == 6


@pytest.mark.parametrize(
    ("state", "act_by", "expected"),
    [
        (OccurrenceState.PLANNED, "2025-03-16", Standing.UPCOMING),
        (OccurrenceState.PLANNED, "2025-03-15", Standing.DUE_SOON),
        (OccurrenceState.PLANNED, "2025-03-02", Standing.DUE_SOON),
        (OccurrenceState.PLANNED, "2025-03-01", Standing.DUE),
        (OccurrenceState.PLANNED, "2025-02-28", Standing.OVERDUE),
        (OccurrenceState.BLOCKED, "2025-02-28", Standing.BLOCKED),
        (OccurrenceState.DONE, "2025-02-28", Standing.DONE),
        (OccurrenceState.WAIVED, "2025-02-28", Standing.WAIVED),
        (OccurrenceState.SUPERSEDED, "2025-02-28", Standing.SUPERSEDED),
    ],
)
def test_an_occurrence_stands_by_its_day(state: OccurrenceState, act_by: str, expected: Standing) -> None:
    assert standing(state, day(act_by), day("2025-03-01"), soon=14) is expected

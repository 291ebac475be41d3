"""What people do: acknowledge, snooze, delegate, finish, waive, decide, enter; and what follows from it."""

import datetime as dt
import threading

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from models.tracked import (
    Choice,
    ContractSettings,
    ContractStatus,
    CycleDecision,
    OccurrenceState,
    Proof,
    Purpose,
    ReminderState,
    Risk,
    Stage,
)
from store.engine import reading, writing
from store.tracking_acts import acts_of, acts_of_contract
from store.tracking_occurrences import cycle_decisions, delayed_by, occurrences_of, tracked
from store.tracking_owners import directory, find_owner
from store.tracking_reminders import next_reminder
from store.tracking_tables import OccurrenceRow, TrackingAct
from tests.models.building import day
from tests.tracking.building import (
    START,
    Portfolio,
    after_event,
    at,
    context,
    contract,
    effective,
    lasting,
    milestone,
    monthly,
    noticed,
    perpetual,
    renewing,
    store_contracts,
)
from tests.tracking.office import Office
from tracking.acting import ActError, Desk

QUIET = {"weekday": "none", "days": 30}
THE_GOODS = milestone("goods", "delivery", date="2026-06-30")
GOODS = contract("Supply", effective("2025-01-01"), perpetual(), milestones=[THE_GOODS])
TACIT = contract("Cleaning", effective("2025-06-01"), lasting("1 year"), renewing("1 year"), noticed("90 days"))
DAY = dt.timedelta(days=1)


@pytest.fixture
def office(engine: Engine) -> Office:
    made = Office(engine, [GOODS, TACIT], context(digest=QUIET))
    made.run(START)
    return made


def goods(office: Office) -> OccurrenceRow:
    return office.occurrence("delivery")


def of_goods(office: Office, *purposes: Purpose, state: ReminderState) -> list[int | None]:
    """The rungs of its reminders, in order."""
    id_ = goods(office).id
    return [row.rung for row in office.reminders(*purposes, state=state) if row.occurrence_id == id_]


def test_what_is_acknowledged_does_not_escalate_until_the_next_step(office: Office) -> None:
    office.run(at("2026-05-29"))
    assert of_goods(office, Purpose.DEPUTY, state=ReminderState.PLANNED) == [30]
    with writing(office.engine) as session:
        office.desk.acknowledge(session, goods(office).id, by="ann", now=at("2026-05-30"))
    office.days(at("2026-05-30"), at("2026-06-15"))
    assert of_goods(office, Purpose.DEPUTY, Purpose.GROUP, state=ReminderState.SENT) == []
    office.days(at("2026-06-16"), at("2026-06-22"))
    assert of_goods(office, Purpose.DEPUTY, state=ReminderState.SENT) == [14]


def test_a_snooze_is_silent_until_its_day(office: Office) -> None:
    with writing(office.engine) as session:
        office.desk.snooze(session, goods(office).id, day("2026-06-18"), by="ann", now=at("2026-05-20"))
    office.outbox.messages.clear()
    office.days(at("2026-05-20"), at("2026-06-25"))
    told = [str(message.at.date()) for message in office.outbox.messages if "The goods" in message.subject]
    assert told[0] == "2026-06-18"
    with reading(office.engine) as session:
        coming = next_reminder(session, goods(office).id)
    assert coming is not None


@pytest.mark.parametrize(("until", "said"), [("2026-05-20", "day to come"), ("2026-07-01", "may not be longer")])
def test_a_snooze_may_not_let_the_deadline_pass(office: Office, until: str, said: str) -> None:
    with pytest.raises(ActError, match=said), writing(office.engine) as session:
        office.desk.snooze(session, goods(office).id, day(until), by="ann", now=at("2026-05-20"))


def test_what_is_delegated_is_told_to_the_new_owner_and_stays_theirs(office: Office) -> None:
    office.outbox.messages.clear()
    with writing(office.engine) as session:
        office.desk.delegate(session, goods(office).id, find_owner(session, "finance"), by="ann", now=at("2026-05-05"))
    office.days(at("2026-05-05"), at("2026-05-30"))
    told = [(str(one.at.date()), one.to[0].email) for one in office.outbox.messages if "The goods" in one.subject]
    assert told == [("2026-05-05", "finance@example.com"), ("2026-05-29", "finance@example.com")]
    assert goods(office).owner_fixed


def test_what_is_done_is_not_reminded_of_and_keeps_its_proof(office: Office) -> None:
    with writing(office.engine) as session:
        office.desk.done(
            session, goods(office).id, Proof(note="receipt 17", sha256="ab"), by="ann", now=at("2026-06-01")
        )
    row = goods(office)
    assert (row.state, row.done_on, row.closed_by, row.missed) == (
        OccurrenceState.DONE,
        day("2026-06-01"),
        "ann",
        False,
    )
    assert row.proof == {"note": "receipt 17", "sha256": "ab"}
    office.outbox.messages.clear()
    office.days(at("2026-06-02"), at("2026-07-05"))
    assert not [one for one in office.subjects() if "The goods" in one]
    with pytest.raises(ActError, match="done already"), writing(office.engine) as session:
        office.desk.acknowledge(session, row.id, by="ann", now=at("2026-07-01"))


def test_done_after_its_day_is_kept_as_missed(office: Office) -> None:
    with writing(office.engine) as session:
        office.desk.done(session, goods(office).id, Proof(note="late"), by="ann", now=at("2026-07-03"))
    assert goods(office).missed


def test_nothing_is_done_tomorrow_nor_without_a_proof(office: Office) -> None:
    with pytest.raises(ActError, match="today or before"), writing(office.engine) as session:
        office.desk.done(session, goods(office).id, Proof(note="x"), by="a", now=START, on=START.date() + DAY)
    with pytest.raises(ValueError, match="a note or a file"):
        Proof(note="  ")


def test_what_is_taken_back_is_reminded_of_again_without_repeating_itself(office: Office) -> None:
    id_ = goods(office).id
    office.run(at("2026-05-29"))
    with writing(office.engine) as session:
        office.desk.waive(session, id_, "not needed", by="ann", now=at("2026-05-30"))
    assert not [row for row in office.reminders(state=ReminderState.PLANNED) if row.occurrence_id == id_]
    with writing(office.engine) as session:
        office.desk.reopen(session, id_, by="ann", now=at("2026-06-01"))
    office.days(at("2026-06-01"), at("2026-06-30"))
    sent = [row.rung for row in office.reminders(Purpose.RUNG, state=ReminderState.SENT) if row.occurrence_id == id_]
    assert sorted(one for one in sent if one is not None and one <= 30) == [1, 7, 14, 30]


def test_lead_times_of_one_milestone_stand_before_all_others(office: Office) -> None:
    with writing(office.engine) as session:
        office.desk.set_ladder(session, goods(office).id, [5, 2], by="ann", now=START)
    office.days(at("2026-06-20"), at("2026-06-30"))
    assert of_goods(office, Purpose.RUNG, state=ReminderState.SENT)[-2:] == [5, 2]


def test_lead_times_of_a_contract_stand_before_those_of_the_policy(office: Office) -> None:
    with writing(office.engine) as session:
        office.desk.describe(session, GOODS.id, ContractSettings(ladders={"delivery": (3,)}), by="ann", now=START)
    assert of_goods(office, Purpose.RUNG, state=ReminderState.PLANNED) == [3]


def decision(choice: Choice, cycle: int = 1, proof: str | None = None) -> CycleDecision:
    return CycleDecision(
        cycle=cycle,
        choice=choice,
        reason="price",
        proof=Proof(note=proof) if proof else None,
        decided_by="ann",
        decided_at=START,
    )


def test_a_decision_to_renew_silences_the_notice_of_that_term_alone(office: Office) -> None:
    with writing(office.engine) as session:
        office.desk.decide(session, TACIT.id, decision(Choice.RENEW), now=START)
        assert cycle_decisions(session, [TACIT.id])[TACIT.id][0].reason == "price"
    assert office.occurrence("notice", 1).state is OccurrenceState.WAIVED
    assert office.occurrence("notice", 2).state is OccurrenceState.PLANNED


def test_a_decision_to_terminate_stays_open_until_notice_is_proven(office: Office) -> None:
    with writing(office.engine) as session:
        office.desk.decide(session, TACIT.id, decision(Choice.TERMINATE), now=START)
        assert tracked(session, TACIT.id).status is ContractStatus.EXPIRING
    assert office.occurrence("notice", 1).state is OccurrenceState.PLANNED
    assert office.occurrence("notice", 2).state is OccurrenceState.SUPERSEDED
    with writing(office.engine) as session:
        office.desk.decide(session, TACIT.id, decision(Choice.TERMINATE, proof="posted 9 Jan"), now=START)
    notice = office.occurrence("notice", 1)
    assert (notice.state, notice.proof) == (OccurrenceState.DONE, {"note": "posted 9 Jan"})


def test_a_decision_that_was_changed_brings_the_next_term_back(office: Office) -> None:
    with writing(office.engine) as session:
        office.desk.decide(session, TACIT.id, decision(Choice.TERMINATE), now=START)
        office.desk.decide(session, TACIT.id, decision(Choice.RENEW), now=START)
        assert len(cycle_decisions(session, [TACIT.id])[TACIT.id]) == 2
    assert office.occurrence("notice", 2).state is OccurrenceState.PLANNED
    assert office.occurrence("notice", 1).state is OccurrenceState.WAIVED


def test_terms_far_ahead_cannot_be_decided_about(office: Office) -> None:
    with pytest.raises(ActError, match="cannot be decided about yet"), writing(office.engine) as session:
        office.desk.decide(session, TACIT.id, decision(Choice.RENEW, cycle=7), now=START)


def test_trap_3_after_a_tacit_renewal_the_missed_notice_is_over_and_kept_as_missed(office: Office) -> None:
    office.days(at("2026-02-20"), at("2026-03-10"))
    office.days(at("2026-05-30"), at("2026-06-05"))
    first, second = office.occurrence("notice", 1), office.occurrence("notice", 2)
    assert (first.state, first.missed) == (OccurrenceState.SUPERSEDED, True)
    assert "term 1 ended" in (first.closed_reason or "")
    assert (second.state, str(second.due)) == (OccurrenceState.PLANNED, "2027-03-03")
    with reading(office.engine) as session:
        row = tracked(session, TACIT.id)
    assert (row.cycle, row.status) == (2, ContractStatus.ACTIVE)


def test_deadlines_before_signature_are_entered_and_tracked(engine: Engine) -> None:
    office = Office(engine, [contract("Draft", draft=True)], context(digest=QUIET))
    id_ = next(iter(office.portfolio.contracts))
    with writing(engine) as session:
        office.desk.describe(session, id_, ContractSettings(stage=Stage.AWAITING_APPROVAL), by="ann", now=START)
        made = office.desk.enter(session, id_, "approval", "Board approval", day("2026-01-20"), by="ann", now=START)
        assert tracked(session, id_).status is ContractStatus.AWAITING_APPROVAL
    office.days(START, at("2026-01-21"))
    told = [one for one in office.subjects() if "Board approval" in one]
    assert told[0].startswith("Board approval (Draft): due 20 Jan 2026")
    assert any(one.startswith("Overdue: Board approval") for one in told)
    with writing(engine) as session:
        office.desk.withdraw(session, made, by="ann", now=at("2026-01-22"))
    assert office.occurrence("approval").state is OccurrenceState.SUPERSEDED


def test_what_a_contract_asks_for_binds_nobody_before_it_is_signed(engine: Engine) -> None:
    office = Office(engine, [GOODS], context(digest=QUIET))
    with writing(engine) as session:
        office.desk.describe(session, GOODS.id, ContractSettings(stage=Stage.IN_REVIEW), by="ann", now=START)
    row = goods(office)
    assert (row.state, row.blocked_on) == (OccurrenceState.BLOCKED, "signature of the contract")
    assert office.reminders() == []
    with writing(engine) as session:
        office.desk.describe(session, GOODS.id, ContractSettings(stage=Stage.SIGNED), by="ann", now=START)
    assert goods(office).state is OccurrenceState.PLANNED
    assert of_goods(office, Purpose.RUNG, state=ReminderState.PLANNED) == [30, 14, 7, 1]


@pytest.mark.parametrize(("risk", "months"), [(Risk.HIGH, 3), (Risk.LOW, 12), (None, 0)])
def test_reviews_come_by_policy_as_often_as_the_risk_asks(engine: Engine, risk: Risk | None, months: int) -> None:
    one = contract("Risky", effective("2025-01-31"), perpetual(), settings=ContractSettings(risk=risk))
    office = Office(engine, [one], context(digest=QUIET))
    office.run(START)
    with reading(engine) as session:
        rows = session.exec(select(OccurrenceRow).where(OccurrenceRow.kind == "review")).all()
    days = sorted(str(row.due) for row in rows)
    quarters = ["2026-01-31", "2026-04-30", "2026-07-31", "2026-10-31", "2027-01-31"]
    expected = {3: quarters, 12: ["2026-01-31", "2027-01-31"]}
    assert days == expected.get(months, [])


def test_what_waits_for_another_gets_its_day_when_that_is_done(engine: Engine) -> None:
    first = milestone("delivery", "delivery", date="2026-05-04")
    second = milestone("fee", "payment", after_event("delivery", "30 days"), waits_for=("delivery",))
    office = Office(engine, [contract("Supply", perpetual(), milestones=[first, second])], context(digest=QUIET))
    office.run(START)
    fee = office.occurrence("payment")
    assert (fee.state, str(fee.due), fee.expected) == (OccurrenceState.BLOCKED, "2026-06-03", True)
    assert not [row for row in office.reminders() if row.occurrence_id == fee.id], "no reminders of a day nobody knows"
    office.run(at("2026-05-14"))
    late = office.occurrence("payment")
    assert (str(late.due), late.id) == ("2026-06-13", fee.id)
    with reading(engine) as session:
        held_up = delayed_by(session, office.occurrence("delivery"), day("2026-05-14"))
    assert [(one.occurrence.title, one.by) for one in held_up] == [("The fee", 10)]
    with writing(engine) as session:
        office.desk.done(session, office.occurrence("delivery").id, Proof(note="x"), by="a", now=at("2026-05-15"))
    fee = office.occurrence("payment")
    assert (fee.state, str(fee.due), fee.expected) == (OccurrenceState.PLANNED, "2026-06-14", False)
    assert [row.rung for row in office.reminders(Purpose.RUNG) if row.occurrence_id == fee.id] == [14, 3, 0]


def test_what_is_no_longer_confirmed_is_superseded_and_kept(office: Office) -> None:
    office.portfolio.put(GOODS.model_copy(update={"milestones": ()}))
    with writing(office.engine) as session:
        office.desk.describe(session, GOODS.id, ContractSettings(), by="ann", now=START)
    row = goods(office)
    assert row.state is OccurrenceState.SUPERSEDED
    assert not [one for one in office.reminders(state=ReminderState.PLANNED) if one.occurrence_id == row.id]
    office.portfolio.put(GOODS)
    with writing(office.engine) as session:
        office.desk.describe(session, GOODS.id, ContractSettings(), by="ann", now=START)
    assert goods(office).state is OccurrenceState.PLANNED


def test_a_deadline_can_be_entered_before_the_reminders_ever_ran(engine: Engine) -> None:
    store_contracts(engine, [GOODS])
    desk = Desk(Portfolio([GOODS]), context())
    with writing(engine) as session:
        desk.enter(session, GOODS.id, "approval", "Board approval", day("2026-01-20"), by="ann", now=START)
        (entered,) = [row for row in occurrences_of(session, GOODS.id) if row.kind == "approval"]
        assert (str(entered.due), directory(session)[entered.owner_id].name) == ("2026-01-20", "legal")


def test_what_people_did_stays_on_record_with_who_and_when(office: Office) -> None:
    id_ = goods(office).id
    with writing(office.engine) as session:
        office.desk.delegate(session, id_, find_owner(session, "finance"), by="ann", now=at("2026-05-04"))
        office.desk.snooze(session, id_, day("2026-05-20"), by="bob", now=at("2026-05-05"))
        office.desk.done(session, id_, Proof(note="receipt 17"), by="bob", now=at("2026-06-01"))
        office.desk.reopen(session, id_, by="ann", now=at("2026-06-02"))
        office.desk.waive(session, id_, "not needed", by="ann", now=at("2026-06-03"))
    with reading(office.engine) as session:
        acts = acts_of(session, id_)
    assert [(one.act.value, one.detail, one.by) for one in acts] == [
        ("waived", "not needed", "ann"),
        ("reopened", "it was done", "ann"),
        ("done", "on 1 Jun 2026", "bob"),
        ("snoozed", "until 20 May 2026", "bob"),
        ("delegated", "to finance", "ann"),
    ]
    assert acts[2].proof == {"note": "receipt 17"}, "the proof outlives that it is taken back"
    with pytest.raises(SQLAlchemyError, match="only added to"), writing(office.engine) as session:
        session.execute(update(TrackingAct).values(by="eve"))


def test_what_was_said_of_a_contract_is_on_record(office: Office) -> None:
    with writing(office.engine) as session:
        legal = find_owner(session, "legal").id
        said = ContractSettings(risk=Risk.HIGH, owner=legal)
        office.desk.describe(session, GOODS.id, said, by="ann", now=START)
        office.desk.describe(session, GOODS.id, said, by="bob", now=START)
        acts = acts_of_contract(session, GOODS.id)
    assert [(one.detail, one.by) for one in acts] == [("risk: high, owner: legal", "ann")]


def test_what_waits_for_something_that_recurs_waits_for_the_next_of_it(engine: Engine) -> None:
    first = milestone("delivery", "delivery", monthly("2026-01-31"))
    second = milestone("fee", "payment", after_event("delivery", "30 days"), waits_for=("delivery",))
    office = Office(engine, [contract("Supply", perpetual(), milestones=[first, second])], context(digest=QUIET))
    office.run(START)
    assert str(office.occurrence("payment").due) == "2026-03-02"
    with writing(engine) as session:
        office.desk.done(session, office.occurrence("delivery").id, Proof(note="x"), by="a", now=at("2026-02-02"))
    assert str(office.occurrence("payment").due) == "2026-03-30"


def test_of_two_who_close_a_deadline_at_once_the_second_is_told(office: Office) -> None:
    """On SQLite writers come one after the other anyway."""
    goods = office.occurrence("delivery").id
    told: list[str] = []

    def waive() -> None:
        try:
            with writing(office.engine) as session:
                office.desk.waive(session, goods, "not needed", by="ben", now=START + DAY)
        except ActError as error:
            told.append(str(error))

    second = threading.Thread(target=waive)
    with writing(office.engine) as session:
        office.desk.done(session, goods, Proof(note="delivery note 7"), by="anna", now=START + DAY)
        second.start()
        second.join(0.5)
    second.join(10)
    assert told == ["it is done already"]
    with reading(office.engine) as session:
        assert [act.by for act in acts_of(session, goods)] == ["anna"]

"""Runs of the reminders, on both databases: planned, claimed, sent, recorded; once."""

import datetime as dt
import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from models.dateexpr import Recurring
from models.tracked import Choice, CycleDecision, LedgerEvent, Purpose, ReminderState
from store.engine import reading, writing
from store.errors import StoreError
from store.tracking_deliveries import ledger
from store.tracking_occurrences import add_decision, heartbeat
from store.tracking_owners import change_owner, find_owner
from store.tracking_reminders import claim, next_reminder, resend, settle, troubled
from store.tracking_tables import ReminderRow
from tests.tracking.building import (
    START,
    Outbox,
    at,
    context,
    contract,
    effective,
    lasting,
    milestone,
    monthly,
    noticed,
    renewing,
)
from tests.tracking.mail_server import Server, serving
from tests.tracking.office import Office
from tracking.running import late_by, rehearse, remind
from tracking.senders import Message, Receipt, SendError, UncertainError
from tracking.smtp import SmtpSender

HOUR = dt.timedelta(hours=1)
RENEWING = contract("Cleaning", effective("2025-06-01"), lasting("1 year"), renewing("1 year"), noticed("90 days"))
QUIET: dict[str, Any] = {"digest": {"weekday": "none", "days": 30}}
"""Without weekly lists, that single messages can be counted."""


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, [RENEWING], context(**QUIET))


def single(engine: Engine, due: str, kind: str = "delivery") -> Office:
    one = contract("Supply", milestones=[milestone("goods", kind, date=due)])
    return Office(engine, [one], context(**QUIET))


def test_a_run_plans_and_sends_and_the_next_one_has_nothing_to_do(office: Office) -> None:
    first = office.run(START)
    assert (first.contracts, first.sent, first.clean) == (1, 1, True)
    # 3 Mar 2026 is 90 days before 1 Jun; tracking begins 57 days before that: the step of 60 days is told late.
    assert office.subjects() == ["Notice of non-renewal (Cleaning): due 3 Mar 2026, in 57 days"]
    assert office.to() == ["legal@example.com"]
    second = office.run(START + HOUR)
    assert (second.contracts, second.sent) == (0, 0)


def test_trap_31_the_next_reminder_is_known_at_all_times(office: Office) -> None:
    office.run(START)
    notice = office.occurrence("notice")
    with reading(office.engine) as session:
        coming = next_reminder(session, notice.id)
    assert coming is not None
    assert (coming.rung, coming.fire_at) == (30, at("2026-01-30", 8)), "9 in Berlin, on the Friday before a Sunday"


def test_trap_27_a_reminder_is_called_sent_after_it_was_sent(office: Office) -> None:
    class Looking(Outbox):
        def send(self, message: Message) -> Receipt:
            with reading(office.engine) as session:
                row = session.get(ReminderRow, message.id)
                assert row is not None
                states.append(row.state)
                states.append(ledger(session, row.id)[-1].event)
            return super().send(message)

    states: list[object] = []
    office.run(START, Looking())
    assert states == [ReminderState.CLAIMED, LedgerEvent.STARTED]
    with reading(office.engine) as session:
        row = office.reminders(state=ReminderState.SENT)[0]
        assert [entry.event for entry in ledger(session, row.id)] == [LedgerEvent.STARTED, LedgerEvent.SENT]


def test_a_message_the_server_does_not_take_for_now_is_tried_again_after_a_while(office: Office) -> None:
    refusing = Outbox(lambda _: SendError("451 later", permanent=False))
    report = office.run(START, refusing)
    assert (report.retried, report.sent, report.clean) == (1, 0, False)
    assert office.run(START + dt.timedelta(minutes=4)).sent == 0
    again = office.run(START + dt.timedelta(minutes=5))
    assert again.sent == 1
    with reading(office.engine) as session:
        row = office.reminders(state=ReminderState.SENT)[0]
        events = [(entry.event, entry.number) for entry in ledger(session, row.id)]
    assert [event for event, _ in events] == [
        LedgerEvent.STARTED,
        LedgerEvent.RETRY,
        LedgerEvent.STARTED,
        LedgerEvent.SENT,
    ]
    assert [number for _, number in events] == [1, 1, 2, 2]


def test_what_is_refused_for_good_is_reported_and_the_deputy_told(office: Office) -> None:
    unknown = SendError("550 unknown", permanent=True)
    refusing = Outbox(lambda message: unknown if message.to[0].name == "legal" else None)
    report = office.run(START, refusing)
    assert (report.sent, len(report.failed)) == (2, 1)
    told = sorted(message.to[0].email for message in refusing.messages)
    assert told == ["contracts@example.com", "legal.deputy@example.com"]
    assert all("may not have arrived" in message.subject for message in refusing.messages)
    assert office.run(START + HOUR).failed == report.failed, "until somebody settles it"


def test_a_message_is_given_up_after_the_last_try(office: Office) -> None:
    refusing = Outbox(lambda _: SendError("451 later", permanent=False))
    now = START
    for _ in range(5):
        report = office.run(now, refusing)
        now += dt.timedelta(days=1)
    assert len(report.failed) >= 1
    row = office.reminders(state=ReminderState.FAILED)[0]
    assert row.attempts == 5


class Breaking(Outbox):
    """Takes a message and breaks the connection."""

    def send(self, message: Message) -> Receipt:
        super().send(message)
        raise UncertainError("the connection broke")


def test_what_may_have_arrived_is_reported_and_not_sent_again_by_itself(office: Office) -> None:
    breaking = Breaking()
    report = office.run(START, breaking)
    uncertain = office.reminders(Purpose.RUNG, state=ReminderState.UNCERTAIN)
    assert [row.id for row in uncertain] == [id_ for id_ in report.uncertain if id_ == uncertain[0].id]
    sent = len(breaking.messages)
    for hour in range(1, 5):
        assert uncertain[0].id in office.run(START + hour * HOUR, breaking).uncertain
    assert len(breaking.messages) == sent


@pytest.mark.parametrize("again", [False, True])
def test_a_person_settles_what_is_uncertain_or_has_it_sent_again(office: Office, again: bool) -> None:
    office.run(START, Breaking())
    with writing(office.engine) as session:
        for row in troubled(session):
            (resend if again and row.purpose is Purpose.RUNG else settle)(session, row, by="ann", now=START + HOUR)
    report = office.run(START + 2 * HOUR)
    assert (report.sent, report.uncertain) == (int(again), ())
    row = office.reminders(Purpose.RUNG, state=ReminderState.SENT)[0]
    with reading(office.engine) as session:
        events = [entry.event for entry in ledger(session, row.id)]
    expected = [LedgerEvent.RESENT, LedgerEvent.STARTED, LedgerEvent.SENT] if again else [LedgerEvent.SETTLED]
    assert events == [LedgerEvent.STARTED, LedgerEvent.UNCERTAIN, *expected]
    if again:
        assert "may have arrived before" in office.outbox.messages[-1].text
    with writing(office.engine) as session, pytest.raises(StoreError, match="sent"):
        settle(session, row, by="ann", now=START)


class StoppedError(BaseException):
    """The run was killed."""


@pytest.mark.parametrize(("calls", "left", "state"), [(2, 0, ReminderState.SENT), (3, 1, ReminderState.UNCERTAIN)])
def test_a_run_that_is_killed_leaves_what_tells_how_far_it_came(
    office: Office, calls: int, left: int, state: ReminderState
) -> None:
    told = iter(range(100))

    def clock() -> dt.datetime:
        if next(told) == calls:
            raise StoppedError
        return START

    with pytest.raises(StoppedError):
        remind(office.engine, office.portfolio, {"email": office.outbox}, office.context, clock)
    assert len(office.outbox.messages) == left
    early = office.run(START + dt.timedelta(minutes=10))
    assert (early.sent, early.returned) == (0, 0), "it may still be at work"
    assert any("did not finish" in problem for problem in early.problems)
    late = office.run(START + dt.timedelta(minutes=20))
    assert office.reminders(Purpose.RUNG)[0].state is state
    assert (late.returned, len(late.uncertain)) == (1 - left, left)
    rungs = [message for message in office.outbox.messages if "may not have arrived" not in message.subject]
    assert len(rungs) == 1


@pytest.mark.parametrize("change", ["delivery_attempt SET detail", "cycle_decision SET reason"])
def test_the_ledger_and_decisions_are_only_added_to(office: Office, change: str) -> None:
    office.run(START)
    decision = CycleDecision(cycle=1, choice=Choice.RENEW, reason="cheap", decided_by="ann", decided_at=START)
    with writing(office.engine) as session:
        add_decision(session, RENEWING.id, decision)
    with pytest.raises(DBAPIError, match="only added to"), writing(office.engine) as session:
        session.execute(text(f"UPDATE {change} = 'something else'"))


def test_two_runs_at_the_same_time_send_each_message_once(office: Office) -> None:
    office.run(START - dt.timedelta(days=1))
    together, outboxes = threading.Barrier(2), [Outbox(), Outbox()]

    def work(outbox: Outbox) -> None:
        together.wait()
        office.run(at("2026-01-30"), outbox)

    threads = [threading.Thread(target=work, args=(outbox,)) for outbox in outboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rungs = [message for outbox in outboxes for message in outbox.messages if message.subject.startswith("Notice")]
    assert len(rungs) == 1


def test_nobody_can_claim_what_another_run_has_claimed(office: Office) -> None:
    office.run(START - dt.timedelta(days=1))
    with writing(office.engine) as session:
        first = claim(session, "one", now=at("2026-02-01"), limit=10)
    with writing(office.engine) as session:
        second = claim(session, "two", now=at("2026-02-01"), limit=10)
    assert {row.claim_token for row in first} == {"one"}
    assert second == []


def test_after_days_without_a_run_the_nearest_step_comes_alone_and_the_fallback_team_is_told(engine: Engine) -> None:
    office = single(engine, "2026-06-30")
    office.run(at("2026-05-25"))
    report = office.run(at("2026-06-24"))
    steps = {row.rung: row for row in office.reminders(Purpose.RUNG)}
    assert {rung: str(row.state) for rung, row in steps.items()} == {
        30: "cancelled",
        14: "cancelled",
        7: "sent",
        1: "planned",
    }
    assert "nearer step" in (steps[14].note or "")
    assert report.late_by_seconds
    assert sorted(office.to()[-2:]) == ["contracts@example.com", "procurement@example.com"]
    assert "Reminders came late" in office.subjects()


def test_a_run_is_late_when_twice_the_time_has_passed(office: Office) -> None:
    office.run(START)
    with reading(office.engine) as session:
        beat = heartbeat(session, "remind")
    assert late_by(None, START) is None
    assert late_by(beat, START + dt.timedelta(days=2)) is None
    assert late_by(beat, START + dt.timedelta(days=3)) == dt.timedelta(days=2)


def test_nobody_acknowledging_escalates_to_the_deputy_and_then_to_the_group_once(engine: Engine) -> None:
    office = single(engine, "2026-06-30")
    office.days(at("2026-05-20"), at("2026-07-02"))
    told = [
        f"{row.sent_at:%m-%d} {row.purpose} {row.rung}"
        for row in sorted(
            office.reminders(state=ReminderState.SENT), key=lambda row: (row.sent_at or START, row.purpose)
        )
        if row.sent_at and row.occurrence_id
    ]
    # 31 May is a Sunday: the step of 30 days comes on Friday 29 May, three business days later the deputy is told.
    assert told == [
        "05-29 rung 30",
        "06-03 deputy 30",
        "06-05 group 30",
        "06-16 rung 14",
        "06-23 rung 7",
        "06-29 rung 1",
        "07-01 overdue -1",
        "07-01 overdue -1",
        "07-01 overdue -1",
    ]
    assert office.occurrence("delivery").missed


def test_a_message_to_somebody_without_an_address_waits_until_there_is_one(engine: Engine) -> None:
    office = single(engine, "2026-06-30")
    with writing(engine) as session:
        for name in ("procurement", "procurement deputy"):
            row = find_owner(session, name)
            row.email = None
            session.add(row)
    report = office.run(at("2026-06-01"))
    assert report.problems == ("procurement has no address: reminders wait",)
    with writing(engine) as session:
        change_owner(session, find_owner(session, "procurement"), now=at("2026-06-01", 19), email="new@example.com")
    assert office.run(at("2026-06-01", 19)).sent == 1
    assert office.to() == ["new@example.com"]


def test_a_channel_that_is_not_set_up_is_reported(office: Office) -> None:
    report = remind(office.engine, office.portfolio, {}, office.context, lambda: START)
    assert (report.sent, report.problems) == (0, ("email is not set up: reminders wait",))


def test_many_reminders_of_one_owner_come_in_one_message(engine: Engine) -> None:
    goods = [milestone(f"goods {number}", "delivery", date=f"2026-06-{number:02}") for number in range(10, 16)]
    office = Office(engine, [contract("Supply", effective("2025-01-01"), milestones=goods)], context(**QUIET))
    report = office.run(at("2026-06-08", 1))
    assert (report.sent, report.messages) == (6, 1)
    assert office.subjects() == ["6 reminders, first: The goods 10 (Supply): due 10 Jun 2026, in 2 days"]
    assert all(f"The goods {number}" in office.outbox.messages[0].text for number in range(10, 16))


def test_a_weekly_list_shows_what_is_open_and_overdue(engine: Engine) -> None:
    goods = [milestone(f"goods {number}", "delivery", date=f"2026-06-{number:02}") for number in (5, 20)]
    office = Office(engine, [contract("Supply", effective("2025-01-01"), milestones=goods)])
    office.days(at("2026-05-31"), at("2026-06-14"))
    lists = [
        (str(message.at.date()), message.subject)
        for message in office.outbox.messages
        if "This week" in message.subject
    ]
    assert lists == [
        ("2026-06-01", "This week: 2 open in the next 30 days"),
        ("2026-06-08", "This week: 2 open in the next 30 days, 1 overdue"),
    ]


def test_a_rehearsal_shows_what_would_be_sent_and_keeps_nothing(office: Office) -> None:
    found = rehearse(office.engine, office.portfolio, office.context, START)
    assert [(one.to, one.about) for one in found] == [("legal", "Notice of non-renewal")]
    assert office.reminders() == []
    assert office.run(START).sent == 1


def test_a_moved_deadline_moves_its_reminders_and_says_so(office: Office) -> None:
    office.run(START)
    before = office.occurrence("notice")
    office.portfolio.put(RENEWING.model_copy(update={"terms": (*RENEWING.terms[:3], noticed("120 days"))}))
    with writing(office.engine) as session:
        office.desk.acknowledge(session, before.id, by="ann", now=START)
        office.desk._plan(session, RENEWING.id, START + HOUR)
    after = office.occurrence("notice")
    assert (before.id, str(before.due), before.version) == (after.id, "2026-03-03", 1)
    assert (str(after.due), after.version) == ("2026-02-01", 2)
    old = [row for row in office.reminders(Purpose.RUNG) if str(row.due) == "2026-03-03"]
    assert {row.state for row in old} == {ReminderState.SENT, ReminderState.CANCELLED}
    office.run(START + 2 * HOUR)
    assert "moved: it was 3 Mar 2026" in office.outbox.messages[-1].text


def test_a_contract_that_cannot_be_planned_does_not_keep_the_others_from_their_reminders(engine: Engine) -> None:
    endless = milestone("odd", "report", monthly("2025-01-01", "FREQ=MONTHLY;BYMONTHDAY=-1"))
    assert isinstance(endless.expr, Recurring)
    odd = endless.model_copy(update={"expr": endless.expr.model_copy(update={"rrule": "FREQ=HOURLY"})})
    bad = contract("Bad", milestones=[odd.model_copy(update={"ladder": (10**9,)})])
    dated = milestone("late", "report", date="2026-06-30", ladder=(10**9,))
    office = Office(engine, [bad, contract("Worse", milestones=[dated]), RENEWING], context(**QUIET))
    report = office.run(START)
    assert report.sent == 1
    assert [problem.split(":")[0] for problem in report.problems] == ["Worse"]
    assert office.run(START + HOUR).problems == report.problems, "until it is mended"


def test_reminders_arrive_at_a_real_server(office: Office) -> None:
    server = Server()
    with serving(server) as settings, SmtpSender(settings) as sender:
        assert office.run(START, sender).clean
    recipients, letter = server.taken[0]
    assert recipients == ["legal@example.com"]
    row = office.reminders(state=ReminderState.SENT)[0]
    assert letter["Message-ID"] == f"<{row.id}@example.com>"
    assert letter["Subject"] == "Notice of non-renewal (Cleaning): due 3 Mar 2026, in 57 days"
    text_ = letter.get_body(("plain",))
    assert text_ is not None
    assert "3 Mar 2026" in text_.get_content()


def test_a_message_carries_no_words_of_the_contract_unless_allowed(engine: Engine) -> None:
    one = contract("Supply", effective("2025-01-01"), lasting("18 months"), noticed("60 days"))
    office = Office(engine, [one], replace(context(**QUIET), base_url="https://tracker.example.com"))
    office.run(at("2026-04-20"))
    told = office.outbox.messages[0]
    assert "notice period before the end" not in told.text + told.html
    assert "https://tracker.example.com/occurrences/" in told.text

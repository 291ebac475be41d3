import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from models.contract import Milestone, MilestoneKind, Renewal, Term, TermField, TermState
from models.dateexpr import AnchorName, Fixed
from models.decision import Change, Finding, ItemState, ItemSubject, Timing
from models.period import Direction, Period, Unit
from review.adding import Added, add
from review.deciding import accept, approve, assign, correct, reject, reopen
from review.errors import Forbidden, Invalid, NotFound, ReviewError, StaleVersion
from review.previewing import dependants, preview, standing_of
from review.resolving import PLAIN, human_value, load_contract, load_standing, shown, waiting
from review.supplying import supply, withdraw
from review.undoing import undo
from store.engine import reading, writing
from store.review_tables import ReviewItem, SuppliedFact
from store.tables import MilestoneRow, TermRow
from tests.review.desk import (
    ACCEPTANCE,
    ADA,
    ANNA,
    BEN,
    NOW,
    VERA,
    after,
    days,
    item,
    outcome,
    passage,
    read,
    terms,
    trail,
)

NOTICE = "Last day to give notice"
END = "Expiration date"


def decide(engine: Engine, title: str, how: Callable[[Session, str, int], Any]) -> ReviewItem:
    """Do something to the item of that title, as it is now."""
    with writing(engine) as session:
        found = item(session, title)
        how(session, found.id, found.version)
    with reading(engine) as session:
        return session.get_one(ReviewItem, found.id)


def look(engine: Engine, title: str) -> ReviewItem:
    with reading(engine) as session:
        return item(session, title)


def test_a_contract_that_was_read_waits_with_one_item_for_each_term_and_milestone(engine: Engine) -> None:
    contract_id = read(engine)
    with reading(engine) as session:
        items = session.exec(select(ReviewItem).where(ReviewItem.contract_id == contract_id)).all()
    found = {one.title: (one.subject, one.finding, one.due) for one in items}
    assert found == {
        "Agreement date": (ItemSubject.TERM, Finding.CONFLICT, dt.date(2024, 9, 20)),
        "Effective date": (ItemSubject.TERM, Finding.FOUND, dt.date(2024, 10, 1)),
        "Expiration date": (ItemSubject.TERM, Finding.FOUND, dt.date(2027, 10, 1)),
        "Renewal term": (ItemSubject.TERM, Finding.ABSENT, None),
        "Notice period": (ItemSubject.TERM, Finding.FOUND, None),
        "Title": (ItemSubject.TERM, Finding.FOUND, None),
        NOTICE: (ItemSubject.MILESTONE, Finding.FOUND, dt.date(2027, 7, 3)),
        "First instalment": (ItemSubject.MILESTONE, Finding.FOUND, dt.date(2027, 1, 15)),
        "Second instalment": (ItemSubject.MILESTONE, Finding.BLOCKED, None),
        "Review meeting": (ItemSubject.MILESTONE, Finding.BLOCKED, None),
    }
    assert {one.state for one in items} == {ItemState.PENDING}


def test_accepting_keeps_the_value_as_it_was_shown_and_says_who_and_when(engine: Engine) -> None:
    read(engine)
    before = look(engine, NOTICE)
    accepted = decide(engine, NOTICE, lambda s, i, v: accept(s, i, v, ANNA, NOW))
    assert (accepted.state, accepted.decided_by, accepted.decided_by_name, accepted.decided_at) == (
        ItemState.ACCEPTED,
        "anna",
        "Anna Berg",
        NOW,
    )
    assert accepted.version == before.version + 1
    value = human_value(accepted)
    assert isinstance(value, Milestone)
    assert (value.date, value.confidence, accepted.human_due) == (dt.date(2027, 7, 3), 1.0, dt.date(2027, 7, 3))
    with reading(engine) as session:
        [row] = trail(session)
    assert (row.action, row.actor_name, row.item_id, row.machine_version) == ("accept", "Anna Berg", accepted.id, 1)
    assert row.before is not None
    assert row.after is not None
    assert (row.before["state"], row.after["state"]) == ("pending", "accepted")
    assert row.document_sha256
    assert row.extraction_id


def test_a_decision_never_touches_what_the_machine_said(engine: Engine) -> None:
    read(engine)

    def machine() -> list[Any]:
        with reading(engine) as session:
            rows = [*session.exec(select(TermRow)), *session.exec(select(MilestoneRow))]
            return sorted(row.model_dump_json() for row in rows)

    before = machine()
    decide(engine, END, lambda s, i, v: correct(s, i, v, ANNA, NOW, Change(perpetual=True)))
    decide(engine, NOTICE, lambda s, i, v: reject(s, i, v, ANNA, NOW, reason="not ours"))
    assert machine() == before


def test_correcting_a_term_moves_all_that_hangs_on_it_each_with_a_row_of_the_audit(engine: Engine) -> None:
    read(engine)
    decide(engine, NOTICE, lambda s, i, v: accept(s, i, v, BEN, NOW))
    change = Change(timing=Timing(period=Period(count=24, unit=Unit.MONTH), anchor=AnchorName.EFFECTIVE_DATE))
    corrected = decide(engine, END, lambda s, i, v: correct(s, i, v, ANNA, after(1), change, reason="s. 9.1 amended"))
    assert (corrected.state, corrected.due, corrected.reason) == (
        ItemState.CORRECTED,
        dt.date(2026, 10, 1),
        "s. 9.1 amended",
    )
    moved = look(engine, NOTICE)
    value = human_value(moved)
    assert isinstance(value, Milestone)
    assert (moved.due, moved.human_due, value.date) == (dt.date(2026, 7, 3),) * 3
    assert moved.state is ItemState.ACCEPTED
    assert value.derivation is not None
    assert "24 months" in value.derivation
    with reading(engine) as session:
        cause, effect = trail(session, "correct")[0], trail(session, "redate")
    assert [(row.item_id, row.because) for row in effect] == [(moved.id, cause.id)]
    assert (effect[0].before or {})["due"] == "2027-07-03"
    assert (effect[0].after or {})["due"] == "2026-07-03"


def test_the_effective_date_moves_the_term_and_the_term_moves_the_notice(engine: Engine) -> None:
    read(engine)
    change = Change(timing=Timing(date=dt.date(2025, 1, 1)))
    decide(engine, "Effective date", lambda s, i, v: correct(s, i, v, ANNA, NOW, change))
    assert look(engine, END).due == dt.date(2028, 1, 1)
    assert look(engine, NOTICE).due == dt.date(2027, 10, 3)
    assert look(engine, END).state is ItemState.PENDING


def test_supplying_a_fact_resolves_everything_that_waited_for_it(engine: Engine) -> None:
    contract_id = read(engine)
    with reading(engine) as session:
        standing = load_standing(session, load_contract(session, contract_id))
        [missing] = waiting(standing, PLAIN)
    assert (missing.anchor, missing.words, len(missing.item_ids)) == (ACCEPTANCE, "acceptance of the system", 2)
    decide(engine, "Review meeting", lambda s, i, v: accept(s, i, v, ANNA, NOW))
    with writing(engine) as session:
        done = supply(session, contract_id, ACCEPTANCE, dt.date(2026, 5, 3), ANNA, after(1), note="mail of 4 May")
    assert {one.title for one in done.items} == {"Second instalment", "Review meeting"}
    second, meeting = look(engine, "Second instalment"), look(engine, "Review meeting")
    assert (second.due, second.finding, second.blocked_on) == (dt.date(2026, 6, 2), Finding.FOUND, None)
    assert (meeting.due, meeting.human_due) == (dt.date(2026, 5, 13), dt.date(2026, 5, 13))
    value = human_value(meeting)
    assert isinstance(value, Milestone)
    assert value.derivation == (
        "Acceptance of the system 3 May 2026 + 10 days (s. 9.2) = 13 May 2026"
        " [Acceptance of the system: stated by Anna Berg]"
    )
    with reading(engine) as session:
        rows = trail(session, "supply", "redate")
    assert [row.action for row in rows] == ["supply", "redate", "redate"]
    assert {row.because for row in rows[1:]} == {rows[0].id}


def test_a_fact_can_be_replaced_and_withdrawn_and_what_hung_on_it_waits_again(engine: Engine) -> None:
    contract_id = read(engine)
    with writing(engine) as session:
        supply(session, contract_id, ACCEPTANCE, dt.date(2026, 5, 3), ANNA, NOW)
        second = supply(session, contract_id, ACCEPTANCE, dt.date(2026, 6, 3), BEN, after(1))
    assert look(engine, "Review meeting").due == dt.date(2026, 6, 13)
    with reading(engine) as session:
        facts = session.exec(select(SuppliedFact)).all()
    assert {(fact.date, fact.withdrawn_at is None) for fact in facts} == {
        (dt.date(2026, 5, 3), False),
        (dt.date(2026, 6, 3), True),
    }
    with writing(engine) as session:
        withdraw(session, second.fact.id, ANNA, after(2))
    meeting = look(engine, "Review meeting")
    assert (meeting.due, meeting.finding, meeting.blocked_on) == (None, Finding.BLOCKED, "acceptance of the system")


def test_undo_brings_back_the_item_and_the_dates_that_hung_on_it(engine: Engine) -> None:
    read(engine)
    untouched = {title: look(engine, title).model_dump(exclude={"version", "updated_at"}) for title in (END, NOTICE)}
    decide(engine, END, lambda s, i, v: correct(s, i, v, ANNA, NOW, Change(perpetual=True)))
    assert look(engine, NOTICE).due is None
    with writing(engine) as session:
        undone = undo(session, ANNA, after(1))
    assert [one.title for one in undone.items] == [END]
    for title, before in untouched.items():
        assert look(engine, title).model_dump(exclude={"version", "updated_at"}) == before
    with reading(engine) as session:
        rows = trail(session)
    assert [row.action for row in rows] == ["correct", "redate", "undo", "redate"]
    assert rows[2].undoes == rows[0].id


def test_undo_goes_back_one_decision_after_the_other_and_then_there_is_none(engine: Engine) -> None:
    contract_id = read(engine)
    decide(engine, NOTICE, lambda s, i, v: reject(s, i, v, ANNA, NOW, reason="twice"))
    decide(engine, NOTICE, lambda s, i, v: accept(s, i, v, ANNA, after(1)))
    with writing(engine) as session:
        supply(session, contract_id, ACCEPTANCE, dt.date(2026, 5, 3), ANNA, after(2))
    states = []
    for minute in range(3, 6):
        with writing(engine) as session:
            undo(session, ANNA, after(minute))
        states.append((look(engine, NOTICE).state, look(engine, "Review meeting").due))
    assert states == [(ItemState.ACCEPTED, None), (ItemState.REJECTED, None), (ItemState.PENDING, None)]
    with writing(engine) as session, pytest.raises(NotFound, match="nothing to undo"):
        undo(session, ANNA, after(9))


def test_what_a_colleague_decided_since_cannot_be_undone_over_his_head(engine: Engine) -> None:
    read(engine)
    decide(engine, NOTICE, lambda s, i, v: reject(s, i, v, ANNA, NOW, reason="no"))
    decide(engine, NOTICE, lambda s, i, v: accept(s, i, v, BEN, after(1)))
    with reading(engine) as session:
        first, second = trail(session)
    with writing(engine) as session, pytest.raises(StaleVersion, match="Ben Okoye"):
        undo(session, ANNA, after(2), first.id)
    with writing(engine) as session, pytest.raises(Forbidden, match="Ben Okoye decided this"):
        undo(session, ANNA, after(2), second.id)
    with writing(engine) as session:
        undo(session, ADA, after(3), second.id)
    assert look(engine, NOTICE).state is ItemState.REJECTED


def test_a_decision_on_a_version_that_is_gone_says_who_was_quicker(engine: Engine) -> None:
    read(engine)
    seen = look(engine, NOTICE)
    decide(engine, NOTICE, lambda s, i, v: accept(s, i, v, BEN, NOW))
    with writing(engine) as session, pytest.raises(StaleVersion, match="Ben Okoye was quicker: this item is accepted"):
        reject(session, seen.id, seen.version, ANNA, NOW, reason="no")
    assert look(engine, NOTICE).state is ItemState.ACCEPTED


def test_a_conflict_is_settled_by_accepting_the_reading_that_is_shown(engine: Engine) -> None:
    read(engine)
    accepted = decide(engine, "Agreement date", lambda s, i, v: accept(s, i, v, ANNA, NOW))
    value = human_value(accepted)
    assert isinstance(value, Term)
    assert (value.state, value.date, accepted.finding) == (TermState.FOUND, dt.date(2024, 9, 20), Finding.FOUND)


def test_that_a_term_is_not_stated_is_confirmed_like_a_value_and_can_be_corrected(engine: Engine) -> None:
    read(engine)
    confirmed = decide(engine, "Renewal term", lambda s, i, v: accept(s, i, v, ANNA, NOW))
    assert (confirmed.state, (confirmed.human_value or {})["state"]) == (ItemState.ACCEPTED, "absent")
    renewal = Renewal(period=Period(count=12, unit=Unit.MONTH), automatic=True, successive=True)
    corrected = decide(
        engine, "Renewal term", lambda s, i, v: correct(s, i, v, ANNA, after(1), Change(renewal=renewal))
    )
    value = human_value(corrected)
    assert isinstance(value, Term)
    assert (value.state, value.renewal, corrected.finding) == (TermState.FOUND, renewal, Finding.FOUND)


def test_nothing_may_hang_on_a_term_that_was_rejected(engine: Engine) -> None:
    read(engine)
    decide(engine, END, lambda s, i, v: reject(s, i, v, ANNA, NOW, reason="another contract's"))
    notice = look(engine, NOTICE)
    assert (notice.due, notice.blocked_on) == (None, "end of the term not stated")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(timing=Timing(date=dt.date(2027, 2, 1))), (dt.date(2027, 2, 1), None, None)),
        (
            Change(timing=Timing(earliest=dt.date(2027, 2, 1), latest=dt.date(2027, 3, 1))),
            (dt.date(2027, 3, 1), None, None),
        ),
        (
            Change(timing=Timing(period=days(60), direction=Direction.BEFORE, anchor=AnchorName.TERM_END)),
            (dt.date(2027, 8, 2), None, None),
        ),
        (
            Change(timing=Timing(period=days(5), anchor=AnchorName.EVENT, event="go-live")),
            (None, "go-live", None),
        ),
        (
            Change(timing=Timing(date=dt.date(2027, 1, 31), recurrence="monthly")),
            (dt.date(2027, 1, 31), None, "FREQ=MONTHLY"),
        ),
    ],
)
def test_a_typed_timing_is_resolved_by_the_date_algebra(
    sqlite_engine: Engine, change: Change, expected: tuple[Any, ...]
) -> None:
    read(sqlite_engine)
    corrected = decide(sqlite_engine, "First instalment", lambda s, i, v: correct(s, i, v, ANNA, NOW, change))
    value = human_value(corrected)
    assert isinstance(value, Milestone)
    assert (corrected.due, corrected.blocked_on, value.rrule) == expected


def test_kind_title_owner_and_method_can_be_corrected_and_taken_away(sqlite_engine: Engine) -> None:
    read(sqlite_engine)
    change = Change(kind=MilestoneKind.DELIVERY, title="Hand over", who="Supplier", method="by courier")
    decide(sqlite_engine, "First instalment", lambda s, i, v: correct(s, i, v, ANNA, NOW, change))
    taken = decide(sqlite_engine, "Hand over", lambda s, i, v: correct(s, i, v, ANNA, NOW, Change(method="")))
    value = human_value(taken)
    assert isinstance(value, Milestone)
    assert (taken.kind, value.kind, value.who, value.method) == ("delivery", MilestoneKind.DELIVERY, "Supplier", None)
    with writing(sqlite_engine) as session:
        opened = reopen(session, taken.id, taken.version, ANNA, NOW)
    assert (opened.kind, opened.title, opened.state) == ("payment", "First instalment", ItemState.PENDING)


@pytest.mark.parametrize(
    ("title", "change", "message"),
    [
        ("First instalment", Change(), "Nothing was changed"),
        ("First instalment", Change(notice=days(3)), "has no notice"),
        ("First instalment", Change(timing=Timing(date=dt.date(3027, 1, 1))), "year 3027 cannot be meant"),
        (
            "First instalment",
            Change(timing=Timing(period=Period(count=90_000, unit=Unit.YEAR), anchor=AnchorName.TERM_END)),
            "No date can be given",
        ),
        ("Notice period", Change(timing=Timing(date=dt.date(2027, 1, 1))), "is not stated as timing, but as notice"),
        (END, Change(timing=Timing(anchor=AnchorName.TERM_END, period=days(3))), "cannot be counted from itself"),
        (END, Change(absent=True, perpetual=True), "has no value"),
        ("Title", Change(text="   "), "is empty"),
    ],
)
def test_a_change_that_makes_no_sense_says_so_and_changes_nothing(
    sqlite_engine: Engine, title: str, change: Change, message: str
) -> None:
    read(sqlite_engine)
    with pytest.raises(Invalid, match=message):
        decide(sqlite_engine, title, lambda s, i, v: correct(s, i, v, ANNA, NOW, change))
    assert look(sqlite_engine, title).state is ItemState.PENDING
    with reading(sqlite_engine) as session:
        assert trail(session) == []


@pytest.mark.parametrize(
    "timing",
    [
        {},
        {"date": "2027-01-01", "anchor": "term_end"},
        {"period": {"count": 3, "unit": "day"}},
        {"anchor": "event"},
        {"earliest": "2027-02-01", "latest": "2027-01-01"},
        {"date": "2027-01-01", "until": "2028-01-01"},
    ],
)
def test_a_timing_is_said_in_one_way(timing: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Timing.model_validate(timing)


@pytest.mark.parametrize(
    ("how", "error"),
    [
        (lambda s, o: accept(s, "nowhere", o.version, ANNA, NOW), NotFound),
        (lambda s, o: accept(s, o.id, o.version, VERA, NOW), Forbidden),
        (lambda s, o: reject(s, o.id, o.version, ANNA, NOW, reason="  "), Invalid),
        (lambda s, o: approve(s, o.id, o.version, ANNA, NOW), Invalid),
        (lambda s, o: reopen(s, o.id, o.version, ANNA, NOW), Invalid),
        (lambda s, _: undo(s, ANNA, NOW, "nothing"), NotFound),
        (lambda s, _: supply(s, "nowhere", "delivery", NOW.date(), ANNA, NOW), NotFound),
        (lambda s, o: supply(s, o.contract_id, "event:", NOW.date(), ANNA, NOW), Invalid),
        (lambda s, o: supply(s, o.contract_id, "dinner", NOW.date(), ANNA, NOW), Invalid),
        (lambda s, o: supply(s, o.contract_id, "delivery", dt.date.max, ANNA, NOW), Invalid),
        (lambda s, _: withdraw(s, "nothing", ANNA, NOW), NotFound),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    sqlite_engine: Engine, how: Callable[[Session, ReviewItem], Any], error: type[ReviewError]
) -> None:
    read(sqlite_engine)
    with pytest.raises(error) as refused, writing(sqlite_engine) as session:
        how(session, item(session, NOTICE))
    assert refused.value.message.endswith(".")


def test_where_two_must_agree_the_second_is_another_person_and_only_then_dates_move(engine: Engine) -> None:
    read(engine)
    decide(engine, END, lambda s, i, v: assign(s, i, v, ADA, NOW, assignee_id=None, approvals=2, routed_by="big"))
    first = decide(engine, END, lambda s, i, v: correct(s, i, v, ANNA, NOW, Change(perpetual=True)))
    assert (first.state, first.proposed) == (ItemState.AWAITING_APPROVAL, ItemState.CORRECTED)
    assert look(engine, NOTICE).due == dt.date(2027, 7, 3)
    with pytest.raises(Forbidden, match="Somebody else must approve"):
        decide(engine, END, lambda s, i, v: approve(s, i, v, ANNA, after(1)))
    approved = decide(engine, END, lambda s, i, v: accept(s, i, v, BEN, after(2)))
    assert (approved.state, approved.proposed, approved.decided_by) == (ItemState.CORRECTED, None, "anna")
    assert look(engine, NOTICE).due is None
    with reading(engine) as session:
        assert [row.action for row in trail(session)] == ["assign", "correct", "approve", "redate"]
    with writing(engine) as session:
        undo(session, BEN, after(3))
    assert look(engine, END).state is ItemState.AWAITING_APPROVAL
    declined = decide(engine, END, lambda s, i, v: reopen(s, i, v, BEN, after(4), reason="look at s. 9.4"))
    assert (declined.state, declined.human_value) == (ItemState.PENDING, None)


def test_a_milestone_can_be_added_from_a_passage_and_follows_the_contract(engine: Engine) -> None:
    contract_id = read(engine)
    quote = "Supplier shall return all moulds within ten days after the end of the term."
    new = Added(
        kind=MilestoneKind.DELIVERY,
        title="Return the moulds",
        evidence=passage(900, quote),
        change=Change(timing=Timing(period=days(10), anchor=AnchorName.TERM_END, within=True), who="Supplier"),
    )
    with writing(engine) as session:
        added = add(session, contract_id, new, ANNA, NOW)
        with pytest.raises(Invalid, match="has that milestone already"):
            add(session, contract_id, new, ANNA, NOW)
    assert (added.subject, added.state, added.due, added.quote) == (
        ItemSubject.ADDED,
        ItemState.CORRECTED,
        dt.date(2027, 10, 11),
        quote,
    )
    change = Change(timing=Timing(date=dt.date(2030, 1, 1)))
    decide(engine, END, lambda s, i, v: correct(s, i, v, ANNA, after(1), change))
    assert look(engine, "Return the moulds").due == dt.date(2030, 1, 11)
    with reading(engine) as session:
        [row] = trail(session, "add")
    with writing(engine) as session:
        undo(session, ANNA, after(2), row.id)
    assert look(engine, "Return the moulds").state is ItemState.REJECTED


def test_a_preview_shows_the_value_and_what_would_move_and_changes_nothing(engine: Engine) -> None:
    read(engine)
    with reading(engine) as session:
        found = item(session, END)
        seen = preview(session, found.id, Change(timing=Timing(date=dt.date(2026, 12, 31))))
        bad = preview(session, found.id, Change(notice=days(2)))
    assert isinstance(seen.value, Term)
    assert seen.value.date == dt.date(2026, 12, 31)
    assert [
        (move.item.title, move.before and move.before.date, move.after and move.after.date) for move in seen.moves
    ] == [(NOTICE, dt.date(2027, 7, 3), dt.date(2026, 10, 2))]
    assert (bad.value, bad.field) == (None, "notice")
    assert look(engine, END).version == found.version


def test_a_term_knows_what_hangs_on_it(sqlite_engine: Engine) -> None:
    read(sqlite_engine)
    with reading(sqlite_engine) as session:
        found, standing = standing_of(session, item(session, "Effective date").id)
        assert {move.item.title for move in dependants(standing, found, PLAIN)} == {END, NOTICE}
        found, standing = standing_of(session, item(session, "First instalment").id)
        assert dependants(standing, found, PLAIN) == []


def test_the_database_itself_refuses_to_change_the_audit_trail(engine: Engine) -> None:
    read(engine)
    decide(engine, NOTICE, lambda s, i, v: accept(s, i, v, ANNA, NOW))
    with pytest.raises(DBAPIError, match="only added to"), engine.begin() as connection:
        connection.execute(text("UPDATE decision SET actor_name = 'Somebody Else'"))


def test_a_new_reading_moves_no_confirmed_date_until_a_person_decides_what_it_hangs_on(engine: Engine) -> None:
    contract_id = read(engine)
    decide(engine, NOTICE, lambda s, i, v: accept(s, i, v, ANNA, NOW))
    later = [
        one.model_copy(update={"expr": Fixed(date=dt.date(2029, 10, 1))})
        if one.field is TermField.EXPIRATION_DATE
        else one
        for one in terms()
    ]
    read(engine, outcome(terms=tuple(later)), ruleset="r2")
    assert look(engine, END).due == dt.date(2029, 10, 1)
    assert look(engine, NOTICE).human_due == dt.date(2027, 7, 3)
    with reading(engine) as session:
        standing = load_standing(session, load_contract(session, contract_id))
        value = shown(standing, item(session, NOTICE), PLAIN)
    assert isinstance(value, Milestone)
    assert value.date == dt.date(2027, 7, 3)
    decide(engine, END, lambda s, i, v: accept(s, i, v, BEN, after(1)))
    assert look(engine, NOTICE).human_due == dt.date(2029, 7, 3)
    with reading(engine) as session:
        assert [row.action for row in trail(session)] == ["accept", "accept", "redate"]

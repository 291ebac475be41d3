"""New readings of the portfolio: nothing moves until somebody accepts, and then all of it does, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, event
from sqlmodel import select

from models.contract import MilestoneKind, Outcome, Status, Term, TermField
from models.decision import Action, Change, Finding, ItemState
from models.period import Period, Unit
from models.problem import Category, Problem, Stage
from models.rereading import quote_of
from review.deciding import accept, correct, reject
from store import rereads
from store.confirmed import iter_confirmed
from store.engine import reading, writing
from store.errors import StoreError
from store.families import links_to
from store.identity import contract_id
from store.recurring_tables import Reread, RereadContract, RereadEffect, RereadingState, RereadState
from store.reread_effects import Versions
from store.review_tables import ReviewItem
from store.schema import ALL_TABLES
from store.tables import Row
from tests.review.desk import ADA, ANNA, NOW, after, item, milestones, outcome, passage, read, terms, trail
from tests.store.test_store_amending import REPLACED, amendment, master, save

NOTICE = "Last day to give notice"
NEW = Versions("r2", "m1")
LATER = after(60)
OF_THE_BATCH = {"reread", "rereading", "reread_difference"}


@dataclass
class Portfolio:
    """One contract that older rules read, and a new reading of it."""

    engine: Engine
    contract_id: str

    def reread(self, *found: Outcome | str, versions: Versions = NEW, again: bool = False) -> rereads.Summary:
        """Read it anew; ``found`` is what reading the waiting contracts gives, in the order of their ids."""
        with writing(self.engine) as session:
            batch = rereads.begin_reread(session, versions, LATER, again=again)
            assert batch is not None
            waiting = rereads.waiting(session, batch.id)
        by_id = {contract_id(one.sha256 or ""): one for one in found if isinstance(one, Outcome)}
        for one in waiting:
            with writing(self.engine) as session:
                rereads.keep(session, batch.id, one.contract_id, by_id.get(one.contract_id) or str(found[0]))
        with writing(self.engine) as session:
            groups = rereads.uncompared(session, batch.id)
        for group in groups:
            with writing(self.engine) as session:
                rereads.compare(session, batch.id, group, LATER)
        with writing(self.engine) as session:
            return rereads.finish_reread(session, batch.id, LATER)

    def decide(self, act: Callable[..., rereads.Decided] = rereads.accept_reread, *of: str) -> rereads.Decided:
        with writing(self.engine) as session:
            return act(session, rereads.find_reread(session), ADA, LATER, of)

    def differences(self) -> dict[str, RereadEffect]:
        with reading(self.engine) as session:
            return {one.what: one.effect for _, one in rereads.differences(session, rereads.find_reread(session).id)}

    def item(self, title: str) -> ReviewItem:
        with reading(self.engine) as session:
            return item(session, title, self.contract_id)

    def confirm(self, *titles: str) -> None:
        with writing(self.engine) as session:
            for title in titles:
                found = item(session, title, self.contract_id)
                accept(session, found.id, found.version, ANNA, NOW)


@pytest.fixture
def portfolio(engine: Engine) -> Portfolio:
    return Portfolio(engine, read(engine))


def content(engine: Engine) -> dict[str, list[str]]:
    """All rows of all tables but those of new readings."""
    with reading(engine) as session:
        tables: list[type[Row]] = [table for table in ALL_TABLES if table.__tablename__ not in OF_THE_BATCH]
        return {
            str(table.__tablename__): sorted(row.model_dump_json() for row in session.exec(select(table)))
            for table in tables
        }


def with_notice(count: int, *, quote: str | None = None) -> Outcome:
    """The contract as newer rules read it: with another notice period."""
    period = Period(count=count, unit=Unit.DAY)
    changed: dict[str, object] = {"notice": period}
    if quote is not None:
        changed["evidence"] = (passage(300, quote, "9.2"),)
    found = [one.model_copy(update=changed) if one.field is TermField.NOTICE_PERIOD else one for one in terms()]
    return outcome(terms=tuple(found))


def without(title: str) -> Outcome:
    return outcome(milestones=tuple(one for one in milestones() if one.title != title))


def more_sure() -> Outcome:
    return outcome(terms=tuple(one.model_copy(update={"confidence": 0.99}) for one in terms()))


def test_the_same_again_proposes_nothing_and_changes_nothing(portfolio: Portfolio) -> None:
    before = content(portfolio.engine)
    found = portfolio.reread(outcome())
    assert (found.sentence, found.state) == ("1 contract re-read, no value differs", RereadState.UNCHANGED)
    assert found.counts == {RereadingState.SAME: 1}
    assert content(portfolio.engine) == before


def test_what_was_re_read_by_these_versions_is_not_re_read_again(portfolio: Portfolio) -> None:
    portfolio.reread(outcome())
    with writing(portfolio.engine) as session:
        assert rereads.behind(session, NEW) == 0
        assert rereads.begin_reread(session, NEW, LATER) is None
        assert rereads.behind(session, Versions("r3", "m1")) == 1


def test_how_sure_the_program_is_makes_no_difference_for_people_and_can_be_taken_over(portfolio: Portfolio) -> None:
    before = content(portfolio.engine)
    found = portfolio.reread(more_sure())
    assert (found.state, found.differ) == (RereadState.UNCHANGED, 0)
    assert found.counts == {RereadingState.SHADED: 1}
    assert content(portfolio.engine) == before
    portfolio.decide()
    assert portfolio.item("Notice period").confidence == 0.99


def test_what_differs_waits_and_nothing_moves_until_it_is_accepted(portfolio: Portfolio) -> None:
    before = content(portfolio.engine)
    found = portfolio.reread(with_notice(60))
    assert (found.sentence, found.state) == ("1 contract re-read, 1 value differs", RereadState.READY)
    assert content(portfolio.engine) == before, "the preview left nothing behind"
    with reading(portfolio.engine) as session:
        ((contract, one),) = rereads.differences(session, found.id)
        old, new = rereads.value_of(one.old), rereads.value_of(one.new)
    assert contract.id == portfolio.contract_id
    assert isinstance(old, Term)
    assert isinstance(new, Term)
    assert (str(old.notice), str(new.notice)) == ("90 days", "60 days")
    assert portfolio.decide() == rereads.Decided(1, 0)
    with reading(portfolio.engine) as session:
        assert rereads.find_reread(session).state is RereadState.DECIDED
        assert rereads.behind(session, NEW) == 0
    assert content(portfolio.engine) != before


def test_dropping_leaves_everything_and_it_is_not_proposed_again_unless_asked_for(portfolio: Portfolio) -> None:
    before = content(portfolio.engine)
    portfolio.reread(with_notice(60))
    portfolio.decide(rereads.drop_reread)
    assert content(portfolio.engine) == before
    with writing(portfolio.engine) as session:
        assert rereads.begin_reread(session, NEW, LATER) is None
    assert portfolio.reread(with_notice(60), again=True).differ == 1


def test_unchanged_items_keep_their_decision_and_a_changed_one_opens_with_the_old_decision_in_its_trail(
    portfolio: Portfolio,
) -> None:
    portfolio.confirm("Notice period", "First instalment")
    portfolio.reread(with_notice(60))
    assert portfolio.differences() == {"Notice period": RereadEffect.REOPENS}
    portfolio.decide()
    assert portfolio.item("First instalment").state is ItemState.ACCEPTED
    opened = portfolio.item("Notice period")
    assert (opened.state, opened.human_value) == (ItemState.PENDING, None)
    with reading(portfolio.engine) as session:
        (row,) = trail(session, Action.REOPEN)
    assert row.before is not None
    assert row.before["human_value"]["notice"]["count"] == 90
    assert row.before["decided_by_name"] == ANNA.name


def test_what_was_confirmed_is_tracked_as_it_was_until_the_new_value_is_decided(portfolio: Portfolio) -> None:
    portfolio.confirm("Notice period", "First instalment")
    portfolio.reread(with_notice(60))
    portfolio.decide()
    with reading(portfolio.engine) as session:
        (confirmed,) = iter_confirmed(session)
    held = confirmed.term(TermField.NOTICE_PERIOD)
    assert held is not None
    assert str(held.notice) == "90 days"
    portfolio.confirm("Notice period")
    with reading(portfolio.engine) as session:
        (confirmed,) = iter_confirmed(session)
    decided = confirmed.term(TermField.NOTICE_PERIOD)
    assert decided is not None
    assert str(decided.notice) == "60 days"


def test_what_was_confirmed_and_is_no_longer_found_is_proposed_as_superseded(portfolio: Portfolio) -> None:
    portfolio.confirm("First instalment")
    portfolio.reread(without("First instalment"))
    assert portfolio.differences() == {"First instalment": RereadEffect.VANISHES}
    portfolio.decide()
    gone = portfolio.item("First instalment")
    assert (gone.state, gone.finding) == (ItemState.ACCEPTED, Finding.VANISHED)


def test_what_a_person_corrected_or_rejected_stays_decided(portfolio: Portfolio) -> None:
    with writing(portfolio.engine) as session:
        period = item(session, "Notice period")
        correct(session, period.id, period.version, ANNA, NOW, Change(notice=Period(count=45, unit=Unit.DAY)))
        notice = item(session, NOTICE)
        reject(session, notice.id, notice.version, ANNA, NOW, reason="No milestone.")
    portfolio.reread(with_notice(60))
    assert portfolio.differences() == {"Notice period": RereadEffect.KEEPS}
    portfolio.decide()
    assert portfolio.item("Notice period").state is ItemState.CORRECTED
    assert portfolio.item(NOTICE).state is ItemState.REJECTED


def test_a_decision_that_the_new_reading_agrees_with_stands(portfolio: Portfolio) -> None:
    with writing(portfolio.engine) as session:
        period = item(session, "Notice period")
        correct(session, period.id, period.version, ANNA, NOW, Change(notice=Period(count=60, unit=Unit.DAY)))
    portfolio.reread(with_notice(60, quote="sixty (60) days' notice"))
    portfolio.decide()
    kept = portfolio.item("Notice period")
    assert kept.human_value is not None
    assert kept.human_value["notice"]["count"] == 60


def test_a_passage_that_is_read_a_little_further_and_says_the_same_keeps_its_decision(portfolio: Portfolio) -> None:
    portfolio.confirm(NOTICE)
    before = content(portfolio.engine)
    first = milestones()[0]
    longer = passage(320, first.evidence[0].quote + " Notices are sent by post.", "9.2")
    found = portfolio.reread(outcome(milestones=(first.model_copy(update={"evidence": (longer,)}), *milestones()[1:])))
    assert found.counts == {RereadingState.SAME: 1}
    assert content(portfolio.engine) == before


def test_a_passage_that_is_read_further_and_says_something_else_is_one_difference_and_not_two(
    portfolio: Portfolio,
) -> None:
    portfolio.confirm(NOTICE)
    first = milestones()[0]
    longer = first.evidence[0].quote + " The customer gives it."
    found = first.model_copy(update={"evidence": (passage(320, longer, "9.2"),), "who": "Customer"})
    portfolio.reread(outcome(milestones=(found, *milestones()[1:])))
    with reading(portfolio.engine) as session:
        ((_, one),) = rereads.differences(session, rereads.find_reread(session).id)
    old, new = rereads.value_of(one.old), rereads.value_of(one.new)
    assert (quote_of(old), quote_of(new)) == (first.quote, longer)
    assert one.effect is RereadEffect.REOPENS
    portfolio.decide()
    with reading(portfolio.engine) as session:
        (row,) = trail(session, Action.REOPEN)
    assert row.before is not None
    assert row.before["decided_by_name"] == ANNA.name
    assert portfolio.item(NOTICE).state is ItemState.PENDING


def test_a_passage_that_is_of_another_kind_now_is_one_difference_and_not_two(portfolio: Portfolio) -> None:
    first = milestones()[0]
    found = first.model_copy(update={"kind": MilestoneKind.TERMINATION, "title": "End the agreement"})
    portfolio.reread(outcome(milestones=(found, *milestones()[1:])))
    with reading(portfolio.engine) as session:
        ((_, one),) = rereads.differences(session, rereads.find_reread(session).id)
    assert one.old is not None
    assert one.new is not None
    assert (one.what, one.old["kind"], one.new["kind"]) == ("End the agreement", "notice", "termination")


def test_what_cannot_be_read_this_time_is_told_and_left_as_it_is(portfolio: Portfolio) -> None:
    before = content(portfolio.engine)
    problem = Problem(stage=Stage.READ, category=Category.DEADLINE, message="Reading took too long.")
    failed = Outcome(file="supply.pdf", sha256=outcome().sha256, status=Status.FAILED, problems=(problem,))
    found = portfolio.reread(failed)
    assert (found.state, found.counts) == (RereadState.UNCHANGED, {RereadingState.FAILED: 1})
    with reading(portfolio.engine) as session:
        assert rereads.failures(session, found.id) == [("supply.pdf", "Reading took too long.")]
    assert content(portfolio.engine) == before
    assert portfolio.reread(outcome(), again=True).counts == {RereadingState.SAME: 1}


def test_a_batch_is_decided_by_contract_and_families_go_together(engine: Engine) -> None:
    with writing(engine) as session:
        first = save(session, master())
        save(session, amendment(REPLACED))
        other = save(session, outcome("other.pdf"))
    portfolio = Portfolio(engine, other)
    changed = with_notice(60)
    shifted = amendment(REPLACED.model_copy(update={"section": "Section 9.9"}))
    portfolio.reread(
        master().model_copy(update={"terms": (*changed.terms, master().terms[-1])}),
        shifted,
        changed.model_copy(update={"file": "other.pdf", "sha256": outcome("other.pdf").sha256}),
    )
    with reading(engine) as session:
        batch = rereads.find_reread(session)
        families = {(one.contract_id, one.family) for _, one in rereads.differences(session, batch.id)}
        assert {id_ for id_, _ in families} == {first, other}
        assert len({family for _, family in families}) == 2
    assert portfolio.decide(rereads.accept_reread, first) == rereads.Decided(2, 0)
    assert portfolio.item("Notice period").due is None
    with reading(engine) as session:
        assert rereads.find_reread(session).state is RereadState.READY
        assert links_to(session, first), "the amendment still belongs to its agreement"
    assert portfolio.decide(rereads.drop_reread, other) == rereads.Decided(1, 0)
    with reading(engine) as session:
        assert rereads.find_reread(session).state is RereadState.DECIDED


def test_a_contract_that_was_read_in_another_way_meanwhile_is_left_as_it_is(portfolio: Portfolio) -> None:
    portfolio.reread(with_notice(60))
    read(portfolio.engine, with_notice(30), ruleset="r3")
    before = content(portfolio.engine)
    assert portfolio.decide() == rereads.Decided(0, 1)
    assert content(portfolio.engine) == before


def test_another_upgrade_supersedes_what_nobody_has_decided(portfolio: Portfolio) -> None:
    first = portfolio.reread(with_notice(60))
    portfolio.reread(outcome(), versions=Versions("r3", "m1"))
    with writing(portfolio.engine) as session:
        old = rereads.find_reread(session, first.id)
        assert old.state is RereadState.SUPERSEDED
        with pytest.raises(StoreError, match="Rules or models have changed since"):
            rereads.accept_reread(session, old, ADA, LATER)


def test_a_run_that_was_stopped_goes_on_with_what_is_left(engine: Engine) -> None:
    ids = sorted(read(engine, outcome(f"{number}.pdf")) for number in range(4))
    names = {contract_id(outcome(f"{number}.pdf").sha256 or ""): f"{number}.pdf" for number in range(4)}
    with writing(engine) as session:
        batch = rereads.begin_reread(session, NEW, LATER)
        assert batch is not None
        rereads.keep(session, batch.id, ids[0], outcome(names[ids[0]]))
    with writing(engine) as session, pytest.raises(StoreError, match="still being re-read"):
        rereads.finish_reread(session, batch.id, LATER)
    with writing(engine) as session:
        again = rereads.begin_reread(session, NEW, LATER)
        assert again is not None
        assert [one.contract_id for one in rereads.waiting(session, again.id)] == ids[1:]
        with pytest.raises(StoreError, match="not read to its end"):
            rereads.accept_reread(session, again, ADA, LATER)


class Crash(BaseException):
    """The power fails."""


@contextmanager
def statements(engine: Engine, stop_at: int | None = None) -> Iterator[list[str]]:
    seen: list[str] = []

    def watch(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)
        if stop_at is not None and len(seen) > stop_at:
            raise Crash

    event.listen(engine, "before_cursor_execute", watch)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", watch)


def test_a_crash_anywhere_in_accepting_leaves_the_old_state_or_the_new(sqlite_engine: Engine) -> None:
    portfolio = Portfolio(sqlite_engine, read(sqlite_engine))
    portfolio.confirm("Notice period", "First instalment")
    portfolio.reread(with_notice(60))

    def whole() -> tuple[dict[str, list[str]], list[str]]:
        with reading(sqlite_engine) as session:
            rows = [row.model_dump_json() for row in session.exec(select(RereadContract))]
            return content(sqlite_engine), rows + [row.model_dump_json() for row in session.exec(select(Reread))]

    old = whole()
    steps = 0
    while True:
        try:
            with statements(sqlite_engine, stop_at=steps) as seen:
                portfolio.decide()
            break
        except Crash:
            assert whole() == old, f"a crash before statement {steps + 1} left something behind: {seen[-1][:200]}"
            steps += 7
    assert steps > 50, "the crashes came after the work had begun"
    assert portfolio.item("Notice period").state is ItemState.PENDING
    assert whole() != old


def test_what_is_only_surer_can_be_taken_over_after_what_differs_was_decided_alone(engine: Engine) -> None:
    portfolio = Portfolio(engine, read(engine))
    other = read(engine, outcome("other.pdf"))
    surer = more_sure().model_copy(update={"file": "other.pdf", "sha256": outcome("other.pdf").sha256})
    found = portfolio.reread(with_notice(60), surer)
    assert found.counts == {RereadingState.DIFFERS: 1, RereadingState.SHADED: 1}
    assert portfolio.decide(rereads.accept_reread, portfolio.contract_id) == rereads.Decided(1, 0)
    assert portfolio.decide() == rereads.Decided(1, 0)
    with reading(engine) as session:
        assert item(session, "Notice period", other).confidence == 0.99
        assert rereads.find_reread(session).state is RereadState.DECIDED


def test_rules_that_come_back_read_anew_what_was_superseded_before_anybody_decided(engine: Engine) -> None:
    portfolio = Portfolio(engine, read(engine))
    portfolio.reread(with_notice(60))
    portfolio.reread(with_notice(45), versions=Versions("r3", "m1"))
    with reading(engine) as session:
        assert rereads.behind(session, NEW) == 1
    read(engine, outcome("other.pdf"))
    found = portfolio.reread(with_notice(60), outcome("other.pdf"))
    assert found.counts == {RereadingState.DIFFERS: 1, RereadingState.SAME: 1}
    with writing(engine) as session:
        batch = session.get(Reread, found.id)
        assert batch is not None
        assert rereads.accept_reread(session, batch, ADA, LATER) == rereads.Decided(1, 0)

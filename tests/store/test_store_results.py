import multiprocessing
import os
import signal
import threading
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func
from sqlalchemy.exc import StatementError
from sqlmodel import Session, col, select

from models.base import Value
from models.contract import Milestone, Outcome, Status, Term, TermField, TermState
from models.evidence import PageBox
from models.problem import Category
from store import identity
from store.engine import open_engine, reading, writing
from store.errors import StoreError
from store.fingerprint import fingerprint
from store.queries import MilestoneFilter, list_milestones, milestone_of, term_of, terms_of
from store.results import find_extraction, save_outcome
from store.tables import TABLES, Contract, Document, Extraction, LedgerState, MilestoneRow, ProblemRow, TermRow
from tests.store.samples import LATER, NOW, evidence, failure, notice, outcome, payment, sha, start, terms


def save(session: Session, what: Outcome, *, ruleset: str = "r1", entry_id: str | None = None) -> Extraction:
    now = NOW if ruleset == "r1" else LATER
    return save_outcome(
        session,
        what,
        ruleset_version=ruleset,
        model_version="m1",
        now=now,
        size=4711,
        media_type="application/pdf",
        entry_id=entry_id,
    )


def rows_in(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        counted = {table.__tablename__: session.exec(select(func.count()).select_from(table)).one() for table in TABLES}
    return {str(name): count for name, count in counted.items() if count}


def mark(engine: Engine) -> str:
    with reading(engine) as session:
        return fingerprint(session)


def test_an_outcome_comes_back_as_it_was_read(engine: Engine) -> None:
    given = outcome("Supply & Söhne.pdf")
    with writing(engine) as session:
        save(session, given)
    with reading(engine) as session:
        stored = find_extraction(session, sha("Supply & Söhne.pdf"), "r1", "m1")
        assert stored is not None
        assert Outcome.model_validate(stored.outcome) == given
        contract = session.exec(select(Contract)).one()
        assert {term_of(row) for row in terms_of(session, contract.id)} == set(given.terms)
        assert [row.field for row in terms_of(session, contract.id)] == [
            field for field in TermField if given.term(field)
        ]
        milestones = [milestone_of(row.milestone) for row in list_milestones(session)]
        assert sorted(milestones, key=lambda found: found.title) == sorted(given.milestones, key=lambda m: m.title)


@pytest.mark.parametrize(
    ("values", "kind"), [((notice(), payment(), start()), Milestone), (terms(), Term), ((outcome(),), Outcome)]
)
def test_the_samples_leave_no_field_of_the_models_out(values: tuple[Value, ...], kind: type[Value]) -> None:
    filled = {name for value in values for name in value.model_dump(exclude_defaults=True)}
    assert filled >= set(kind.model_fields) - {"perpetual"}


def test_an_endless_term_is_stored_as_such(engine: Engine) -> None:
    endless = Term(field=TermField.EXPIRATION_DATE, state=TermState.FOUND, confidence=0.9, perpetual=True)
    with writing(engine) as session:
        save(session, outcome().model_copy(update={"terms": (endless,)}))
    with reading(engine) as session:
        row = session.exec(select(TermRow)).one()
        assert row.machine_perpetual
        assert term_of(row) == endless


def test_what_is_searched_and_shown_has_its_own_column(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, outcome())
    with reading(engine) as session:
        document = session.exec(select(Document)).one()
        assert (document.name, document.size, document.media_type, document.pages, document.created_at) == (
            "supply.pdf",
            4711,
            "application/pdf",
            12,
            NOW,
        )
        contract = session.exec(select(Contract)).one()
        assert (contract.title, contract.contract_type, contract.draft) == ("Supply Agreement", None, True)
        assert contract.parties == [
            {"name": "Nordwind Optik GmbH", "defined_as": "Supplier"},
            {"name": "Λάμδα A.E.", "defined_as": None},
        ]
        due = {row.milestone.kind.value: row.milestone.machine_due for row in list_milestones(session)}
        assert due == {"effective": start().date, "notice": notice().latest, "payment": None}
        paid = session.exec(select(MilestoneRow).where(MilestoneRow.kind == "payment")).one()
        assert (paid.machine_amount, str(paid.machine_amount), paid.machine_currency) == (
            Decimal("5000"),
            "5000.00",
            "EUR",
        )
        assert (paid.quote, paid.position, paid.page, paid.section) == (payment().quote, 900, 5, "9.2")
        assert paid.key == payment().key(contract.id)
        problems = session.exec(select(ProblemRow).order_by(col(ProblemRow.ordinal))).all()
        assert [(problem.category, problem.page) for problem in problems] == [
            (Category.NO_TEXT_LAYER, 7),
            (Category.BROKEN_TEXT, None),
        ]


def test_saving_the_same_outcome_again_changes_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, outcome())
    before, rows = mark(engine), rows_in(engine)
    with writing(engine) as session:
        save(session, outcome())
    assert (mark(engine), rows_in(engine)) == (before, rows)
    with reading(engine) as session:
        assert set(session.exec(select(MilestoneRow.version))) == {1}


def test_text_no_database_can_hold_is_replaced_once_and_stays_stable(engine: Engine) -> None:
    torn = payment("Pay\x00 on \ud83d the 1st.")
    for _ in range(2):
        with writing(engine) as session:
            save(session, outcome(milestones=(torn,)))
    with reading(engine) as session:
        row = session.exec(select(MilestoneRow)).one()
        assert row.quote == "Pay� on � the 1st."
        assert row.version == 1


@pytest.mark.parametrize("where", ["in the middle", "at the very end"])
@pytest.mark.parametrize("then", ["roll back", "go on and commit"])
def test_a_save_that_fails_leaves_nothing_behind(engine: Engine, where: str, then: str) -> None:
    broken = outcome()
    if where == "in the middle":
        # No JSON, and so no row; what was written before it must go too.
        nowhere = evidence(1, "x").model_copy(update={"boxes": (PageBox(1, float("nan"), 0, 0, 0),)})
        broken = outcome(milestones=(payment(), notice().model_copy(update={"evidence": (nowhere,)})))
    entry = "no such entry" if where == "at the very end" else None

    def attempt(session: Session) -> None:
        with pytest.raises((StoreError, StatementError, ValueError), match=r"no entry|JSON"):
            save(session, broken, entry_id=entry)

    with writing(engine) as session:
        attempt(session)
        if then == "roll back":
            session.rollback()
        else:
            session.add(Document(sha256=sha("other"), size=1, name="other.pdf", created_at=NOW))
    assert rows_in(engine) == ({} if then == "roll back" else {"document": 1})


def test_a_failed_document_has_an_extraction_with_its_problem_and_no_contract(engine: Engine) -> None:
    with writing(engine) as session:
        stored = save(session, failure("locked.pdf", Category.ENCRYPTED, "It asks for a password."))
    assert (stored.status, stored.state, stored.category) == (
        Status.FAILED,
        LedgerState.ENCRYPTED,
        Category.ENCRYPTED,
    )
    assert rows_in(engine) == {"document": 1, "extraction": 1, "problem": 1}


def test_reading_again_with_new_rules_updates_in_place_and_keeps_what_it_no_longer_finds(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, outcome(milestones=(payment(), notice())))
    surer = notice().model_copy(update={"confidence": 0.95, "latest": notice().latest})
    with writing(engine) as session:
        save(session, outcome(milestones=(surer, start())), ruleset="r2")
    with reading(engine) as session:
        rows = {row.kind.value: row for row in session.exec(select(MilestoneRow))}
        assert {kind: (row.current, row.version) for kind, row in rows.items()} == {
            "payment": (False, 2),
            "notice": (True, 2),
            "effective": (True, 1),
        }
        assert rows["notice"].machine_confidence == 0.95
        assert (rows["notice"].created_at, rows["notice"].updated_at) == (NOW, LATER)
        assert {row.version for row in session.exec(select(TermRow))} == {1}, "equal terms are no new version"
        second = identity.extraction_id(sha("supply.pdf"), "r2", "m1")
        assert {row.extraction_id for row in session.exec(select(TermRow))} == {second}
        assert [found.milestone.kind.value for found in list_milestones(session)] == ["effective", "notice"]
        assert len(list_milestones(session, MilestoneFilter(current=None))) == 3
    assert rows_in(engine)["extraction"] == 2

    with writing(engine) as session:
        save(session, outcome(milestones=(payment(), notice())))
    with reading(engine) as session:
        back = session.exec(select(MilestoneRow).where(MilestoneRow.kind == "payment")).one()
        assert (back.current, back.version) == (True, 3)


def test_a_failure_after_a_success_leaves_the_contract_as_it_was(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, outcome())
    with writing(engine) as session:
        save(session, failure("supply.pdf", Category.DEADLINE), ruleset="r2")
    with reading(engine) as session:
        assert len(list_milestones(session)) == 3
        contract = session.exec(select(Contract)).one()
        assert contract.extraction_id == identity.extraction_id(sha("supply.pdf"), "r1", "m1")


def test_a_term_an_extraction_says_nothing_of_is_absent_and_claims_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, outcome())
        save(session, outcome().model_copy(update={"terms": terms()[1:]}), ruleset="r2")
    with reading(engine) as session:
        contract = session.exec(select(Contract)).one()
        found = {row.field: row for row in terms_of(session, contract.id)}
    lost = found[TermField.EFFECTIVE_DATE]
    assert (lost.machine_state, lost.machine_date, lost.machine_confidence) == (TermState.ABSENT, None, 0.0)
    assert lost.machine_evidence == []


def test_several_milestones_of_one_kind_from_one_passage_each_have_a_stable_key(engine: Engine) -> None:
    quote = "Customer shall pay € 100 on signature and € 200 on delivery."
    first = payment(quote)
    second = first.model_copy(update={"title": "Second instalment"})
    elsewhere = first.model_copy(update={"evidence": (evidence(2000, quote),)})
    for milestones in [(first, second, elsewhere), (elsewhere, second, first)]:
        with writing(engine) as session:
            save(session, outcome(milestones=milestones))
    with reading(engine) as session:
        rows = session.exec(select(MilestoneRow)).all()
        assert len(rows) == 3
        assert {row.version for row in rows} == {1}, "the order of the list decides nothing"


def test_an_outcome_without_bytes_is_for_the_ledger_alone(engine: Engine) -> None:
    with writing(engine) as session, pytest.raises(ValueError, match="ledger alone"):
        save(session, Outcome(file="gone.pdf", sha256=None, status=Status.FAILED))


def test_two_writers_of_one_document_take_turns(engine: Engine) -> None:
    failures: list[BaseException] = []
    start_together = threading.Barrier(3)

    def work(ruleset: str) -> None:
        start_together.wait()
        try:
            with writing(engine) as session:
                save(session, outcome(), ruleset=ruleset)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(ruleset,)) for ruleset in ("r1", "r2", "r3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rows_in(engine) == {
        "document": 1,
        "extraction": 3,
        "contract": 1,
        "term": len(terms()),
        "milestone": 3,
        "problem": 6,
    }


def _save_and_die(url: str) -> None:
    engine = open_engine(url)
    with writing(engine) as session:
        save(session, outcome("second.pdf"))
        session.flush()
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_process_killed_before_its_commit_leaves_nothing_half_written(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, outcome("first.pdf"))
    before = mark(engine)
    url = engine.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=_save_and_die, args=(url,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert mark(engine) == before
    with writing(engine) as session:
        save(session, outcome("second.pdf"))
    assert rows_in(engine)["contract"] == 2

import datetime as dt

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.contract import Milestone, MilestoneKind
from models.problem import Category
from store.engine import reading, writing
from store.ledger import begin_batch
from store.queries import (
    MilestoneFilter,
    count_milestones,
    iter_milestones,
    iter_outcomes,
    list_contracts,
    list_milestones,
)
from store.results import save_outcome
from tests.store.samples import LATER, NOW, evidence, failure, notice, outcome, payment, seen, start


def dated(title: str, day: dt.date | None, position: int = 10) -> Milestone:
    where = evidence(position, f"{title} is due.")
    return start().model_copy(update={"title": title, "date": day, "evidence": (where,)})


def save(session: Session, path: str, *milestones: Milestone, ruleset: str = "r1", now: dt.datetime = NOW) -> None:
    given = outcome(path, milestones=milestones)
    save_outcome(session, given, ruleset_version=ruleset, model_version="m1", now=now, size=1)


def begin(session: Session, root: str, *paths: str, ruleset: str = "r1") -> str:
    files = [seen(path) for path in paths]
    return begin_batch(session, root=root, files=files, ruleset_version=ruleset, model_version="m1", now=NOW).id


def titles(engine: Engine, which: MilestoneFilter) -> list[str]:
    with reading(engine) as session:
        return [row.milestone.title for row in iter_milestones(session, which)]


def test_milestones_come_by_due_day_then_contract_then_place_and_the_undated_last(engine: Engine) -> None:
    day = dt.date(2027, 5, 31)
    with writing(engine) as session:
        save(session, "b.pdf", dated("late in b", day, 90), dated("early in b", day, 7), dated("undated", None))
        save(session, "a.pdf", dated("in a", day), dated("first of all", day - dt.timedelta(1)))
    in_order = ["first of all", "in a", "early in b", "late in b", "undated"]
    assert titles(engine, MilestoneFilter()) == in_order
    with reading(engine) as session:
        assert [row.milestone.title for row in list_milestones(session, limit=2, offset=1)] == in_order[1:3]
        assert count_milestones(session) == 5
        assert list_milestones(session)[1].contract.name == "a.pdf"


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (MilestoneFilter(kinds=(MilestoneKind.PAYMENT,)), ["Monthly fee"]),
        (MilestoneFilter(due_from=dt.date(2024, 3, 1), due_to=dt.date(2024, 3, 1)), ["The contract begins"]),
        (MilestoneFilter(due_from=dt.date(2024, 3, 2)), ["Last day to give notice"]),
        (MilestoneFilter(due_to=dt.date(2024, 2, 29)), []),
        (MilestoneFilter(blocked=True), ["Monthly fee"]),
        (MilestoneFilter(blocked=False), ["The contract begins", "Last day to give notice"]),
        (MilestoneFilter(min_confidence=0.875), ["The contract begins", "Last day to give notice"]),
        (MilestoneFilter(current=False), []),
        (MilestoneFilter(contract_id="none"), []),
        (MilestoneFilter(batch_id="none"), []),
    ],
)
def test_milestones_are_filtered(engine: Engine, which: MilestoneFilter, expected: list[str]) -> None:
    with writing(engine) as session:
        save(session, "a.pdf", payment(), start(), notice())
    assert titles(engine, which) == expected
    with reading(engine) as session:
        assert count_milestones(session, which) == len(expected)


def test_a_batch_shows_the_contracts_of_its_own_files(engine: Engine) -> None:
    with writing(engine) as session:
        here = begin(session, "here", "a.pdf", "b.pdf")
        there = begin(session, "there", "c.pdf", "b.pdf")
        for path in ("c.pdf", "b.pdf", "a.pdf"):
            save(session, path, dated(path, None))
    with reading(engine) as session:
        assert [contract.name for contract in list_contracts(session)] == ["a.pdf", "b.pdf", "c.pdf"]
        assert [contract.name for contract in list_contracts(session, limit=1, offset=1)] == ["b.pdf"]
        assert [contract.name for contract in list_contracts(session, batch_id=there)] == ["b.pdf", "c.pdf"]
        assert {outcome.file for _, _, outcome in iter_outcomes(session, batch_id=here)} == {"a.pdf", "b.pdf"}
    assert titles(engine, MilestoneFilter(batch_id=here)) == ["a.pdf", "b.pdf"]


def test_outcomes_are_those_of_the_last_reading_or_of_the_batch(engine: Engine) -> None:
    with writing(engine) as session:
        old = begin(session, "here", "a.pdf", "locked.pdf")
        new = begin(session, "here", "a.pdf", ruleset="r2")
        save(session, "a.pdf", payment())
        save_outcome(
            session,
            failure("locked.pdf", Category.ENCRYPTED),
            ruleset_version="r1",
            model_version="m1",
            now=NOW,
            size=1,
        )
        save(session, "a.pdf", notice(), ruleset="r2", now=LATER)

    def found(batch_id: str | None) -> dict[str, tuple[str, int]]:
        with reading(engine) as session:
            return {
                document.name: (extraction.ruleset_version, len(given.milestones))
                for document, extraction, given in iter_outcomes(session, batch_id=batch_id)
            }

    assert found(None) == {"a.pdf": ("r2", 1), "locked.pdf": ("r1", 0)}
    assert found(old) == {"a.pdf": ("r1", 1), "locked.pdf": ("r1", 0)}
    assert found(new) == {"a.pdf": ("r2", 1)}


def test_an_export_streams_more_rows_than_it_holds(engine: Engine) -> None:
    with writing(engine) as session:
        for n in range(3):
            many = [dated(f"{m:04}", dt.date(2026, 1, 1) + dt.timedelta(m), m) for m in range(n, 600, 3)]
            save(session, f"{n}.pdf", *many)
    assert titles(engine, MilestoneFilter()) == [f"{m:04}" for m in range(600)]

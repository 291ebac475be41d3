"""Accepting all that the policy allows, a hundred at a time, to be undone as one."""

from sqlalchemy import Engine

from models.decision import Action
from review import autoaccept
from review.accepting import accept_all
from review.deciding import accept, reopen
from review.undoing import undo_bulk
from store.engine import reading, writing
from tests.review.desk import ADA, ANNA, NOW, after, outcome, read, trail
from tests.review.test_autoaccept import POLICY, decide, payments, waiting


def test_all_that_clears_the_bar_is_accepted_once_and_undone_as_one(sqlite_engine: Engine) -> None:
    decide(sqlite_engine, read(sqlite_engine, outcome("a.pdf", milestones=payments(0.95))), wrong=0)
    for number in range(1, 5):
        read(sqlite_engine, outcome(f"{number}.pdf", milestones=payments(0.95, 100 * number)))
    nothing = accept_all(sqlite_engine, NOW)
    assert (nothing.items, nothing.sampled) == (0, 0)
    with writing(sqlite_engine) as session:
        autoaccept.save(session, POLICY, 0, ADA, NOW)
    done = accept_all(sqlite_engine, NOW)
    assert done.items + done.sampled == 160
    assert done.items > 100
    assert accept_all(sqlite_engine, NOW)[1:] == (0, 0)
    with reading(sqlite_engine) as session:
        assert {row.bulk_id for row in trail(session, Action.AUTO_ACCEPT)} == {done.bulk_id}
        assert autoaccept.sampled(session) == done.sampled
    with writing(sqlite_engine) as session:
        assert len(undo_bulk(session, ADA, NOW, done.bulk_id).items) == done.items
    assert accept_all(sqlite_engine, after(60))[1:] == (0, 0), "what an administrator took back stays taken back"


def test_what_a_person_opened_again_is_left_to_people(sqlite_engine: Engine) -> None:
    decide(sqlite_engine, read(sqlite_engine, outcome("a.pdf", milestones=payments(0.95))), wrong=0)
    contract = read(sqlite_engine, outcome("b.pdf", milestones=payments(0.95, 100)))
    with writing(sqlite_engine) as session:
        for one in waiting(session, contract):
            taken = accept(session, one.id, one.version, ANNA, NOW)
            reopen(session, one.id, taken.version, ANNA, NOW)
        autoaccept.save(session, POLICY, 0, ADA, NOW)
    assert accept_all(sqlite_engine, NOW)[1:] == (0, 0)

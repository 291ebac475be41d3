"""What a run does at every start is answered from an index, however much is not due."""

import re

import pytest
from sqlalchemy import Engine, event, text

from models.tracked import OwnerKind
from store.engine import writing
from store.tracking_owners import add_owner, unowned
from store.tracking_reminders import cancel_planned, claim, count_due, next_reminder, next_reminders, recover
from tests.tracking.building import START

ASKED = {
    "claim": lambda session: claim(session, "x", now=START, limit=500),
    "count_due": lambda session: count_due(session, START),
    "cancel_planned": lambda session: cancel_planned(session, [f"{n}" for n in range(400)], "why"),
    "next_reminder": lambda session: next_reminder(session, "1"),
    "next_reminders": lambda session: next_reminders(session, [f"{n}" for n in range(400)]),
    "recover": lambda session: recover(session, now=START, timeout=START - START),
    "unowned": unowned,
}
WANTED = {
    "claim": ("sqlite_autoindex_reminder_1 (id=?)", "ix_reminder_state_fire_at (state=? AND fire_at<?)"),
    "count_due": ("ix_reminder_state_fire_at (state=? AND fire_at<?)",),
    "cancel_planned": ("ix_reminder_occurrence_id_fire_at (occurrence_id=?)",),
    "next_reminder": ("ix_reminder_occurrence_id_fire_at (occurrence_id=?)",),
    "next_reminders": ("ix_reminder_occurrence_id_fire_at (occurrence_id=?)",),
    "recover": ("ix_reminder_state_fire_at (state=?)",),
    "unowned": ("ix_occurrence_owner_id_due (owner_id=?)",),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_is_one_walk_along_an_index(sqlite_engine: Engine, name: str) -> None:
    asked: list[tuple[str, object]] = []
    with writing(sqlite_engine) as session:
        add_owner(session, "ann", OwnerKind.PERSON, now=START)
        connection = session.connection()

        def note(_c: object, _k: object, statement: str, parameters: object, *_: object) -> None:
            if re.match("SELECT|UPDATE", statement):
                asked.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        ASKED[name](session)
        event.remove(connection, "before_cursor_execute", note)
        plans = [
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
        ]
    for wanted in WANTED[name]:
        assert any(wanted in step for step in plans), plans
    assert not [step for step in plans if re.match(r"SCAN (reminder|occurrence)\b", step)], plans


def test_nothing_is_read_of_what_is_not_due(postgresql_engine: Engine) -> None:
    with writing(postgresql_engine) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))
        plan = "\n".join(
            session.scalars(
                text(
                    "EXPLAIN SELECT id FROM reminder WHERE state = 'planned' AND fire_at <= now() "
                    "ORDER BY fire_at LIMIT 500 FOR UPDATE SKIP LOCKED"
                )
            )
        )
    assert "ix_reminder_state_fire_at" in plan
    assert "Sort" not in plan

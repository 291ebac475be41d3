"""A run that was interrupted and resumed leaves the database an uninterrupted one would have left."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.contract import Outcome
from models.problem import Category
from store.engine import open_engine, reading, writing
from store.fingerprint import fingerprint
from store.ledger import FileSeen, LedgerState, begin_batch, claim, finish_batch, manifest, record, reset_running
from store.results import save_outcome
from tests.store.samples import LATER, NOW, failure, outcome, seen

FILES = [
    *(seen(f"{n}.pdf") for n in range(4)),
    seen("0 copy.pdf", "0.pdf"),
    seen("locked.pdf"),
    seen("empty.pdf", ""),
    seen("nothing.pdf", ""),
    FileSeen("unreadable.pdf", None, None),
]
STEPS = 7
"""Files that are read: all but the duplicates."""


class RunDiedError(Exception):
    """The run ends here, as if killed."""


def read(path: str) -> Outcome:
    content = "0.pdf" if path == "0 copy.pdf" else path
    match path:
        case "locked.pdf":
            return failure(path, Category.ENCRYPTED)
        case "empty.pdf" | "nothing.pdf":
            return failure("", Category.EMPTY)
        case _:
            return outcome(path, content=content)


def run(engine: Engine, *, die_at: int | None = None, die_late: bool = False) -> None:
    """Read all files, two at a time; die before, or after, the commit of the file numbered ``die_at``."""
    with writing(engine) as session:
        batch = begin_batch(
            session, root="contracts", files=FILES, ruleset_version="r1", model_version="m1", now=NOW, settings={"a": 1}
        )
        reset_running(session, batch.id, now=NOW)
    for number, (entry_id, path, size) in enumerate(_claims(engine, batch.id)):
        with writing(engine) as session:
            if path == "unreadable.pdf":
                record(session, entry_id, LedgerState.FAILED, now=NOW, category=Category.MISSING, reason="Not there.")
            else:
                save_outcome(
                    session,
                    read(path),
                    ruleset_version="r1",
                    model_version="m1",
                    now=LATER,
                    size=size or 0,
                    entry_id=entry_id,
                    seconds=0.1 * number,
                )
            if number == die_at and not die_late:
                raise RunDiedError
        if number == die_at:
            raise RunDiedError
    with writing(engine) as session:
        finish_batch(session, batch.id, now=LATER)


def _claims(engine: Engine, batch_id: str) -> Iterator[tuple[str, str, int | None]]:
    while True:
        with writing(engine) as session:
            claims = claim(session, batch_id, 2, now=NOW)
        if not claims:
            return
        for claimed in claims:
            yield claimed.entry_id, claimed.path, claimed.size


def mark(engine: Engine) -> str:
    with reading(engine) as session:
        return fingerprint(session)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('run') / 'one.db'}", create=True)
    run(engine)
    found = mark(engine)
    engine.dispose()
    return found


def test_both_databases_hold_the_same_after_the_same_run(engine: Engine, undisturbed: str) -> None:
    run(engine)
    assert mark(engine) == undisturbed


@pytest.mark.parametrize("late", [False, True], ids=["before its commit", "after its commit"])
@pytest.mark.parametrize("step", range(STEPS))
def test_a_run_that_died_at_any_file_is_finished_by_the_next(
    sqlite_engine: Engine, undisturbed: str, step: int, late: bool
) -> None:
    with pytest.raises(RunDiedError):
        run(sqlite_engine, die_at=step, die_late=late)
    assert mark(sqlite_engine) != undisturbed
    run(sqlite_engine)
    assert mark(sqlite_engine) == undisturbed


def test_a_run_that_died_again_and_again_is_finished_on_postgresql_too(
    postgresql_engine: Engine, undisturbed: str
) -> None:
    for step, late in [(0, False), (1, True), (0, False), (2, True)]:
        with pytest.raises(RunDiedError):
            run(postgresql_engine, die_at=step, die_late=late)
    run(postgresql_engine)
    assert mark(postgresql_engine) == undisturbed


def test_a_second_run_changes_nothing(engine: Engine, undisturbed: str) -> None:
    run(engine)
    run(engine)
    assert mark(engine) == undisturbed


def test_the_manifest_after_a_resumed_run_accounts_for_every_file(sqlite_engine: Engine) -> None:
    with pytest.raises(RunDiedError):
        run(sqlite_engine, die_at=3)
    run(sqlite_engine)
    with reading(sqlite_engine) as session:
        batch_id = begin_batch(
            session, root="contracts", files=FILES, ruleset_version="r1", model_version="m1", now=NOW
        ).id
        done = manifest(session, batch_id)
    assert {row.path: row.state.value for row in done.rows} == {
        "0 copy.pdf": "done",
        "0.pdf": "duplicate",
        "1.pdf": "done",
        "2.pdf": "done",
        "3.pdf": "done",
        "empty.pdf": "failed",
        "locked.pdf": "encrypted",
        "nothing.pdf": "failed",
        "unreadable.pdf": "failed",
    }
    assert len(FILES) == done.files


def test_the_fingerprint_sees_a_change_in_any_content_and_none_in_times(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'm.db'}", create=True)
    run(engine)
    before = mark(engine)
    with engine.begin() as connection:
        for table, column in [("ledger_entry", "attempts"), ("ledger_entry", "seconds"), ("batch", "created_at")]:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {column} || '1'")
    assert mark(engine) == before
    for table, column, value in [
        ("document", "pages", "99"),
        ("batch", "settings", "'{}'"),
        ("ledger_entry", "reason", "'x'"),
        ("extraction", "status", "'ok'"),
        ("contract", "title", "'x'"),
        ("term", "machine_confidence", "0.1"),
        ("milestone", "machine_due", "'2030-01-01'"),
        ("problem", "message", "'x'"),
    ]:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {value}")
        after = mark(engine)
        assert after != before, table
        before = after
    engine.dispose()

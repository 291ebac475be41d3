import datetime as dt
import threading
from collections.abc import Iterable

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from models.contract import Outcome, Status
from models.problem import Category, Problem, Stage
from store.engine import reading, writing
from store.errors import StoreError
from store.ledger import (
    MAX_ATTEMPTS,
    Claim,
    FileSeen,
    LedgerState,
    Manifest,
    begin_batch,
    claim,
    find_batch,
    finish_batch,
    list_batches,
    manifest,
    record,
    release,
    reset_running,
    retry,
    todo,
    verdict,
)
from store.results import save_outcome
from store.tables import Batch, BatchState, LedgerEntry
from tests.store.samples import LATER, NOW, failure, outcome, seen, sha


def begin(
    session: Session, files: Iterable[FileSeen], *, root: str = "contracts", ruleset: str = "r1", now: dt.datetime = NOW
) -> Batch:
    return begin_batch(session, root=root, files=files, ruleset_version=ruleset, model_version="m1", now=now)


def save(session: Session, claimed: Claim, what: Outcome | None = None) -> None:
    save_outcome(
        session,
        what or outcome(claimed.path),
        ruleset_version="r1",
        model_version="m1",
        now=NOW,
        size=claimed.size or 0,
        entry_id=claimed.entry_id,
        seconds=0.5,
    )


def account(engine: Engine, batch_id: str) -> Manifest:
    with reading(engine) as session:
        return manifest(session, batch_id)


def states(engine: Engine, batch_id: str) -> dict[str, LedgerState]:
    return {row.path: row.state for row in account(engine, batch_id).rows}


def test_every_file_that_came_in_is_accounted_for_with_its_reason(engine: Engine) -> None:
    files = [seen(name) for name in ("good.pdf", "locked.pdf", "scan.pdf", "cut.pdf", "song.mp3")]
    with writing(engine) as session:
        batch = begin(session, [*files, seen("copy.pdf", "good.pdf"), FileSeen("gone.pdf", None, None)])
        for claimed in claim(session, batch.id, 100, now=NOW):
            match claimed.path:
                case "copy.pdf":
                    save(session, claimed, outcome("copy.pdf", content="good.pdf"))
                case "locked.pdf":
                    save(session, claimed, failure("locked.pdf", Category.ENCRYPTED, "It asks for a password."))
                case "scan.pdf":
                    save(session, claimed, failure("scan.pdf", Category.NO_TEXT_LAYER))
                case "cut.pdf":
                    save(session, claimed, failure("cut.pdf", Category.DAMAGED))
                case "song.mp3":
                    save(session, claimed, failure("song.mp3", Category.UNSUPPORTED))
                case "gone.pdf":
                    record(
                        session,
                        claimed.entry_id,
                        LedgerState.FAILED,
                        now=NOW,
                        category=Category.MISSING,
                        reason="The file is no longer there.",
                    )
        finish_batch(session, batch.id, now=LATER)

    done = account(engine, batch.id)

    assert [(row.path, row.state, row.category, row.reason) for row in done.rows] == [
        ("copy.pdf", LedgerState.DONE, Category.NO_TEXT_LAYER, "Page 7 has no text."),
        ("cut.pdf", LedgerState.FAILED, Category.DAMAGED, "It cannot be read."),
        ("gone.pdf", LedgerState.FAILED, Category.MISSING, "The file is no longer there."),
        ("good.pdf", LedgerState.DUPLICATE, Category.DUPLICATE, "The same file as copy.pdf."),
        ("locked.pdf", LedgerState.ENCRYPTED, Category.ENCRYPTED, "It asks for a password."),
        ("scan.pdf", LedgerState.NEEDS_OCR, Category.NO_TEXT_LAYER, "It cannot be read."),
        ("song.mp3", LedgerState.UNSUPPORTED, Category.UNSUPPORTED, "It cannot be read."),
    ]
    assert done.files == 7 == sum(done.counts.values())
    assert set(done.counts) == set(LedgerState)
    assert done.counts[LedgerState.FAILED] == 2
    assert done.finished
    assert not done.clean
    assert done.rows[3].duplicate_of == "copy.pdf"
    assert (done.rows[0].attempts, done.rows[0].seconds) == (1, 0.5)


def test_a_second_run_over_the_same_folder_has_nothing_to_do(engine: Engine) -> None:
    files = [seen("a.pdf"), seen("b.pdf"), seen("bad.pdf")]
    with writing(engine) as session:
        batch = begin(session, files)
        for claimed in claim(session, batch.id, 9, now=NOW):
            save(session, claimed, failure("bad.pdf", Category.DAMAGED) if claimed.path == "bad.pdf" else None)
        finish_batch(session, batch.id, now=NOW)
    first = account(engine, batch.id)
    with writing(engine) as session:
        again = begin(session, files, now=LATER)
        assert again.id == batch.id
        assert again.state is BatchState.FINISHED
        assert again.finished_at == NOW
        assert todo(session, again.id) == 0
        assert claim(session, again.id, 9, now=LATER) == []
    assert account(engine, batch.id) == first


def test_new_files_open_a_finished_batch_again(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("a.pdf")])
        for claimed in claim(session, batch.id, 9, now=NOW):
            save(session, claimed)
        finish_batch(session, batch.id, now=NOW)
    with writing(engine) as session:
        again = begin(session, [seen("a.pdf"), seen("b.pdf")], now=LATER)
        assert (again.id, again.state, again.finished_at, again.files) == (batch.id, BatchState.OPEN, None, 2)
        assert [claimed.path for claimed in claim(session, again.id, 9, now=LATER)] == ["b.pdf"]


def test_the_settings_of_a_batch_are_those_it_was_last_run_with(engine: Engine) -> None:
    with writing(engine) as session:
        for given, expected in [({"a": 1}, {"a": 1}), (None, {"a": 1}), ({"b": [2]}, {"b": [2]})]:
            batch = begin_batch(
                session, root="r", files=[], ruleset_version="1", model_version="1", now=NOW, settings=given
            )
            assert batch.settings == expected
    with reading(engine) as session:
        assert find_batch(session).settings == {"b": [2]}


def test_new_rules_read_everything_again_in_a_batch_of_their_own(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("a.pdf")])
        for claimed in claim(session, batch.id, 9, now=NOW):
            save(session, claimed)
        newer = begin(session, [seen("a.pdf")], ruleset="r2", now=LATER)
        assert newer.id != batch.id
        assert todo(session, newer.id) == 1
        assert [found.id for found in list_batches(session)] == [newer.id, batch.id]


def test_bytes_read_in_another_folder_are_not_read_again_unless_the_failure_may_pass(engine: Engine) -> None:
    with writing(engine) as session:
        first = begin(session, [seen("good"), seen("locked"), seen("slow")])
        for claimed in claim(session, first.id, 9, now=NOW):
            match claimed.path:
                case "locked":
                    save(session, claimed, failure("locked", Category.ENCRYPTED, "It asks for a password."))
                case "slow":
                    save(session, claimed, failure("slow", Category.DEADLINE))
                case _:
                    save(session, claimed)
        other = begin(session, [seen("x", "good"), seen("y", "locked"), seen("z", "slow")], root="elsewhere")
    assert states(engine, other.id) == {
        "x": LedgerState.DONE,
        "y": LedgerState.ENCRYPTED,
        "z": LedgerState.PENDING,
    }
    assert account(engine, other.id).rows[1].reason == "It asks for a password."


def test_claimers_at_the_same_time_never_get_the_same_file(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen(f"{n:03}.pdf") for n in range(200)])
    taken: list[list[str]] = [[] for _ in range(4)]
    start = threading.Barrier(len(taken))

    def work(mine: list[str]) -> None:
        start.wait()
        while True:
            with writing(engine) as session:
                claims = claim(session, batch.id, 7, now=NOW)
            if not claims:
                return
            mine.extend(claimed.path for claimed in claims)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [path for mine in taken for path in mine]
    assert len(everything) == 200
    assert len(set(everything)) == 200
    assert set(states(engine, batch.id).values()) == {LedgerState.RUNNING}


def test_on_postgresql_claims_that_are_not_committed_yet_are_passed_over(postgresql_engine: Engine) -> None:
    with writing(postgresql_engine) as session:
        batch = begin(session, [seen(f"{n}.pdf") for n in range(6)])
    with writing(postgresql_engine) as one, writing(postgresql_engine) as other:
        # Fail, rather than wait for ever, if the rows of the other were not passed over.
        other.connection().exec_driver_sql("SET LOCAL lock_timeout = '2s'")
        first = {claimed.path for claimed in claim(one, batch.id, 4, now=NOW)}
        second = {claimed.path for claimed in claim(other, batch.id, 4, now=NOW)}
    assert len(first) == 4
    assert len(second) == 2
    assert not first & second


def test_what_a_killed_run_left_is_read_again_and_given_up_after_three_attempts(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("poison.pdf"), seen("sound.pdf")])
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with writing(engine) as session:
            (claimed,) = claim(session, batch.id, 1, now=NOW)
            assert (claimed.path, claimed.attempts) == ("poison.pdf", attempt)
        with writing(engine) as session:
            assert reset_running(session, batch.id, now=LATER) == 1
    row = account(engine, batch.id).rows[0]
    assert (row.state, row.category, row.attempts) == (LedgerState.FAILED, Category.CRASH, MAX_ATTEMPTS)
    assert states(engine, batch.id)["sound.pdf"] is LedgerState.PENDING


def test_younger_claims_of_another_run_are_left_alone(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("a.pdf"), seen("b.pdf")])
        claim(session, batch.id, 1, now=NOW)
        claim(session, batch.id, 1, now=LATER)
        assert reset_running(session, batch.id, now=LATER, started_before=LATER) == 1
    assert states(engine, batch.id) == {"a.pdf": LedgerState.PENDING, "b.pdf": LedgerState.RUNNING}


def test_files_given_back_unread_do_not_count_the_attempt(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("a.pdf"), seen("b.pdf")])
        claims = claim(session, batch.id, 9, now=NOW)
        save(session, claims[1])
        assert release(session, [claimed.entry_id for claimed in claims]) == 1, "what is done stays done"
        assert [again.attempts for again in claim(session, batch.id, 9, now=NOW)] == [1]


def test_a_retry_reads_what_failed_again_with_a_fresh_count(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("a.pdf"), seen("b.pdf"), seen("copy.pdf", "a.pdf")])
        for claimed in claim(session, batch.id, 9, now=NOW):
            save(session, claimed, failure("b.pdf", Category.DEADLINE) if claimed.path == "b.pdf" else None)
        finish_batch(session, batch.id, now=NOW)
        assert retry(session, batch.id, [LedgerState.ENCRYPTED]) == 0
        assert find_batch(session).state is BatchState.FINISHED
        assert retry(session, batch.id, list(LedgerState)) == 2, "duplicates are not read"
        assert find_batch(session).state is BatchState.OPEN
        assert [(again.path, again.attempts) for again in claim(session, batch.id, 9, now=LATER)] == [
            ("a.pdf", 1),
            ("b.pdf", 1),
        ]


def test_a_batch_with_work_left_cannot_be_finished(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("a.pdf"), seen("b.pdf")])
        claim(session, batch.id, 1, now=NOW)
        with pytest.raises(StoreError, match="2 files of batch"):
            finish_batch(session, batch.id, now=NOW)


def test_an_empty_folder_is_a_batch_of_no_files(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [])
        finish_batch(session, batch.id, now=NOW)
    done = account(engine, batch.id)
    assert (done.files, done.rows, done.clean) == (0, (), True)


def test_a_lost_row_is_an_error_and_never_a_smaller_total(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("a.pdf"), seen("b.pdf")])
    with writing(engine) as session:
        session.delete(session.exec(select(LedgerEntry).where(LedgerEntry.path == "a.pdf")).one())
    with pytest.raises(StoreError, match=r"does not reconcile: .*2 files came in, 1 are counted"):
        account(engine, batch.id)


def test_only_an_end_can_be_recorded_and_only_for_a_file_of_the_ledger(engine: Engine) -> None:
    with writing(engine) as session:
        batch = begin(session, [seen("a.pdf")])
        (claimed,) = claim(session, batch.id, 1, now=NOW)
        with pytest.raises(ValueError, match="not the end"):
            record(session, claimed.entry_id, LedgerState.PENDING, now=NOW)
        with pytest.raises(StoreError, match="no entry"):
            record(session, "no such entry", LedgerState.FAILED, now=NOW)


def test_a_batch_is_found_by_the_beginning_of_its_id(engine: Engine) -> None:
    with writing(engine) as session:
        with pytest.raises(StoreError, match="Nothing has been onboarded"):
            find_batch(session)
        batch = begin(session, [])
        begin(session, [], root="other", now=LATER)
        assert find_batch(session, batch.id[:8]).id == batch.id
        assert find_batch(session).root == "other"
        with pytest.raises(StoreError, match="2 batches' ids begin"):
            find_batch(session, "")
        with pytest.raises(StoreError, match="No batch's id begins"):
            find_batch(session, "x")
        with pytest.raises(StoreError, match="There is no batch"):
            manifest(session, "x")


def test_a_file_whose_name_is_no_valid_text_keeps_its_path(engine: Engine) -> None:
    path = "Vertr\udce4ge/caf\udce9.pdf"
    with writing(engine) as session:
        batch = begin(session, [FileSeen(path, sha("x"), 1), FileSeen("Vertr�ge/caf�.pdf", sha("y"), 1)])
        (claimed,) = [found for found in claim(session, batch.id, 9, now=NOW) if found.path == path]
        save(session, claimed, outcome(path, content="x"))
    assert path in states(engine, batch.id)
    with writing(engine) as session:
        begin(session, [FileSeen(path, sha("x"), 1)])
        assert len(account(engine, batch.id).rows) == 2


@pytest.mark.parametrize(
    ("status", "categories", "expected"),
    [
        (Status.OK, [], LedgerState.DONE),
        (Status.OK, [Category.BROKEN_TEXT], LedgerState.DONE),
        (Status.PARTIAL, [], LedgerState.DONE),
        (Status.PARTIAL, [Category.NO_TEXT_LAYER], LedgerState.DONE),
        (Status.FAILED, [], LedgerState.FAILED),
        (Status.FAILED, [Category.NO_TEXT_LAYER], LedgerState.NEEDS_OCR),
        (Status.FAILED, [Category.ENCRYPTED], LedgerState.ENCRYPTED),
        (Status.FAILED, [Category.UNSUPPORTED], LedgerState.UNSUPPORTED),
        (Status.FAILED, [Category.CONTAINER], LedgerState.UNSUPPORTED),
        (Status.FAILED, [Category.NOT_A_CONTRACT], LedgerState.UNSUPPORTED),
        (Status.FAILED, [Category.EMPTY], LedgerState.FAILED),
        (Status.FAILED, [Category.DEADLINE], LedgerState.FAILED),
        (Status.FAILED, [Category.BROKEN_TEXT, Category.ENCRYPTED], LedgerState.ENCRYPTED),
    ],
)
def test_an_outcome_means_one_state_and_a_failure_always_has_a_reason(
    status: Status, categories: list[Category], expected: LedgerState
) -> None:
    problems = tuple(Problem(stage=Stage.READ, category=category, message=f"{category}.") for category in categories)
    found = verdict(Outcome(file="x", sha256=sha("x"), status=status, problems=problems))
    assert found.state is expected
    if status is Status.FAILED:
        assert found.category
        assert found.reason


def test_no_state_is_forgotten_when_asking_what_is_terminal() -> None:
    assert {state for state in LedgerState if not state.terminal} == {LedgerState.PENDING, LedgerState.RUNNING}


def test_five_thousand_files_take_few_statements(engine: Engine) -> None:
    files = [FileSeen(f"{n // 100:02}/{n:05}.pdf", sha(str(n % 4900)), 1000 + n) for n in range(5000)]
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: statements.append(statement))

    def counted() -> int:
        count = len(statements)
        statements.clear()
        return count

    with writing(engine) as session:
        batch = begin(session, files)
    begun = counted()
    with writing(engine) as session:
        begin(session, files)
    again = counted()
    with writing(engine) as session:
        claims = claim(session, batch.id, 5000, now=NOW)
    claimed = counted()
    done = account(engine, batch.id)

    assert len(claims) == 4900
    assert done.counts[LedgerState.DUPLICATE] == 100
    assert done.files == 5000
    assert begun <= 30
    assert again <= 20
    assert claimed <= 15
    assert len(statements) <= 5

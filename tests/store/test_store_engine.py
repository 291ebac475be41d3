import multiprocessing
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, func, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import select

from store import migrations
from store.connection import connect, default_url
from store.engine import open_engine, reading, writing
from store.errors import StoreError
from store.tables import Document
from tests.conftest import administer
from tests.store.samples import NOW, sha


def document(name: str) -> Document:
    return Document(sha256=sha(name), size=1, name=name, created_at=NOW)


def names(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return sorted(session.exec(select(Document.name)))


@pytest.mark.parametrize(
    ("url", "message", "next_step"),
    [
        ("not a url", "cannot be understood", "postgresql://"),
        ("mysql://root@localhost/contracts", "no support for mysql", "SQLite"),
        ("sqlite://", "in memory would be lost", "Name a file"),
        ("sqlite:///:memory:", "in memory would be lost", "Name a file"),
        (
            "postgresql://ada:geheim@localhost:1/contracts",
            r"postgresql\+psycopg://ada:\*\*\*@localhost:1/contracts does not answer",
            "Check that the server runs",
        ),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_sentence_with_a_next_step(
    url: str, message: str, next_step: str
) -> None:
    with pytest.raises(StoreError, match=message) as refused:
        connect(url)
    assert next_step in refused.value.next_step
    assert "geheim" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_wrong_password_or_database_name_does_not_show_the_password(postgresql_url: str) -> None:
    missing = postgresql_url.replace("postgres:@", "postgres:geheim@").replace("milepost_test", "no_such_database")
    with pytest.raises(StoreError, match="does not answer") as refused:
        connect(missing)
    assert "geheim" not in str(refused.value)


def test_a_server_that_went_away_is_told_when_the_next_transaction_begins(
    postgresql_url: str, postgresql_server: URL
) -> None:
    migrations.upgrade(postgresql_url)
    engine = open_engine(postgresql_url)
    administer(postgresql_server, f"DROP DATABASE {engine.url.database} WITH (FORCE)")
    for begin in (reading, writing):
        with pytest.raises(StoreError, match="does not answer"), begin(engine):
            pass
    engine.dispose()


def test_a_missing_database_a_folder_and_a_file_of_another_kind_are_three_sentences(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database at all, but long enough to be looked at" * 40)
    for name, message in [
        ("absent.db", "There is no database at"),
        (".", "is not a file"),
        ("notes.txt", "is not a SQLite database"),
    ]:
        with pytest.raises(StoreError, match=message):
            connect(f"sqlite:///{tmp_path / name}")
    assert not (tmp_path / "absent.db").exists(), "looking must not create"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        connect(default_url(tmp_path / "file" / "below"), missing_ok=True)


def test_sqlite_waits_for_writers_keeps_a_log_and_checks_references(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_row_that_refers_to_nothing_is_refused(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text("INSERT INTO problem VALUES ('p', 'no extraction', 0, 'read', 'empty', 'x', NULL)"))


def test_what_is_written_is_there_and_what_fails_is_not(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(document("kept"))
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add_all([document("lost"), document("kept")])
    assert names(engine) == ["kept"]


def test_rows_stay_readable_after_their_transaction(engine: Engine) -> None:
    with writing(engine) as session:
        row = document("a")
        session.add(row)
    assert row.name == "a"
    with reading(engine) as session:
        found = session.exec(select(Document)).one()
    assert found.created_at == NOW


def test_a_reader_sees_one_state_while_another_writes(engine: Engine) -> None:
    with reading(engine) as reader:
        assert reader.exec(select(func.count()).select_from(Document)).one() == 0
        with writing(engine) as session:
            session.add(document("a"))
        assert reader.exec(select(func.count()).select_from(Document)).one() == 0
    assert names(engine) == ["a"]


def test_writers_that_read_first_take_turns_and_lose_nothing(engine: Engine) -> None:
    """The trap of SQLite's default: a read that leads to a write fails at once if another wrote in between."""
    failures: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(10):
                with writing(engine) as session:
                    row = session.get(Document, sha("counter"), with_for_update=True)
                    assert row is not None
                    row.size += 1
                    session.add(row)
        except BaseException as error:
            failures.append(error)

    with writing(engine) as session:
        session.add(Document(sha256=sha("counter"), size=0, name="counter", created_at=NOW))
    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with reading(engine) as session:
        assert session.exec(select(Document.size)).one() == 40


def test_a_writer_kept_waiting_too_long_is_told_who_is_in_the_way(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.connection.BUSY_SECONDS", 0.05)
    engine = connect(str(sqlite_engine.url))
    other = sqlite3.connect(str(sqlite_engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="Another program has been writing"), writing(engine):
        pass
    other.execute("ROLLBACK")
    other.close()
    with writing(engine) as session:
        session.add(document("a"))
    engine.dispose()
    assert names(sqlite_engine) == ["a"]


def _write_from_another_process(url: str, name: str) -> None:
    engine = open_engine(url)
    with writing(engine) as session:
        session.add(document(name))
    engine.dispose()


def test_another_process_opens_its_own_engine_on_the_same_database(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=_write_from_another_process, args=(url, "theirs"))
    process.start()
    with writing(engine) as session:
        session.add(document("ours"))
    process.join()
    assert process.exitcode == 0
    assert names(engine) == ["ours", "theirs"]

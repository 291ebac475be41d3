import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from store import migrations
from store.connection import connect, default_url
from store.engine import open_engine, reading, writing
from store.errors import StoreError
from store.schema import ALL_TABLES, METADATA
from store.tables import Document
from tests.store.samples import NOW, sha


def test_migrations_build_every_table_from_nothing_and_twice_changes_nothing(database_url: str) -> None:
    first = migrations.upgrade(database_url)
    second = migrations.upgrade(database_url)
    assert (first.before, first.after, first.copy) == (None, migrations.head(), None)
    assert (second.before, second.after, second.copy) == (migrations.head(), migrations.head(), None)
    engine = connect(database_url)
    # On SQLite the index of words is a table too, and keeps its parts in others.
    made = {name for name in inspect(engine).get_table_names() if not name.startswith("search_index")}
    assert made == {*METADATA.tables, migrations.VERSION_TABLE}
    engine.dispose()
    assert migrations.current(database_url) == migrations.head()


def test_two_upgrades_at_the_same_time_make_the_tables_once(database_url: str) -> None:
    done: list[migrations.Upgrade | BaseException] = []
    together = threading.Barrier(3)

    def work() -> None:
        together.wait()
        try:
            done.append(migrations.upgrade(database_url))
        except BaseException as error:
            done.append(error)

    threads = [threading.Thread(target=work) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    head = migrations.head()
    assert sorted(done, key=str) == [(head, head, None), (head, head, None), (None, head, None)]


def test_every_table_is_listed() -> None:
    assert {table.__tablename__ for table in ALL_TABLES} == set(METADATA.tables)


def test_the_models_and_the_migrated_database_agree(database_url: str) -> None:
    migrations.upgrade(database_url)
    assert migrations.check(database_url) == ()


def test_the_check_sees_a_missing_column_and_a_missing_index(database_url: str) -> None:
    migrations.upgrade(database_url)
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_problem_category"))
        connection.execute(text("ALTER TABLE problem DROP COLUMN page"))
    engine.dispose()
    found = "\n".join(migrations.check(database_url))
    assert "ix_problem_category" in found
    assert "page" in found


def test_tables_of_others_in_a_shared_postgresql_database_are_left_alone(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('of another program')"))
    engine.dispose()
    migrations.upgrade(postgresql_url)
    assert migrations.check(postgresql_url) == ()
    open_engine(postgresql_url).dispose()


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE song (title text)")
    connection.close()
    with pytest.raises(StoreError, match="tables of another program") as refused:
        migrations.upgrade(f"sqlite:///{file}")
    assert "song" in refused.value.message


def test_a_table_name_already_taken_in_postgresql_is_refused(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE document (id int)"))
    engine.dispose()
    with pytest.raises(StoreError, match="tables of another program"):
        migrations.upgrade(postgresql_url)


def test_a_newer_database_is_named_as_such_and_left_alone(database_url: str) -> None:
    migrations.upgrade(database_url)
    _set_revision(database_url, "9999")
    for act in (migrations.upgrade, open_engine):
        with pytest.raises(StoreError, match=r"written by a newer milepost \(revision 9999") as refused:
            act(database_url)
        assert "Install that version" in refused.value.next_step
    assert migrations.current(database_url) == "9999"


def test_a_database_without_tables_names_the_command_that_makes_them(database_url: str) -> None:
    connect(database_url, missing_ok=True).dispose()
    with pytest.raises(StoreError, match="has no tables yet") as refused:
        open_engine(database_url)
    assert "milepost db upgrade" in refused.value.next_step


def test_opening_with_create_makes_a_sqlite_database_but_never_touches_postgresql(
    tmp_path: Path, postgresql_url: str
) -> None:
    open_engine(default_url(tmp_path / "new folder"), create=True).dispose()
    assert (tmp_path / "new folder" / "milepost.db").is_file()
    with pytest.raises(StoreError, match="has no tables yet"):
        open_engine(postgresql_url, create=True)


def test_a_sqlite_database_that_holds_data_is_copied_before_it_is_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = default_url(tmp_path)
    engine = open_engine(url, create=True)
    with writing(engine) as session:
        session.add(Document(sha256=sha("a"), size=1, name="a.pdf", created_at=NOW))
    engine.dispose()
    head = migrations.head()
    scripts = _scripts_with_one_more_migration(tmp_path)
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)
    with pytest.raises(StoreError, match="is of an older version"):
        open_engine(url)

    done = migrations.upgrade(url)

    assert (done.before, done.after) == (head, "9000")
    assert done.copy is not None
    with open_engine(url).connect() as connection:
        assert connection.execute(text("SELECT name, colour FROM document")).tuples().one() == ("a.pdf", None)
    monkeypatch.undo()
    restored = open_engine(f"sqlite:///{done.copy}")
    with reading(restored) as session:
        document = session.get(Document, sha("a"))
        assert document is not None
        assert document.name == "a.pdf"


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations.upgrade(database_url)
    scripts = _scripts_with_one_more_migration(tmp_path, last='    raise RuntimeError("half way")')
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)
    with pytest.raises(RuntimeError, match="half way"):
        migrations.upgrade(database_url)
    monkeypatch.undo()
    assert migrations.current(database_url) == migrations.head()
    assert migrations.check(database_url) == ()


def test_a_migration_that_rebuilds_a_referenced_table_keeps_what_refers_to_it(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations.upgrade(database_url)
    engine = open_engine(database_url)
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO batch VALUES ('b', 'r', 'open', '1', '1', '{}', 1, '2026-01-01', NULL)",
            "INSERT INTO ledger_entry (id, batch_id, path, state, attempts, created_at)"
            " VALUES ('e', 'b', 'a.pdf', 'pending', 0, '2026-01-01')",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    rebuild = (
        '    with op.batch_alter_table("batch") as batch:\n'
        '        batch.alter_column("files", existing_type=sa.Integer(), type_=sa.BigInteger())'
    )
    monkeypatch.setattr(migrations, "SCRIPTS", _scripts_with_one_more_migration(tmp_path, last=rebuild))
    migrations.upgrade(database_url)
    engine = open_engine(database_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT batch_id FROM ledger_entry")).scalars().all() == ["b"]
    engine.dispose()


def _set_revision(url: str, revision: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {migrations.VERSION_TABLE} SET version_num = :to"), {"to": revision})
    engine.dispose()


def _scripts_with_one_more_migration(folder: Path, last: str = "") -> Path:
    """A copy of the migrations with one more, which adds a column and ends with ``last``."""
    scripts = folder / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for file in [migrations.SCRIPTS / "env.py", *(migrations.SCRIPTS / "versions").glob("*.py")]:
        (scripts / file.relative_to(migrations.SCRIPTS)).write_text(file.read_text())
    (scripts / "versions" / "v9000_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "9000"\ndown_revision = "{migrations.head()}"\n\n\n'
        'def upgrade():\n    op.add_column("document", sa.Column("colour", sa.Text()))\n' + last + "\n"
    )
    return scripts

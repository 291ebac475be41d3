import datetime as dt
import multiprocessing
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from upath import UPath

from models.problem import Category
from pipeline.document import Job, Options, Processed, worker
from pipeline.guard import Bounds, Guard
from pipeline.listing import list_files
from pipeline.onboard import CHANGED, OnboardError, Onboarding, Progress, alone, look
from pipeline.versions import Versions
from store.blobs import BlobStore
from store.engine import default_url, open_engine, reading
from store.errors import StoreError
from store.fingerprint import fingerprint
from store.ledger import Manifest
from store.queries import list_contracts
from store.tables import LedgerState

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard[Job, Processed]]:
    with Guard[Job, Processed](partial(worker, Options()), workers=1, bounds=Bounds(deadline=30)) as guard:
        yield guard


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(default_url(tmp_path), create=True)
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "contracts"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text(contract(number), encoding="utf-8")
    (folder / "copy of 3.txt").write_text(contract(3), encoding="utf-8")
    (folder / "empty.pdf").touch()
    return folder


def contract(number: int) -> str:
    return (
        f'This Agreement is made on {number + 1} March 2021 (the "Effective Date").\n\n'
        "1. Term. The term of this Agreement is two years from the Effective Date.\n"
    )


def onboarding(engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, batch_size: int = 3) -> Onboarding:
    return Onboarding(
        engine=engine,
        blobs=BlobStore(UPath(tmp_path / "documents")),
        guard=guard,
        versions=Versions("rules", "model"),
        unpack_to=tmp_path / "unpacked",
        batch_size=batch_size,
        clock=lambda: NOW,
    )


def read_all(run: Onboarding, folder: Path, *, again: bool = False) -> Manifest:
    run.begin(list_files([folder]), again=again)
    for _ in range(run.tasks):
        run.read_some()
    return run.finish()


def states(manifest: Manifest) -> dict[str, LedgerState]:
    return {Path(row.path).name: row.state for row in manifest.rows}


def content(engine: Engine) -> str:
    with reading(engine) as session:
        return fingerprint(session)


def test_every_file_has_its_outcome_and_the_sum_is_right(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    seen: list[Progress] = []
    run = onboarding(engine, guard, tmp_path)
    run.on_progress = seen.append
    manifest = read_all(run, folder)
    assert states(manifest) == {
        **{f"{number}.txt": LedgerState.DONE for number in range(5)},
        "copy of 3.txt": LedgerState.DUPLICATE,
        "empty.pdf": LedgerState.FAILED,
    }
    assert manifest.finished
    assert manifest.files == 7
    assert seen == [Progress(6, done) for done in range(7)]
    with reading(engine) as session:
        assert [one.name for one in list_contracts(session)] == [f"{number}.txt" for number in range(5)]


def test_documents_that_were_read_are_kept_and_others_are_not(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    run = onboarding(engine, guard, tmp_path)
    manifest = read_all(run, folder)
    for row in manifest.rows:
        assert row.sha256 is not None
        assert run.blobs.exists(row.sha256) is (row.state is not LedgerState.FAILED)


def test_a_second_run_reads_nothing_and_changes_nothing(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    first = read_all(onboarding(engine, guard, tmp_path), folder)
    before = content(engine)
    again = onboarding(engine, guard, tmp_path)
    assert again.begin(list_files([folder])) == 0
    assert again.tasks == 0
    assert again.finish() == first
    assert content(engine) == before


def test_what_could_not_be_read_is_tried_again_when_asked(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    read_all(onboarding(engine, guard, tmp_path), folder)
    again = onboarding(engine, guard, tmp_path)
    assert again.begin(list_files([folder]), again=True) == 1
    again.read_some()
    assert states(again.finish())["empty.pdf"] is LedgerState.FAILED


def test_a_file_that_was_replaced_is_read_anew_and_its_neighbours_are_not(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    read_all(onboarding(engine, guard, tmp_path), folder)
    (folder / "empty.pdf").write_text(contract(9), encoding="utf-8")
    again = onboarding(engine, guard, tmp_path)
    assert again.begin(list_files([folder])) == 1
    again.read_some()
    assert states(again.finish())["empty.pdf"] is LedgerState.DONE


def test_a_file_that_changes_between_listing_and_reading_is_told_and_read_by_the_next_run(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    run = onboarding(engine, guard, tmp_path, batch_size=10)
    run.begin(list_files([folder]))
    (folder / "2.txt").write_text(contract(22), encoding="utf-8")
    (folder / "4.txt").unlink()
    run.read_some()
    rows = {Path(row.path).name: row for row in run.finish().rows}
    assert (rows["2.txt"].state, rows["2.txt"].reason) == (LedgerState.FAILED, CHANGED)
    assert (rows["4.txt"].category, rows["4.txt"].reason) == (Category.MISSING, "There is no such file.")
    assert states(read_all(onboarding(engine, guard, tmp_path), folder))["2.txt"] is LedgerState.DONE


def test_a_store_that_fails_half_way_loses_no_file_and_leaves_none_half_written(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    clean = tmp_path / "clean"
    clean.mkdir()
    other = open_engine(default_url(clean), create=True)
    read_all(onboarding(other, guard, clean), folder)

    run = onboarding(engine, guard, tmp_path, batch_size=10)
    run.begin(list_files([folder]))
    (tmp_path / "documents").write_text("a file where the folder of documents should be", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be kept"):
        run.read_some()
    (tmp_path / "documents").unlink()
    assert run.read_some() == 6, "all files went back to the ledger"
    run.finish()
    assert content(engine) == content(other)
    other.dispose()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    assert look(str(tmp_path / "pipe.pdf")) == (str(tmp_path / "pipe.pdf"), None, None)


def test_one_onboarding_at_a_time_works_with_a_data_folder(tmp_path: Path) -> None:
    with alone(tmp_path), multiprocessing.get_context("spawn").Pool(1) as pool:
        words = pool.apply(try_alone, (tmp_path,))
    assert "Another onboarding" in words
    assert str(tmp_path) in words
    with alone(tmp_path):
        pass


def try_alone(path: Path) -> str:
    try:
        with alone(path):
            return "got in"
    except OnboardError as error:
        return str(error)

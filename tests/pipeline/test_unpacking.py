"""Archives and e-mails that are handed in: every document in them has an end of its own, and the sum stays right."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from upath import UPath

from models.problem import Category, Problem
from pipeline.document import Job, Options, Processed, worker
from pipeline.guard import Bounds, Guard
from pipeline.limits import Limits
from pipeline.listing import list_files
from pipeline.onboard import Onboarding
from pipeline.unpacking import UnpackingError, take_apart
from pipeline.versions import Versions
from store.blobs import BlobStore
from store.engine import default_url, open_engine, reading
from store.fingerprint import fingerprint
from store.ledger import Manifest
from store.queries import list_contracts
from store.tables import LedgerState
from tests.pipeline import hostile
from tests.pipeline.readers.word_files import zipped

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
BOUNDS = Bounds(deadline=30)


def contract(number: int) -> bytes:
    return (
        f'This Agreement is made on {number + 1} March 2021 (the "Effective Date").\n\n'
        "1. Term. The term of this Agreement is two years from the Effective Date.\n"
    ).encode()


def mail(**attached: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "ann@example.com", "bob@example.com", "<1@example.com>"
    message.set_content("See attached.")
    for name, content in attached.items():
        message.add_attachment(content, "text", "x-contract", filename=f"{name}.txt")
    return message.as_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files and containers, a document among both, a container twice, one that is empty and one that is damaged."""
    folder = tmp_path / "in"
    folder.mkdir()
    inner = zipped({"3.txt": contract(3), "note.txt": b"Thank you for the cake."})
    archive = zipped({"signed/1.txt": contract(1), "old/2.zip": inner, "empty.pdf": b"", "0.txt": contract(0)})
    files = {
        "0.txt": contract(0),
        "archive.zip": archive,
        "archive (copy).zip": archive,
        "offer.eml": mail(four=contract(4)),
        "nothing.zip": zipped({}),
        "half.zip": archive[: len(archive) // 2],
        "word.docx": hostile.plain_docx(),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


STATES = {
    "0.txt": LedgerState.DONE,
    "archive (copy).zip": LedgerState.UNPACKED,
    "archive (copy).zip!/0.txt": LedgerState.DUPLICATE,
    "archive (copy).zip!/empty.pdf": LedgerState.FAILED,
    "archive (copy).zip!/old/2.zip!/3.txt": LedgerState.DONE,
    "archive (copy).zip!/old/2.zip!/note.txt": LedgerState.UNSUPPORTED,
    "archive (copy).zip!/signed/1.txt": LedgerState.DONE,
    "archive.zip": LedgerState.DUPLICATE,
    "half.zip": LedgerState.FAILED,
    "nothing.zip": LedgerState.FAILED,
    "offer.eml": LedgerState.UNPACKED,
    "offer.eml!/four.txt": LedgerState.DONE,
    "word.docx": LedgerState.DONE,
}


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard[Job, Processed]]:
    with Guard[Job, Processed](partial(worker, Options()), workers=1, bounds=BOUNDS) as guard:
        yield guard


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(default_url(tmp_path), create=True)
    yield engine
    engine.dispose()


def onboarding(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, limits: Limits | None = None
) -> Onboarding:
    return Onboarding(
        engine=engine,
        blobs=BlobStore(UPath(tmp_path / "documents")),
        guard=guard,
        versions=Versions("rules", "model"),
        unpack_to=tmp_path / "unpacked",
        limits=limits or Limits(),
        batch_size=3,
        clock=lambda: NOW,
    )


def read_all(run: Onboarding, folder: Path, *, again: bool = False) -> Manifest:
    run.begin(list_files([folder]), again=again)
    for _ in range(run.tasks):
        run.read_some()
    manifest = run.finish()
    run.close()
    return manifest


def states(manifest: Manifest, folder: Path) -> dict[str, LedgerState]:
    return {row.path.removeprefix(f"{folder}/"): row.state for row in manifest.rows}


def content(engine: Engine) -> str:
    with reading(engine) as session:
        return fingerprint(session)


def test_every_document_of_a_container_has_its_own_end_and_the_container_is_accounted_for(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    run = onboarding(engine, guard, tmp_path)
    manifest = read_all(run, folder)
    assert states(manifest, folder) == STATES
    assert manifest.files == len(STATES)
    assert not manifest.clean
    rows = {row.path.removeprefix(f"{folder}/"): row for row in manifest.rows}
    assert rows["archive (copy).zip"].reason == "Unpacked: 5 documents, listed after it."
    assert rows["offer.eml"].reason == "Unpacked: one document, listed after it."
    assert rows["nothing.zip"].category is Category.EMPTY
    assert rows["half.zip"].category is Category.DAMAGED
    assert all(row.reason for row in manifest.rows if row.state is not LedgerState.DONE)
    with reading(engine) as session:
        assert {one.name for one in list_contracts(session)} == {"0.txt", "1.txt", "3.txt", "four.txt", "word.docx"}


def test_documents_are_kept_by_their_hash_and_what_was_unpacked_is_gone_after_the_run(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    run = onboarding(engine, guard, tmp_path)
    manifest = read_all(run, folder)
    for row in manifest.rows:
        if row.state is LedgerState.DONE:
            assert row.sha256 is not None
            assert run.blobs.exists(row.sha256), row.path
    assert not (tmp_path / "unpacked").exists()


def test_a_second_run_reads_nothing_and_changes_nothing(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    first = read_all(onboarding(engine, guard, tmp_path), folder)
    before = content(engine)
    again = onboarding(engine, guard, tmp_path)
    assert again.begin(list_files([folder])) == 0
    assert again.finish() == first
    assert content(engine) == before


def test_containers_that_are_dealt_with_are_not_opened_again(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    (folder / "0.txt").unlink()
    read_all(onboarding(engine, guard, tmp_path), folder)
    again = onboarding(engine, guard, tmp_path)
    again.begin(list_files([folder]))
    assert not (tmp_path / "unpacked").exists()


def test_a_run_that_was_killed_half_way_is_taken_up_with_the_documents_of_its_containers(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    clean = tmp_path / "clean"
    clean.mkdir()
    other = open_engine(default_url(clean), create=True)
    read_all(onboarding(other, guard, clean), folder)

    killed = onboarding(engine, guard, tmp_path)
    total = killed.begin(list_files([folder]))
    done = killed.read_some()
    assert 0 < done < total
    resumed = onboarding(engine, guard, tmp_path)
    assert resumed.begin(list_files([folder])) == total - done
    for _ in range(resumed.tasks):
        resumed.read_some()
    assert states(resumed.finish(), folder) == STATES
    assert content(engine) == content(other)
    other.dispose()


def test_what_could_not_be_read_in_a_container_is_tried_again_when_asked(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    tight = onboarding(engine, guard, tmp_path, Limits(members=2))
    before = states(read_all(tight, folder), folder)
    assert before["archive (copy).zip!/0.txt"] is LedgerState.FAILED
    after = states(read_all(onboarding(engine, guard, tmp_path), folder, again=True), folder)
    assert {path: state for path, state in after.items() if "!/" not in path} == {
        path: state for path, state in STATES.items() if "!/" not in path
    }
    assert after["archive (copy).zip!/signed/1.txt"] is LedgerState.DONE
    assert after["archive (copy).zip!/old/2.zip!/3.txt"] is LedgerState.DONE


def test_an_archive_that_was_replaced_is_opened_anew_and_its_unchanged_documents_are_not_read_again(
    engine: Engine, guard: Guard[Job, Processed], tmp_path: Path, folder: Path
) -> None:
    read_all(onboarding(engine, guard, tmp_path), folder)
    (folder / "offer.eml").write_bytes(mail(four=contract(4), five=contract(5)))
    again = onboarding(engine, guard, tmp_path)
    assert again.begin(list_files([folder])) == 1
    again.read_some()
    assert states(again.finish(), folder) == STATES | {"offer.eml!/five.txt": LedgerState.DONE}


def opened(
    tmp_path: Path, name: str, data: bytes, limits: Limits | None = None
) -> tuple[list[tuple[str, Category | None]], Category | None]:
    """Paths in a container with what kept each from being taken out, or what kept all."""
    (tmp_path / name).write_bytes(data)
    bounds = Bounds(deadline=10, memory_mb=1024)
    found = take_apart([str(tmp_path / name)], tmp_path / "out", limits or Limits(), bounds)
    if not found:
        return [], None
    (parts,) = found.values()
    if isinstance(parts, Problem):
        assert parts.message.endswith("."), parts
        return [], parts.category
    for part in parts:
        assert part.path.startswith(str(tmp_path / name)), part
        if part.file:
            assert Path(part.file).parent == tmp_path / "out"
            assert Path(part.file).stat().st_size == part.size
    shown = [part.path.removeprefix(str(tmp_path)) for part in parts]
    assert len(shown) == len(set(shown))
    problems = [None if part.problem is None else part.problem.category for part in parts]
    return list(zip(shown, problems, strict=True)), None


def test_hostile_names_lead_nowhere_and_every_document_keeps_a_path_of_its_own(tmp_path: Path) -> None:
    names = [
        "../../x.pdf",
        "/x.pdf",
        "C:\\x.pdf",
        "a/../x.pdf",
        "x" * 60_000 + ".pdf",
        "a/" * 30_000 + "x.pdf",
        "\n.pdf",
    ]
    found, problem = opened(tmp_path, "names.zip", hostile.zip_with_paths(*names))
    assert problem is None
    assert [path for path, _ in found[:4]] == [
        "/names.zip!/x.pdf",
        "/names.zip!/x (2).pdf",
        "/names.zip!/C:/x.pdf",
        "/names.zip!/a/x.pdf",
    ]
    assert max(len(path) for path, _ in found) < 1100
    assert len(found) == len(names)


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("deep.eml", hostile.deep_mail(), {Category.DAMAGED, Category.EMPTY}),
        ("many.zip", hostile.many_entries(), {None}),  # a Word file, and left to its reader
        ("torn.zip", hostile.nested_zip(1)[:-30], {None}),
    ],
)
def test_what_is_no_container_or_none_that_opens(
    tmp_path: Path, name: str, data: bytes, problem: set[Category | None]
) -> None:
    found, met = opened(tmp_path, name, data)
    assert found == []
    assert met in problem


def test_zips_in_zips_are_opened_to_a_depth(tmp_path: Path) -> None:
    found, _ = opened(tmp_path, "deep.zip", hostile.nested_zip(50))
    assert found == [("/deep.zip!/inner.zip!/inner.zip!/inner.zip", Category.CONTAINER)]


def test_a_bomb_of_overlapping_entries_gives_no_more_than_the_limits(tmp_path: Path) -> None:
    limits = Limits(members=1000, expanded_bytes=50 << 20)
    found, _ = opened(tmp_path, "overlap.zip", hostile.overlapping_zip(300, 20 << 20), limits)
    assert len(found) == 300
    assert sum(problem is None for _, problem in found) <= 2
    assert {problem for _, problem in found} <= {None, Category.TOO_LARGE, Category.DAMAGED}


def test_an_e_mail_with_thousands_of_attachments_gives_as_many_as_are_taken(tmp_path: Path) -> None:
    found, _ = opened(tmp_path, "bomb.eml", hostile.mail_bomb(3000))
    assert sum(problem is None for _, problem in found) == Limits().members
    assert sum(problem is Category.TOO_LARGE for _, problem in found) == 3000 - Limits().members


def test_an_unpacking_that_dies_or_hangs_costs_that_container_only(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "large.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.txt", b" " * (90 << 20))
    (tmp_path / "sound.zip").write_bytes(zipped({"a.txt": contract(1)}))
    paths = [str(tmp_path / "large.zip"), str(tmp_path / "sound.zip")]
    found = take_apart(paths, tmp_path / "out", Limits(), Bounds(deadline=20, memory_mb=300))
    large, sound = (found[path] for path in paths)
    assert isinstance(large, Problem)
    assert large.category in (Category.MEMORY, Category.CRASH, Category.DEADLINE)
    assert not isinstance(sound, Problem)


def test_a_folder_that_cannot_be_written_to_is_the_operators_business(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a.txt": contract(1)}))
    (tmp_path / "out").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(UnpackingError, match="cannot be unpacked"):
        take_apart([str(tmp_path / "a.zip")], tmp_path / "out", Limits(), BOUNDS)


def test_without_containers_no_worker_is_started_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(hostile.plain_pdf(1))
    (tmp_path / "b.docx").write_bytes(hostile.plain_docx())
    paths = [str(path) for path in (tmp_path / "a.pdf", tmp_path / "b.docx", tmp_path / "absent.zip", tmp_path)]
    assert take_apart(paths, tmp_path / "out", Limits(), BOUNDS) == {}
    assert not (tmp_path / "out").exists()

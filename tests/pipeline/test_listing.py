import os
from pathlib import Path

import pytest

from pipeline.listing import list_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.pdf",
        "a.docx",
        "deep/er/c.txt",
        "~$a.docx",
        ".hidden.pdf",
        ".git/config",
        "Thumbs.db",
        "__MACOSX/._a.docx",
    ):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "in"


def names(folder: Path, paths: tuple[str, ...]) -> list[str]:
    return [str(Path(path).relative_to(folder)) for path in paths]


def test_all_files_below_a_folder_are_handed_in_but_those_no_one_calls_documents(folder: Path) -> None:
    listing = list_files([folder])
    assert names(folder, listing.files) == ["a.docx", "b.pdf", "deep/er/c.txt"]
    aside = {str(Path(path).relative_to(folder)): reason for path, reason in listing.left_aside}
    assert aside == {
        "~$a.docx": "a lock file of an open document",
        ".hidden.pdf": "hidden",
        ".git": "hidden",
        "Thumbs.db": "kept by the desktop system",
        "__MACOSX": "kept by the desktop system",
    }


def test_a_file_that_is_named_itself_is_always_handed_in(folder: Path) -> None:
    listing = list_files([folder / "~$a.docx", folder / ".hidden.pdf"])
    assert names(folder, listing.files) == [".hidden.pdf", "~$a.docx"]


def test_paths_that_overlap_hand_in_each_file_once(folder: Path) -> None:
    listing = list_files([folder, folder / "b.pdf", folder / "deep", folder / "." / "b.pdf"])
    assert names(folder, listing.files) == ["a.docx", "b.pdf", "deep/er/c.txt"]


def test_a_path_that_does_not_exist_is_handed_in_to_get_its_outcome(tmp_path: Path) -> None:
    assert list_files([tmp_path / "absent"]).files == (str(tmp_path / "absent"),)


def test_a_folder_without_documents_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".DS_Store").touch()
    listing = list_files([tmp_path / "empty"])
    assert (listing.files, listing.empty) == ((), (str(tmp_path / "empty"),))


def test_links_and_pipes_neither_loop_nor_hang(folder: Path) -> None:
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "linked.pdf").symlink_to(folder / "b.pdf")
    (folder / "dangling.pdf").symlink_to(folder / "gone.pdf")
    os.mkfifo(folder / "pipe.pdf")
    listing = list_files([folder])
    assert names(folder, listing.files) == ["a.docx", "b.pdf", "dangling.pdf", "deep/er/c.txt", "linked.pdf"]
    reasons = [reason for _, reason in listing.left_aside]
    assert "a link to a folder" in reasons
    assert "not a regular file" in reasons


def test_the_batch_of_the_same_paths_has_the_same_name_in_any_order(folder: Path) -> None:
    deep = folder / "deep"
    assert list_files([folder, deep]).root == list_files([deep, folder]).root


def test_a_batch_of_many_single_files_has_a_short_name_that_still_tells_it_from_others(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.pdf" for number in range(300)]
    name = list_files(files).root
    assert name.startswith(f"{tmp_path} (300 paths, ")
    assert name == list_files(reversed(files)).root
    assert name != list_files([*files[:-1], tmp_path / "other.pdf"]).root

"""Archives and e-mails through the command line: their documents come out like files of their own."""

import json
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.milepost.conftest import Run, write_pdf


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a good and a locked contract with a note, and an e-mail that has the good one attached."""
    folder = tmp_path_factory.mktemp("archives")
    made = tmp_path_factory.mktemp("made")
    good, locked = write_pdf(made / "good.pdf"), write_pdf(made / "locked.pdf", password="secret")
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        archive.write(good, "2021/good.pdf")
        archive.write(locked, "2021/locked.pdf")
        archive.writestr("__MACOSX/._good.pdf", b"litter")
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "ann@example.com", "bob@example.com", "<1@example.com>"
    message.set_content("Signed, see attached.")
    message.add_attachment(good.read_bytes(), "application", "pdf", filename="signed.pdf")
    (folder / "mail.eml").write_bytes(message.as_bytes())
    return folder


def test_extract_reads_the_documents_of_an_archive(milepost: Run, archives: Path) -> None:
    run = milepost("extract", archives / "archive.zip", archives / "mail.eml", "--format", "jsonl")
    given = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(one["file"].removeprefix(f"{archives}/"), one["status"]) for one in given] == [
        ("archive.zip!/2021/good.pdf", "ok"),
        ("archive.zip!/2021/locked.pdf", "failed"),
        ("mail.eml!/signed.pdf", "ok"),
    ]
    assert given[0]["terms"]["expiration_date"]["value"] == "2023-03-01"
    assert [problem["category"] for problem in given[1]["problems"]] == ["encrypted"]
    assert run.returncode == 1
    assert run.stderr == ""


def test_extract_of_an_archive_without_documents_is_one_failure(milepost: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "nothing.zip", "w"):
        pass
    run = milepost("extract", tmp_path / "nothing.zip", "--format", "jsonl")
    (one,) = [json.loads(line) for line in run.stdout.splitlines()]
    assert (one["file"], one["status"]) == (str(tmp_path / "nothing.zip"), "failed")
    assert [problem["category"] for problem in one["problems"]] == ["empty"]
    assert run.returncode == 1


@pytest.mark.prefect
def test_onboard_accounts_for_archives_and_for_each_document_in_them(
    milepost: Run, archives: Path, tmp_path: Path, prefect_url: str
) -> None:
    first = milepost("onboard", archives, "--data", tmp_path, "--json", PREFECT_API_URL=prefect_url)
    manifest = json.loads(first.stdout)
    assert {row["path"].removeprefix(f"{archives}/"): row["state"] for row in manifest["rows"]} == {
        "archive.zip": "unpacked",
        "archive.zip!/2021/good.pdf": "done",
        "archive.zip!/2021/locked.pdf": "encrypted",
        "mail.eml": "unpacked",
        "mail.eml!/signed.pdf": "duplicate",
    }
    assert manifest["files"] == len(manifest["rows"]) == sum(manifest["counts"].values()) == 5
    assert manifest["finished"]
    assert not (tmp_path / "unpacked").exists()
    assert first.returncode == 1
    assert first.stderr == ""

    second = milepost("onboard", archives, "--data", tmp_path, "--json", PREFECT_API_URL=prefect_url)
    assert json.loads(second.stdout) == manifest

    status = milepost("status", "--data", tmp_path)
    assert "5 files = 1 done + 2 unpacked + 1 duplicate + 1 encrypted" in status.stdout
    assert "archive.zip!/2021/locked.pdf" in status.stdout

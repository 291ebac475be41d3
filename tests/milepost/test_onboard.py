"""The whole way, through the command line and the real flow with a Prefect server."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from store.engine import default_url, open_engine, reading
from store.fingerprint import fingerprint
from tests.milepost.conftest import BAD, ROOT, Run, write_pdf

pytestmark = pytest.mark.prefect


def content(data: Path) -> str:
    engine = open_engine(default_url(data))
    with reading(engine) as session:
        digest = fingerprint(session)
    engine.dispose()
    return digest


class Onboarded:
    """A folder with good, bad, duplicate and ignored files, onboarded once with the server it starts itself."""

    def __init__(self, milepost: Run, folder: Path, data: Path) -> None:
        self.folder, self.data = folder, data
        self.run = milepost("onboard", folder, "--data", data, "--json")
        self.manifest: dict[str, Any] = json.loads(self.run.stdout)
        self.rows = {Path(row["path"]).name: row for row in self.manifest["rows"]}


@pytest.fixture(scope="module")
def onboarded(milepost: Run, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Onboarded:
    copy = tmp_path_factory.mktemp("folder")
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "again.pdf").write_bytes((folder / "good.pdf").read_bytes())
    (copy / "~$good.docx").write_bytes(b"owner")
    (copy / ".DS_Store").touch()
    return Onboarded(milepost, copy, tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize(("name", "state"), [(name, state) for name, (_, _, state) in BAD.items()])
def test_a_bad_file_has_its_state_and_reason_in_the_manifest(onboarded: Onboarded, name: str, state: str) -> None:
    assert onboarded.rows[name]["state"] == state
    assert onboarded.rows[name]["reason"].endswith(".")


def test_the_rest_of_the_batch_goes_on(onboarded: Onboarded) -> None:
    assert {name for name, row in onboarded.rows.items() if row["state"] == "done"} == {"again.pdf", "zz last.pdf"}
    assert onboarded.rows["good.pdf"]["duplicate_of"] == str(onboarded.folder / "again.pdf")


def test_as_many_files_come_out_as_went_in(onboarded: Onboarded) -> None:
    manifest = onboarded.manifest
    assert manifest["finished"]
    assert manifest["files"] == len(manifest["rows"]) == sum(manifest["counts"].values()) == len(BAD) + 3
    left = {Path(one["path"]).name: one["reason"] for one in manifest["left_aside"]}
    assert left == {"~$good.docx": "a lock file of an open document", ".DS_Store": "hidden"}


def test_failures_give_exit_code_1_and_never_a_trace(onboarded: Onboarded) -> None:
    assert onboarded.run.returncode == 1
    assert onboarded.run.stderr == ""


def test_the_server_of_a_run_is_gone_with_it(onboarded: Onboarded) -> None:
    assert (onboarded.data / "prefect" / "server.log").exists()
    assert not servers_of(onboarded.data)


def test_a_second_run_processes_nothing_and_starts_no_server(onboarded: Onboarded, milepost: Run) -> None:
    before = content(onboarded.data)
    log = onboarded.data / "prefect" / "server.log"
    touched = log.stat().st_mtime_ns
    again = milepost("onboard", onboarded.folder, "--data", onboarded.data, "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout) == onboarded.manifest
    assert content(onboarded.data) == before
    assert log.stat().st_mtime_ns == touched


def test_status_accounts_for_every_file_in_each_form(onboarded: Onboarded, milepost: Run) -> None:
    as_json = milepost("status", "--json", "--data", onboarded.data)
    assert json.loads(as_json.stdout)["rows"] == onboarded.manifest["rows"]
    as_csv = milepost("status", onboarded.manifest["batch"][:6], "--csv", "--data", onboarded.data)
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout.removeprefix("\ufeff"))))
    assert [(row["path"], row["state"]) for row in rows] == [
        (row["path"], row["state"]) for row in onboarded.manifest["rows"]
    ]
    table = milepost("status", "--data", onboarded.data)
    assert (
        f"{len(onboarded.rows)} files = 2 done + 1 duplicate + 1 encrypted + 3 unsupported + 2 failed" in table.stdout
    )
    for name in BAD:
        assert name in table.stdout


def test_export_writes_what_was_found(onboarded: Onboarded, milepost: Run, tmp_path: Path) -> None:
    out = tmp_path / "all.json"
    assert milepost("export", "--format", "json", "--out", out, "--data", onboarded.data).returncode == 0
    documents = {one["file"]: one for one in json.loads(out.read_text(encoding="utf-8"))}
    assert documents["again.pdf"]["terms"]["expiration_date"]["value"] == "2023-03-01"
    as_csv = milepost("export", "--format", "csv", "--data", onboarded.data)
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout.removeprefix("\ufeff"))))
    assert len(rows) == sum(len(one["milestones"]) for one in documents.values())
    assert {row["contract"] for row in rows} <= {"again.pdf", "zz last.pdf"}


def test_a_missing_path_and_an_empty_folder_are_stated_and_exit_code_1(
    milepost: Run, tmp_path: Path, prefect_url: str
) -> None:
    (tmp_path / "empty").mkdir()
    missing = milepost("onboard", tmp_path / "absent", "--data", tmp_path / "data", PREFECT_API_URL=prefect_url)
    assert missing.returncode == 1
    assert "1 file = 1 failed" in missing.stderr
    assert "There is no such file." in missing.stderr
    empty = milepost("onboard", tmp_path / "empty", "--data", tmp_path / "data", PREFECT_API_URL=prefect_url)
    assert empty.returncode == 1
    assert f"There is no document in {tmp_path / 'empty'}." in empty.stderr
    for run in (missing, empty):
        assert "Traceback" not in run.stderr


def test_a_batch_that_was_killed_is_finished_by_the_next_run_and_equals_one_that_was_not(
    milepost: Run, own_environment: dict[str, str], tmp_path: Path, prefect_url: str
) -> None:
    folder = tmp_path / "contracts"
    folder.mkdir()
    for number in range(24):
        write_pdf(folder / f"{number:02}.pdf", note=f"Copy number {number}.")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    # With a server of its own, to see that it goes with the run it belongs to.
    run = subprocess.Popen(
        [sys.executable, "-m", "milepost", "onboard", folder, "--data", killed, "-j", "1", "-q"],
        env=own_environment,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 200
    while files(killed, "done") < 3 and run.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    _, errors = run.communicate()
    assert run.returncode == -signal.SIGKILL, f"it ended before it was killed: {errors}"
    before = files(killed, "done")
    assert 3 <= before < 24
    assert files(killed, "running") <= 6, "few files are in the air, however large a batch is"
    for _ in range(100):
        if not servers_of(killed):
            break
        time.sleep(0.1)
    assert not servers_of(killed), "a server outlived its run"

    status = milepost("status", "--data", killed)
    assert "Not finished" in status.stdout
    resumed = milepost("onboard", folder, "--data", killed, "--json", PREFECT_API_URL=prefect_url)
    assert resumed.returncode == 0, resumed.stderr
    uninterrupted = milepost("onboard", folder, "--data", whole, "--json", PREFECT_API_URL=prefect_url)
    assert uninterrupted.returncode == 0, uninterrupted.stderr
    assert json.loads(resumed.stdout)["counts"] == json.loads(uninterrupted.stdout)["counts"]
    assert content(killed) == content(whole)


def test_a_run_that_is_told_to_end_gives_back_what_it_had_in_work(
    own_environment: dict[str, str], tmp_path: Path, prefect_url: str
) -> None:
    folder = tmp_path / "contracts"
    folder.mkdir()
    for number in range(200):
        write_pdf(folder / f"{number:03}.pdf", note=f"Copy number {number}.")
    run = subprocess.Popen(
        [sys.executable, "-m", "milepost", "onboard", folder, "--data", tmp_path, "-j", "1"],
        env={**own_environment, "PREFECT_API_URL": prefect_url},
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 200
    while files(tmp_path, "done") < 3 and run.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    run.terminate()
    _, errors = run.communicate(timeout=60)
    assert (run.returncode, errors) == (130, "milepost: interrupted\n")
    assert files(tmp_path, "running") == 0
    assert files(tmp_path, "pending") + files(tmp_path, "done") == 200


def files(data: Path, state: str) -> int:
    """How many files the ledger has in a state."""
    try:
        with closing(sqlite3.connect(f"file:{data / 'milepost.db'}?mode=ro", uri=True)) as connection:
            (number,) = connection.execute("select count(*) from ledger_entry where state = ?", (state,)).fetchone()
            return int(number)
    except sqlite3.OperationalError:  # not there yet
        return 0


def servers_of(data: Path) -> list[int]:
    """Processes that run a Prefect server for a data folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if b"pipeline.prefect_server" in command and str(data).encode() in environment:
            found.append(int(process.name))
    return found


def test_a_prefect_server_that_does_not_answer_is_one_sentence_and_exit_code_3(
    milepost: Run, folder: Path, tmp_path: Path
) -> None:
    run = milepost("onboard", folder, "--data", tmp_path, PREFECT_API_URL="http://127.0.0.1:9/api")
    assert run.returncode == 3
    assert run.stderr.startswith("milepost: The Prefect server at http://127.0.0.1:9/api (PREFECT_API_URL)")
    assert len(run.stderr.strip().splitlines()) == 1


def test_prefect_that_is_not_installed_is_one_sentence_and_exit_code_3(
    milepost: Run, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken" / "prefect").mkdir(parents=True)
    (tmp_path / "broken" / "prefect" / "__init__.py").write_text("raise ImportError('no prefect here')\n")
    run = milepost("onboard", folder, "--data", tmp_path / "data", PYTHONPATH=str(tmp_path / "broken"))
    assert run.returncode == 3
    assert run.stderr.startswith("milepost: Prefect")
    assert len(run.stderr.strip().splitlines()) == 1

"""``milepost schedule`` and ``milepost reread`` as a user runs them, and the deployments for a Prefect server."""

import datetime as dt
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from upath import UPath

from milepost.jobs import Job, expected_every
from milepost.scheduling import next_time
from milepost.settings import Settings, SettingsError, load_settings
from pipeline.document import Options, process
from pipeline.onboard import alone
from rules.loader import installed_rules
from store.blobs import BlobStore
from store.engine import default_url, open_engine, writing
from store.results import save_outcome
from tests.milepost.conftest import ROOT, Run, write_pdf

FAMILY = ROOT / "fixtures" / "families" / "changed-notice-period"
MASTER = FAMILY / "payroll-services-agreement.docx"
AMENDMENT = FAMILY / "payroll-services-agreement-first-amendment.pdf"


class Swept:
    """An inbox with an agreement and a bad file, swept; then its amendment arrives, and it is swept again."""

    def __init__(self, milepost: Run, folder: Path, prefect_url: str) -> None:
        self.inbox, self.data = folder / "inbox", folder / "data"
        self.inbox.mkdir()
        self.environment = {
            "MILEPOST_INBOXES": json.dumps([str(self.inbox)]),
            "MILEPOST_INBOX_SETTLE": "0.2",
            "PREFECT_API_URL": prefect_url,
        }
        shutil.copy(MASTER, self.inbox)
        (self.inbox / "list.txt").write_text("Bread, butter, milk.\n")
        self.first = self.sweep(milepost)
        shutil.copy(AMENDMENT, self.inbox)
        self.second = self.sweep(milepost)

    def sweep(self, milepost: Run) -> subprocess.CompletedProcess[str]:
        return milepost("schedule", "--once", "--only", "sweep", "--json", "--data", self.data, **self.environment)


@pytest.fixture(scope="module")
def swept(milepost: Run, tmp_path_factory: pytest.TempPathFactory, prefect_url: str) -> Swept:
    return Swept(milepost, tmp_path_factory.mktemp("office"), prefect_url)


@pytest.mark.prefect
def test_an_inbox_is_swept_and_a_bad_file_is_told_with_exit_code_1(swept: Swept) -> None:
    assert swept.first.returncode == 1, swept.first.stderr
    told = json.loads(swept.first.stdout)["sweep"]
    assert told["did"] == "1 document read, 1 could not be read."
    assert told["look_at"] == [
        f"{swept.inbox}/list.txt: This does not read like a contract: no date, no term, nothing that is due was found."
    ]


@pytest.mark.prefect
def test_an_amendment_that_arrives_changes_the_contract_and_the_bad_file_is_not_told_again(swept: Swept) -> None:
    assert swept.second.returncode == 0, swept.second.stderr
    told = json.loads(swept.second.stdout)["sweep"]
    assert told["did"].splitlines() == [
        "1 document read.",
        f"{swept.inbox}/{AMENDMENT.name}: Amendment of PAYROLL SERVICES AGREEMENT (confirmed).",
    ]
    with closing(sqlite3.connect(swept.data / "milepost.db")) as database:
        (notice,) = database.execute(
            "select json_extract(machine_value, '$.notice.count') from term join contract on contract.id = contract_id "
            "where field = 'notice_period' and name = ?",
            (MASTER.name,),
        ).fetchone()
    assert notice == 90, "30 days before the amendment"


@pytest.mark.prefect
def test_the_runs_are_shown_by_the_prefect_server_that_is_named(swept: Swept, prefect_url: str) -> None:
    runs = httpx.post(f"{prefect_url}/flow_runs/filter", json={}).json()
    messages = [one["state"]["message"] for one in runs if one["state_type"] == "COMPLETED"]
    assert "1 document read, 1 could not be read." in "\n".join(filter(None, messages))


@pytest.mark.prefect
def test_the_status_tells_when_what_ran_and_what_could_not_be_read(swept: Swept, milepost: Run) -> None:
    done = milepost("schedule", "--status", "--json", "--data", swept.data, **swept.environment)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["jobs"]["sweep"]["finished"]
    assert told["jobs"]["reread"]["last_run"] is None
    assert [one["path"] for one in told["failed"]] == ["list.txt"]
    table = milepost("schedule", "--status", "--data", swept.data, **swept.environment)
    assert "sweep (*/15 * * * * UTC): last run 20" in table.stdout
    assert f"list.txt in {swept.inbox} could not be read: " in table.stdout


def test_all_jobs_at_once_with_nothing_to_do_start_no_server(milepost: Run, tmp_path: Path) -> None:
    done = milepost("schedule", "--once", "--data", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "remind: 0 reminders sent in 0 messages.",
        "sweep: 0 documents read.",
        "reread: Nothing to re-read.",
    ]
    assert not (tmp_path / "prefect").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_it_is_told_to_stop_and_ends_cleanly(
    own_environment: dict[str, str], tmp_path: Path, how: signal.Signals
) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "milepost", "schedule", "--every", "60", "--only", "sweep", "--data", str(tmp_path)],
        env=own_environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "sweep: 0 documents read.\n"
    run.send_signal(how)
    _, errors = run.communicate(timeout=60)
    # The job that has just told what it did may be closing down still, and says so then.
    said = [line for line in errors.splitlines() if line != "milepost: interrupted"]
    assert (run.returncode, said) == (0, ["sweep: every 60 minutes", "Ctrl-C stops.", "Stopped."])


def older_portfolio(data: Path, count: int) -> None:
    """A data folder in which another version had read ``count`` contracts, the first with another notice period."""
    engine, blobs = open_engine(default_url(data), create=True), BlobStore(UPath(data / "documents"))
    for number in range(count):
        file = write_pdf(data / f"{number:02}.pdf", note=f"Copy number {number}.")
        content = file.read_bytes()
        blobs.put(content)
        outcome = process(file.name, content, installed_rules(), Options()).outcome
        if number == 0:
            terms = tuple(
                one.model_copy(update={"date": dt.date(2024, 3, 1)}) if one.field == "expiration_date" else one
                for one in outcome.terms
            )
            outcome = outcome.model_copy(update={"terms": terms})
        with writing(engine) as session:
            now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
            save_outcome(session, outcome, ruleset_version="older", model_version="older", now=now, size=len(content))
    engine.dispose()


def states(data: Path) -> dict[str, int]:
    try:
        with closing(sqlite3.connect(f"file:{data / 'milepost.db'}?mode=ro", uri=True)) as database:
            return dict(database.execute("select state, count(*) from rereading group by state").fetchall())
    except sqlite3.OperationalError:
        return {}


@pytest.mark.prefect
def test_a_re_reading_that_is_killed_goes_on_and_its_batch_is_shown_and_accepted(
    milepost: Run, own_environment: dict[str, str], tmp_path: Path, prefect_url: str
) -> None:
    older_portfolio(tmp_path, 12)
    environment = {**own_environment, "PREFECT_API_URL": prefect_url}
    command = [sys.executable, "-m", "milepost", "reread", "-j", "1", "-q", "--data", str(tmp_path)]
    run = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 200
    while states(tmp_path).get("same", 0) < 2 and run.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    _, errors = run.communicate()
    assert run.returncode == -signal.SIGKILL, f"it ended before it was killed: {errors}"
    assert states(tmp_path).get("pending", 0) > 0

    done = milepost("reread", "--json", "--data", tmp_path, PREFECT_API_URL=prefect_url)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["summary"] == "12 contracts re-read, 1 value differs"
    assert told["state"] == "ready"
    (one,) = told["differences"]
    assert (one["file"], one["what"], one["old"], one["new"]) == (
        "00.pdf",
        "Expiration date",
        "2024-03-01",
        "2023-03-01",
    )
    assert one["new_quote"] == "for a period of two (2) years"

    shown = milepost("reread", "--preview", "--data", tmp_path)
    assert "12 contracts re-read, 1 value differs" in shown.stdout
    assert "Nothing has moved yet." in shown.stderr
    unknown = milepost("reread", "--accept", "ffffffff", "--data", tmp_path)
    assert (unknown.returncode, unknown.stdout) == (3, "")
    accepted = milepost("reread", "--accept", told["id"][:8], "--data", tmp_path)
    assert accepted.stdout == "1 contract accepted: the review has the new values.\n"
    again = milepost("reread", "--drop", told["id"][:8], "--data", tmp_path)
    assert again.returncode == 3
    assert "It is decided already." in again.stderr


@pytest.mark.prefect
def test_the_deployments_are_taken_by_a_prefect_server_and_their_flows_can_be_imported(
    own_environment: dict[str, str], tmp_path: Path, prefect_url: str
) -> None:
    environment = {
        **own_environment,
        "PREFECT_API_URL": prefect_url,
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    httpx.post(f"{prefect_url}/work_pools/", json={"name": "milepost", "type": "process"}).raise_for_status()
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = httpx.post(f"{prefect_url}/deployments/filter", json={}).json()
    assert {
        (one["name"], one["entrypoint"], one["schedules"][0]["schedule"]["cron"], one["work_pool_name"])
        for one in found
    } == {
        ("sweep-inboxes", "milepost.deployed:sweep", Settings().schedule.sweep, "milepost"),
        ("remind", "milepost.deployed:remind", Settings().schedule.remind, "milepost"),
        ("reread-portfolio", "milepost.deployed:reread", Settings().schedule.reread, "milepost"),
    }


def settings(**schedule: str) -> Settings:
    return load_settings(schedule=schedule)


@pytest.mark.parametrize(
    ("expression", "zone", "after", "next_"),
    [
        ("*/15 * * * *", "UTC", "2026-03-02T09:50:10", "2026-03-02T10:00:00"),
        ("0 8 * * 1-5", "UTC", "2026-03-06T09:00:00", "2026-03-09T08:00:00"),
        ("0 8 * * *", "Europe/Berlin", "2026-03-28T12:00:00", "2026-03-29T06:00:00"),
        ("0 8 * * *", "Europe/Berlin", "2026-03-27T12:00:00", "2026-03-28T07:00:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00", "2026-03-29T01:00:00"),
    ],
)
def test_a_job_is_due_by_the_clock_of_its_time_zone_summer_time_included(
    expression: str, zone: str, after: str, next_: str
) -> None:
    moment = dt.datetime.fromisoformat(after + "+00:00")
    found = next_time(settings(sweep=expression, time_zone=zone), Job.SWEEP, None, moment)
    assert found == dt.datetime.fromisoformat(next_ + "+00:00")


def test_every_replaces_the_schedule_and_an_empty_one_is_never() -> None:
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    assert next_time(settings(), Job.SWEEP, 2.5, noon) == noon + dt.timedelta(seconds=150)
    assert next_time(settings(reread=""), Job.REREAD, None, noon) is None
    assert expected_every(settings(sweep="*/15 * * * *"), Job.SWEEP, noon) == dt.timedelta(minutes=15)
    assert expected_every(settings(sweep=""), Job.SWEEP, noon) == dt.timedelta(days=1)


@pytest.mark.parametrize(("zone", "friday_evening"), [("UTC", "2026-03-06T17:00"), ("Asia/Tokyo", "2026-03-06T08:00")])
def test_after_a_weekend_on_which_nothing_is_scheduled_no_run_is_late(zone: str, friday_evening: str) -> None:
    working_hours = settings(remind="0 9-17 * * 1-5", time_zone=zone)
    friday = dt.datetime.fromisoformat(friday_evening + "+00:00")
    monday = next_time(working_hours, Job.REMIND, None, friday)
    assert monday is not None
    assert expected_every(working_hours, Job.REMIND, friday) >= monday - friday == dt.timedelta(hours=64)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"sweep": "whenever"}, "schedule.sweep = 'whenever'"),
        ({"sweep": "61 * * * *"}, "not a schedule as cron writes it"),
        ({"time_zone": "Mars/Olympus"}, "no time zone of this name is known"),
        ({"swoop": "* * * * *"}, "schedule.swoop"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_told_in_a_sentence(given: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(**given)
    assert says in str(refused.value)


def test_a_second_sweep_takes_nothing_away_from_the_first(milepost: Run, tmp_path: Path) -> None:
    fetched = tmp_path / "data" / "inboxes" / "arriving" / "lease.txt"
    with alone(tmp_path / "data" / "inboxes"):
        fetched.parent.mkdir()
        fetched.write_text("on its way")
        (tmp_path / "inbox").mkdir()
        (tmp_path / "inbox" / "list.txt").write_text("Bread, butter, milk.\n")
        settings = {"MILEPOST_INBOXES": json.dumps([str(tmp_path / "inbox")]), "MILEPOST_INBOX_SETTLE": "0"}
        done = milepost("schedule", "--once", "--only", "sweep", "--data", tmp_path / "data", **settings)
    assert done.returncode not in (0, 1)
    assert "Wait until it is done" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert fetched.exists()

"""``milepost remind`` and ``milepost owners``, as a person at the command line meets them."""

import datetime as dt
import json
from functools import partial
from operator import add
from pathlib import Path

from milepost.reminding import run_once
from milepost.settings import Settings
from models.actor import LOCAL_ID, local_actor
from models.tracked import OwnerKind
from review.deciding import accept
from store.engine import open_engine, reading, writing
from store.tracking_occurrences import heartbeat
from store.tracking_owners import add_owner
from store.tracking_reminders import troubled
from tests.milepost.conftest import Run
from tests.review.desk import item, milestones, outcome, read
from tests.tracking.mail_server import Server, serving
from tracking.mail_settings import SmtpSettings
from tracking.running import NAME

TITLE = "First instalment"


def confirmed_payment(data: Path) -> None:
    """A database with one confirmed payment, due in ten days."""
    engine = open_engine(f"sqlite:///{data / 'milepost.db'}", create=True)
    now = dt.datetime.now(dt.UTC)
    due = now.date() + dt.timedelta(days=10)
    payment = next(one for one in milestones() if one.title == TITLE)
    assert payment.expr is not None
    dated = payment.model_copy(update={"expr": payment.expr.model_copy(update={"date": due})})
    read(engine, outcome(milestones=(dated,)))
    with writing(engine) as session:
        found = item(session, TITLE)
        accept(session, found.id, found.version, local_actor(LOCAL_ID), now)
    engine.dispose()


def reached(server: SmtpSettings) -> dict[str, str]:
    return {
        "MILEPOST_MAIL__HOST": server.host,
        "MILEPOST_MAIL__PORT": str(server.port),
        "MILEPOST_MAIL__SECURITY": "none",
        "MILEPOST_MAIL__SENDER": server.sender,
        "MILEPOST_PUBLIC_URL": "https://tracker.example.com/",
    }


def test_a_confirmed_payment_reaches_its_owner_once(milepost: Run, tmp_path: Path) -> None:
    confirmed_payment(tmp_path)
    server = Server()
    milepost("owners", "add", "finance", "--team", "--email", "finance@example.com", "--data", tmp_path)
    with serving(server) as mail:
        first = milepost("remind", "--data", tmp_path, **reached(mail))
        assert (first.returncode, first.stderr) == (0, ""), first.stdout
        again = milepost("remind", "--json", "--data", tmp_path, **reached(mail))
    assert json.loads(again.stdout)["sent"] == 0
    payments = [letter for _, letter in server.taken if TITLE in letter["Subject"] and letter["References"]]
    assert len(payments) == 1
    body = payments[0].get_body(("plain",))
    assert body is not None
    assert "https://tracker.example.com/occurrences/" in body.get_content()


def test_a_scheduler_that_comes_late_is_reported_and_told_of(tmp_path: Path) -> None:
    confirmed_payment(tmp_path)
    engine = open_engine(f"sqlite:///{tmp_path / 'milepost.db'}")
    first, server = dt.datetime.now(dt.UTC), Server()
    with serving(server) as mail:
        settings = Settings(data_dir=tmp_path, mail=mail)
        with writing(engine) as session:
            add_owner(session, "contracts", OwnerKind.TEAM, now=first, email="contracts@example.com")
        reports = [
            run_once(settings, engine, expected_every=every, clock=partial(add, first, later))
            for every, later in (
                (dt.timedelta(days=1), dt.timedelta()),
                (dt.timedelta(days=1), dt.timedelta(hours=30)),
                (dt.timedelta(hours=1), dt.timedelta(hours=60)),
                (dt.timedelta(hours=1), dt.timedelta(hours=63)),
            )
        ]
        with reading(engine) as session:
            beat = heartbeat(session, NAME)
    engine.dispose()
    assert [report.late_by_seconds for report in reports] == [None, None, None, 2 * 3600]
    assert beat is not None
    assert (beat.finished_at, beat.expected_every) == (first + dt.timedelta(hours=63), 3600)
    told = [letter["Subject"] for _, letter in server.taken if "contracts@example.com" in str(letter["To"])]
    assert "Reminders came late" in told


def test_without_a_mail_server_reminders_wait_and_the_exit_code_says_so(milepost: Run, tmp_path: Path) -> None:
    confirmed_payment(tmp_path)
    ran = milepost("remind", "--data", tmp_path)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "email is not set up: reminders wait" in ran.stdout


def test_a_dry_run_says_who_would_get_what_and_keeps_nothing(milepost: Run, tmp_path: Path) -> None:
    confirmed_payment(tmp_path)
    shown = milepost("remind", "--dry-run", "--json", "--data", tmp_path)
    assert shown.returncode == 0, shown.stderr
    rows = json.loads(shown.stdout)
    assert [(row["to"], row["about"], row["rung"]) for row in rows if row["purpose"] == "rung"] == [
        ("finance", TITLE, 14)
    ]
    table = milepost("remind", "--dry-run", "--data", tmp_path)
    assert "Nothing was sent or kept" in table.stderr
    status = milepost("remind", "--status", "--data", tmp_path)
    assert "never been run" in status.stdout


def test_owners_are_added_shown_sent_away_and_replaced(milepost: Run, tmp_path: Path) -> None:
    data = ("--data", tmp_path)
    for args in (
        ("add", "Ann", "--email", "ann@example.com", "--time-zone", "Europe/Berlin"),
        ("add", "Bob", "--email", "bob@example.com", "--deputy", "ann"),
        ("add", "Legal", "--team", "--department", "legal"),
        ("join", "legal", "bob"),
        ("away", "bob", "--from", "2026-08-01", "--until", "2026-08-31"),
        ("replace", "bob", "ann"),
    ):
        done = milepost("owners", *args, *data)
        assert (done.returncode, done.stderr) == (0, ""), args
    shown = {row["name"]: row for row in json.loads(milepost("owners", "list", "--json", *data).stdout)}
    assert (shown["bob"]["active"], shown["ann"]["time_zone"]) == (False, "Europe/Berlin")
    assert shown["legal"]["members"] == ["ann"]
    assert "ann@example.com" in milepost("owners", "list", *data).stdout
    refused = milepost("owners", "add", "Eve", "--time-zone", "Mars", *data)
    assert refused.returncode == 3
    assert refused.stderr.startswith("milepost: There is no time zone 'Mars'.")


def test_what_is_uncertain_is_shown_and_settled(milepost: Run, tmp_path: Path) -> None:
    confirmed_payment(tmp_path)
    data = ("--data", tmp_path)
    milepost("owners", "add", "finance", "--team", "--email", "finance@example.com", *data)
    server = Server()
    server.hang_up = True
    with serving(server) as mail:
        ran = milepost("remind", *data, **reached(mail))
    assert ran.returncode == 1
    assert "may not have arrived" in ran.stdout
    engine = open_engine(f"sqlite:///{tmp_path / 'milepost.db'}")
    with reading(engine) as session:
        ids = [row.id for row in troubled(session)]
    engine.dispose()
    assert ids
    status = milepost("remind", "--status", *data)
    assert (status.returncode, ids[0][:12] in status.stdout) == (1, True)
    settled = milepost("remind", "--settle", ids[0], *data)
    assert (settled.returncode, settled.stdout) == (0, "Settled.\n")
    assert milepost("remind", "--settle", ids[0], *data).returncode == 3, "it is no longer uncertain"
    assert milepost("remind", "--settle", "abc", "--dry-run", *data).returncode == 2

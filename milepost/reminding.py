"""``milepost remind``: a run of the reminders, a rehearsal of one, and what the last one left to people."""

import datetime as dt
import getpass
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.markup import escape
from sqlalchemy import Engine

from milepost.console import stdout, tell
from milepost.link_key import link_key
from milepost.opening import moment, opened
from milepost.settings import Settings, SettingsError
from milepost.tables import plain_table
from milepost.wiring import options
from models.business import WEEKENDS_ONLY, calendar_for
from models.derivation import date_words
from models.tracked import Report
from rules.tracking_policies import load_policies
from store import tracking_reminders as reminders
from store.engine import reading, writing
from store.errors import StoreError
from store.tracking_occurrences import heartbeat, occurrences_by_id
from store.tracking_owners import EMAIL, directory
from store.tracking_tables import ReminderRow
from tracking.chat import BadChannelError, ChatSender
from tracking.confirmed import confirmed_contracts
from tracking.context import Context
from tracking.running import NAME, late_by, remind
from tracking.running import rehearse as rehearse_run
from tracking.senders import Sender
from tracking.smtp import SmtpSender
from tracking.webhooks import WebhookSender


def tracking_context(settings: Settings) -> Context:
    """How this installation tracks."""
    given = options(settings)
    return Context(
        policies=load_policies(settings.policies),
        calendar=calendar_for(settings.jurisdiction) if settings.jurisdiction else WEEKENDS_ONLY,
        conventions=given.conventions,
        base_url=settings.base_url,
        links=link_key(settings),
        expected_every=dt.timedelta(minutes=settings.remind_every),
    )


@contextmanager
def senders(settings: Settings) -> Iterator[Mapping[str, Sender]]:
    """The channels that are set up.

    Raises:
        SettingsError: a channel's URL is none that is known, or two channels have the same name.
    """
    twice = {EMAIL, *settings.channels} & {*settings.webhooks} or {EMAIL} & {*settings.channels}
    if twice:
        raise SettingsError(f"Two channels are called {', '.join(sorted(twice))}.")
    found: dict[str, Sender] = {name: WebhookSender(webhook) for name, webhook in settings.webhooks.items()}
    try:
        found |= {name: ChatSender(name, url.get_secret_value()) for name, url in settings.channels.items()}
    except BadChannelError as error:
        raise SettingsError(str(error)) from error
    if settings.mail is None:
        yield found
        return
    with SmtpSender(settings.mail) as mail:
        yield {**found, EMAIL: mail}


def run(data: Path | None, config: Path | None, *, as_json: bool) -> bool:
    """Do a run; whether nobody has to look."""
    with opened(data, config) as (settings, engine):
        report = run_once(settings, engine)
    _print(report, as_json=as_json)
    return report.clean


def run_once(
    settings: Settings,
    engine: Engine,
    *,
    expected_every: dt.timedelta | None = None,
    clock: Callable[[], dt.datetime] = moment,
) -> Report:
    """Do one run of the reminders: the plain function behind ``milepost remind`` and whatever schedules it.

    Safe to call at any time, twice, and from several processes at once: what is due is claimed, so that it goes out
    once. The run keeps its heartbeat itself, and reads from the one before whether it comes late: then it tells the
    fallback team, and says so in the report. ``expected_every`` is how far apart the scheduler means runs to be
    (``remind_every`` of the settings where it does not say).

    Raises:
        SettingsError: a channel or the key of the links is not set up as it must be.
    """
    context = tracking_context(settings)
    if expected_every is not None:
        context = replace(context, expected_every=expected_every)
    with senders(settings) as channels:
        return remind(engine, confirmed_contracts, channels, context, clock)


def rehearse(data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Show what a run would send now."""
    with opened(data, config) as (settings, engine):
        context, now = tracking_context(settings), moment()
        plan = rehearse_run(engine, confirmed_contracts, context, now)
    if as_json:
        rows = [
            {
                "to": one.to,
                "channel": one.reminder.channel,
                "purpose": one.reminder.purpose,
                "rung": one.reminder.rung,
                "about": one.about,
                "act_by": one.act_by.isoformat() if one.act_by else None,
            }
            for one in plan
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not plan:
        tell("Nothing is due.")
        return
    table = plain_table("To", "Why", "About", "Act by")
    for one in plan:
        table.add_row(
            escape(one.to), _why(one.reminder), escape(one.about), date_words(one.act_by) if one.act_by else ""
        )
    stdout().print(table)
    tell(f"{len(plan)} would be sent. Nothing was sent or kept.")


def status(data: Path | None, config: Path | None, *, as_json: bool) -> bool:
    """Show the last run, and the reminders a person must look at; whether there is nothing to look at."""
    now = moment()
    with opened(data, config) as (_, engine), reading(engine) as session:
        beat = heartbeat(session, NAME)
        troubled = reminders.troubled(session)
        people = directory(session)
        names = {row.id: people[row.recipient_id].name for row in troubled}
        about = occurrences_by_id(session, [row.occurrence_id for row in troubled if row.occurrence_id])
        waiting = reminders.count_due(session, now)
    late = late_by(beat, now)
    if as_json:
        content = {
            "last_run": beat.started_at.isoformat() if beat else None,
            "finished": bool(beat and beat.finished_at),
            "late_by_seconds": late.total_seconds() if late else None,
            "due": waiting,
            "report": beat.report if beat else None,
            "look_at": [{"id": row.id, "state": row.state, "to": names[row.id], "note": row.note} for row in troubled],
        }
        print(json.dumps(content, ensure_ascii=False, indent=1))
        return late is None and not troubled
    if beat is None:
        print("The reminders have never been run. Have cron run: milepost remind.")
    else:
        print(f"Last run: {beat.started_at:%Y-%m-%d %H:%M} UTC{'' if beat.finished_at else ', not finished'}.")
    if late is not None:
        print(f"The next run is late by {_long(late)}.")
    print(f"Due and not sent: {waiting}.")
    if troubled:
        table = plain_table("Id", "State", "To", "About", "Note")
        for row in troubled:
            subject = about.get(row.occurrence_id or "")
            title = subject.title if subject else str(row.purpose)
            table.add_row(row.id[:12], row.state, escape(names[row.id]), escape(title), escape(row.note or ""))
        stdout().print(table)
        tell("Settle each: milepost remind --settle ID if it arrived, --resend ID if it must be sent again.")
    return late is None and not troubled


def settle(prefix: str, data: Path | None, config: Path | None, *, again: bool) -> None:
    """Say that an uncertain reminder arrived, or have it sent again."""
    with opened(data, config) as (_, engine), writing(engine) as session:
        found = [row for row in reminders.troubled(session) if prefix and row.id.startswith(prefix)]
        if len(found) != 1:
            raise StoreError(
                f"{len(found)} uncertain or failed reminders begin with {prefix[:40]!r}.",
                "See: milepost remind --status.",
            )
        act = reminders.resend if again else reminders.settle
        act(session, found[0], by=getpass.getuser(), now=moment())
    print("It is sent with the next run." if again else "Settled.")


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(report.model_dump_json(indent=1))
        return
    print(f"Looked at {report.contracts} contracts, sent {report.sent} reminders in {report.messages} messages.")
    if report.late_by_seconds:
        print(f"This run came late by {_long(dt.timedelta(seconds=report.late_by_seconds))}.")
    if report.returned:
        print(f"{report.returned} that a stopped run had claimed and not sent were planned again.")
    if report.uncertain:
        print(f"{len(report.uncertain)} may not have arrived. See: milepost remind --status.")
    if report.failed:
        print(f"{len(report.failed)} could not be sent. See: milepost remind --status.")
    if report.unowned:
        print(f"{report.unowned} milestones belong to nobody who is active. See: milepost owners replace.")
    for problem in report.problems:
        print(problem)


def _why(row: ReminderRow) -> str:
    return f"{row.purpose}, {row.rung} days before" if row.rung is not None and row.rung >= 0 else str(row.purpose)


def _long(time: dt.timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"

"""What is done by schedule: sweep the inboxes, send reminders, read the portfolio anew after an upgrade.

Each job is a plain function that may be run at any time and twice. ``milepost schedule``, cron and a Prefect worker
(``milepost.deployed``) all run the same ones; whichever does leaves a heartbeat.
"""

import datetime as dt
from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim

from milepost import reminding, rereading, sweeping
from milepost.opening import moment
from milepost.settings import Settings
from store.engine import open_engine, writing
from store.recurring_tables import RereadingState
from store.tracking_occurrences import begin_run, finish_run

_SHOWN = 200
"""Files of a kind that a heartbeat names."""


class Job(StrEnum):
    """What can be done by schedule, in the order in which what is due together is done."""

    REMIND = "remind"
    SWEEP = "sweep"
    REREAD = "reread"


class Done(NamedTuple):
    """How a job went: what it did, what a person should look at, and the same for programs."""

    sentence: str
    look_at: tuple[str, ...] = ()
    report: dict[str, Any] = {}  # noqa: RUF012 - never changed

    @property
    def clean(self) -> bool:
        """Whether nobody has to look."""
        return not self.look_at


def expected_every(settings: Settings, job: Job, now: dt.datetime) -> dt.timedelta:
    """How long after ``now`` or the next few runs of a job by the schedule the one after comes, at most.

    A day where there is no schedule.
    """
    expression = getattr(settings.schedule, job)
    if not expression:
        return dt.timedelta(days=1)
    times = CronSim(expression, now.astimezone(ZoneInfo(settings.schedule.time_zone)))
    first = [now, *(next(times).astimezone(dt.UTC) for _ in range(4))]
    return max(later - earlier for earlier, later in pairwise(first))


def run_job(job: Job, settings: Settings, *, verbose: bool = False) -> Done:
    """Do a job now."""
    act = _ACTS[job]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if job is Job.REMIND:
        return act(settings, verbose)  # keeps a heartbeat of its own
    engine = open_engine(settings.url, create=True)
    try:
        with writing(engine) as session:
            now = moment()
            begin_run(session, job, now=now, expected_every=expected_every(settings, job, now))
        done = act(settings, verbose)
        with writing(engine) as session:
            finish_run(session, job, now=moment(), report=done.report, seen=0, policy="")
    finally:
        engine.dispose()
    return done


def _remind(settings: Settings, _verbose: bool) -> Done:
    engine = open_engine(settings.url, create=True)
    try:
        # Late is measured by this schedule, not by the one that cron may have.
        report = reminding.run_once(settings, engine, expected_every=expected_every(settings, Job.REMIND, moment()))
    finally:
        engine.dispose()
    look_at = [*report.problems]
    look_at += [f"{len(report.uncertain)} reminders may not have arrived"] if report.uncertain else []
    look_at += [f"{len(report.failed)} reminders could not be sent"] if report.failed else []
    look_at += [f"{report.unowned} milestones belong to nobody who is active"] if report.unowned else []
    late = report.late_by_seconds
    look_at += [f"the reminders came late by {late / 3600:.1f} hours"] if late else []
    sentence = f"{report.sent} reminders sent in {report.messages} messages."
    return Done(sentence, tuple(look_at), report.model_dump(mode="json"))


def _sweep(settings: Settings, verbose: bool) -> Done:
    report = sweeping.sweep(settings, verbose=verbose)
    notes = [f"{one.path}: {note}" for one in report.read for note in one.notes]
    look_at = [*report.problems, *(f"{one.path}: {one.reason}" for one in report.failed)]
    told = report.model_dump(mode="json")
    for kind in ("read", "known", "failed"):
        told[kind] = told[kind][:_SHOWN]
    return Done("\n".join((report.sentence, *notes)), tuple(look_at), told)


def _reread(settings: Settings, verbose: bool) -> Done:
    found = rereading.reread(settings, verbose=verbose) if rereading.is_due(settings) else None
    if found is None:
        return Done("Nothing to re-read.")
    failed = found.counts.get(RereadingState.FAILED, 0)
    look_at = [f"{failed} contracts could not be read anew (milepost reread --preview)"] if failed else []
    look_at += [f"{found.sentence}: milepost reread --preview"] if found.differ else []
    return Done(f"{found.sentence}.", tuple(look_at), {"id": found.id, "summary": found.sentence})


_ACTS: dict[Job, Callable[[Settings, bool], Done]] = {Job.REMIND: _remind, Job.SWEEP: _sweep, Job.REREAD: _reread}

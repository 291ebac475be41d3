"""``milepost schedule``: do by the clock what cron or a Prefect server would have done, in the foreground.

Each job runs in a process of its own that ends with it: what is installed meanwhile is what the next one runs, and a
job that dies takes nothing along. Reminders wait for no job that reads documents; of those one runs at a time. A server
of Prefect is started by a job that has documents to read, and ends with it; where ``PREFECT_API_URL`` names one, that
one shows the runs.
"""

import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from cronsim import CronSim

from milepost.console import tell
from milepost.jobs import Done, Job, run_job
from milepost.opening import moment, opened
from milepost.settings import Settings, SettingsError, load_settings
from milepost.wiring import use_config
from pipeline.prefect_server import PrefectError, prefect_api
from store.engine import reading
from store.inboxes import troubled
from store.recurring_tables import InboxState, RereadState
from store.rereads import list_rereads, summary
from store.tracking_occurrences import heartbeat

_LOOK_EVERY = 1.0
"""Seconds between two looks at the clock and at the jobs."""

_END_SECONDS = 30.0
"""What a job gets to give back what it has in work; then it is ended."""

READING = frozenset({Job.SWEEP, Job.REREAD})
"""Jobs of which one runs at a time."""


def run_once(
    only: Sequence[Job], data: Path | None, config: Path | None, *, as_json: bool, verbose: bool, quiet: bool
) -> bool:
    """Do each job once, now; whether nobody has to look at anything."""
    use_config(config)
    settings = load_settings(data_dir=data)
    jobs = tuple(only) or _wanted(settings)
    if len(jobs) == 1:
        done = {jobs[0]: _flow_run(jobs[0], settings, verbose=verbose)}
    else:
        flags = _flags(data, config, verbose=verbose)
        done = {job: _apart(job, flags) for job in jobs}
    if as_json:
        told = {
            str(job): {"did": one.sentence, "look_at": list(one.look_at), "report": one.report}
            for job, one in done.items()
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for job, one in done.items():
            if one.sentence and not quiet:
                print(f"{job}: {one.sentence}")
            for sentence in one.look_at:
                tell(f"{job}: look at this: {sentence}")
    return all(one.clean for one in done.values())


def run(
    only: Sequence[Job], every: float | None, data: Path | None, config: Path | None, *, verbose: bool, quiet: bool
) -> None:
    """Do each job now and then whenever it is due, until told to stop."""
    use_config(config)
    settings = load_settings(data_dir=data)
    jobs = tuple(only) or _wanted(settings)
    flags = _flags(data, config, verbose=verbose, quiet=quiet)
    if not quiet:
        for job in jobs:
            tell(f"{job}: {f'every {every:g} minutes' if every else _expression(settings, job)}")
        tell("Ctrl-C stops.")
    with _children() as running, suppress(KeyboardInterrupt):
        _loop(settings, jobs, every, flags, running)
    tell("Stopped.")


def status(data: Path | None, config: Path | None, *, as_json: bool) -> bool:
    """Show when each job last ran and what needs a person; whether nothing does."""
    with opened(data, config) as (settings, engine), reading(engine) as session:
        beats = {job: heartbeat(session, job) for job in Job}
        files = troubled(session)
        ready = [batch for batch in list_rereads(session) if batch.state is RereadState.READY]
        undecided = [summary(session, batch).sentence for batch in ready]
    failed = [row for row in files if row.state is InboxState.FAILED or row.reason]
    waiting = [row for row in files if row.state is InboxState.WAITING and not row.reason]
    if as_json:
        told = {
            "jobs": {
                str(job): {
                    "schedule": _expression(settings, job),
                    "last_run": beat.started_at.isoformat() if beat else None,
                    "finished": bool(beat and beat.finished_at),
                    "report": beat.report if beat else None,
                }
                for job, beat in beats.items()
            },
            "inboxes": list(settings.inboxes),
            "failed": [{"inbox": row.inbox, "path": row.path, "reason": row.reason} for row in failed],
            "waiting": [{"inbox": row.inbox, "path": row.path} for row in waiting],
            "undecided": undecided,
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return not failed and not undecided
    for job, beat in beats.items():
        last = f"last run {beat.started_at:%Y-%m-%d %H:%M} UTC" if beat else "never run"
        print(f"{job} ({_expression(settings, job)}): {last}{'' if not beat or beat.finished_at else ', not finished'}")
    print(f"Inboxes: {', '.join(settings.inboxes) or 'none'}")
    for row in failed:
        print(f"{row.path} in {row.inbox} could not be read: {row.reason}")
    for row in waiting:
        print(f"{row.path} in {row.inbox} may still be written.")
    for sentence in undecided:
        print(f"{sentence}: milepost reread --preview")
    return not failed and not undecided


def next_time(settings: Settings, job: Job, every: float | None, after: dt.datetime) -> dt.datetime | None:
    """When a job is due next after a moment; None for never."""
    if every is not None:
        return after + dt.timedelta(minutes=every)
    expression = getattr(settings.schedule, job)
    if not expression:
        return None
    return next(CronSim(expression, after.astimezone(ZoneInfo(settings.schedule.time_zone)))).astimezone(dt.UTC)


def _wanted(settings: Settings) -> tuple[Job, ...]:
    found = tuple(job for job in Job if getattr(settings.schedule, job))
    if not found:
        raise SettingsError("Nothing is scheduled: set schedule.sweep, schedule.remind or schedule.reread.")
    return found


def _expression(settings: Settings, job: Job) -> str:
    found = getattr(settings.schedule, job)
    return f"{found} {settings.schedule.time_zone}" if found else "never"


def _flow_run(job: Job, settings: Settings, *, verbose: bool) -> Done:
    """Do a job; as a flow run of the server that ``PREFECT_API_URL`` names, where there is one that answers."""
    if "PREFECT_API_URL" not in os.environ:
        return run_job(job, settings, verbose=verbose)
    with ExitStack() as stack:
        try:
            stack.enter_context(prefect_api(settings.data_dir / "prefect", verbose=verbose))
            from pipeline import flows
        except (PrefectError, ImportError) as error:
            if job is not Job.REMIND:
                raise
            tell(f"{error} Reminders go out without it.")
            return run_job(job, settings, verbose=verbose)
        return flows.run_as_flow(str(job), lambda: run_job(job, settings, verbose=verbose), lambda one: one.sentence)


Children = dict[Job, "subprocess.Popen[bytes]"]


def _loop(
    settings: Settings, jobs: Collection[Job], every: float | None, flags: Sequence[str], running: Children
) -> None:
    due: dict[Job, dt.datetime | None] = dict.fromkeys(jobs, moment())
    while True:
        for job, child in tuple(running.items()):
            if child.poll() is not None:
                del running[job]
                if child.returncode not in (0, 1):
                    tell(f"{job} ended with exit code {child.returncode}; it runs again when it is due.")
        for job, when in due.items():
            busy = job in running or (job in READING and READING & running.keys())
            if when is not None and when <= moment() and not busy:
                running[job] = _start(job, flags)
                due[job] = next_time(settings, job, every, moment())
        time.sleep(_LOOK_EVERY)


def _start(job: Job, flags: Sequence[str], output: int | None = None) -> "subprocess.Popen[bytes]":
    # In a session of its own: Ctrl-C is for us, and the job is told in words it understands.
    command = [sys.executable, "-m", "milepost", "schedule", "--once", "--only", str(job), *flags]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, start_new_session=True)


def _apart(job: Job, flags: Sequence[str]) -> Done:
    """Do a job in a process of its own, and say how it went. Prefect serves a process once."""
    with _children() as running:
        running[job] = _start(job, (*flags, "--json"), subprocess.PIPE)
        told, _ = running[job].communicate()
        code = running.pop(job).returncode
    try:
        did = json.loads(told)[job]
    except (json.JSONDecodeError, KeyError):
        return Done("", (f"It ended with exit code {code}.",))
    return Done(did["did"], tuple(did["look_at"]), did["report"])


def _flags(data: Path | None, config: Path | None, *, verbose: bool, quiet: bool = False) -> list[str]:
    paths = (("--data", data), ("--config", config))
    flags = [part for name, path in paths if path for part in (name, str(path))]
    return flags + [name for name, given in (("--verbose", verbose), ("--quiet", quiet)) if given]


@contextmanager
def _children() -> Iterator[Children]:
    """The jobs that run; told to end, and then ended, with the scheduler."""
    running: Children = {}
    try:
        yield running
    finally:
        for child in running.values():
            child.terminate()
        until = time.monotonic() + _END_SECONDS
        for child in running.values():
            try:
                child.wait(timeout=max(0.0, until - time.monotonic()))
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                child.kill()
                child.wait()

"""``milepost amend``: read a document that changes a contract, link the two, and show what it changes."""

import datetime as dt
import getpass
import json
import logging
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rich.markup import escape
from sqlalchemy import Engine
from upath import UPath

from milepost.console import shorten, stdout, tell
from milepost.settings import Settings, load_settings
from milepost.tables import plain_table
from milepost.wiring import bounds, options, use_config
from models.actor import Actor, Role
from models.business import WEEKENDS_ONLY, calendar_for
from models.contract import Milestone, Status, Term, TermState
from models.derivation import date_words
from models.problem import Problem
from pipeline.document import Job, Processed, printable, worker
from pipeline.guard import Guard
from pipeline.versions import versions
from rules.loader import installed_rules
from store.amending import Effect, Reckoning, amend_by, effects, reviewed
from store.blobs import BlobStore
from store.engine import open_engine, writing
from store.errors import StoreError
from store.families import find_contract
from store.identity import contract_id
from store.results import save_outcome


class AmendError(StoreError):
    """The document cannot amend the contract."""


class Amendment(NamedTuple):
    """What came of it: names for people, why the two are linked, and what changes."""

    document: str
    contract: str
    role: str
    reasons: tuple[str, ...]
    effects: tuple[Effect, ...]


def run(
    contract: str,
    file: Path,
    data: Path | None,
    config: Path | None,
    *,
    dry_run: bool,
    seen_to: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Link the document to the contract and print what it changes; with ``dry_run`` keep nothing."""
    use_config(config)
    settings = load_settings(data_dir=data)
    engine = open_engine(settings.url, create=True)
    try:
        processed = _read(file, settings, verbose=verbose)
        if not dry_run:
            BlobStore(UPath(settings.blob_root)).put(file.read_bytes())
        found = _amend(engine, contract, processed, settings, dry_run=dry_run, seen_to=seen_to)
    finally:
        engine.dispose()
    if as_json:
        print(json.dumps(_object(found), ensure_ascii=False, indent=1))
    else:
        _print(found, dry_run=dry_run)


def _read(file: Path, settings: Settings, *, verbose: bool) -> Processed:
    prepare = partial(worker, options(settings), logging.INFO if verbose else logging.WARNING)
    with Guard[Job, Processed](prepare, 1, bounds(settings)) as guard:
        ((_, answer),) = guard.run([Job(str(file), printable(file.name))])
    problems = (answer,) if isinstance(answer, Problem) else answer.outcome.problems
    if isinstance(answer, Problem) or answer.outcome.status is Status.FAILED:
        raise AmendError(
            f"{file.name} could not be read: {problems[0].message}", "Nothing was changed. Hand in another copy."
        )
    return answer


def _amend(
    engine: Engine, named: str, processed: Processed, settings: Settings, *, dry_run: bool, seen_to: bool
) -> Amendment:
    now, given = dt.datetime.now(dt.UTC), options(settings)
    known = versions(installed_rules(), given)
    calendar = calendar_for(settings.jurisdiction) if settings.jurisdiction else WEEKENDS_ONLY
    using = Reckoning(calendar, given.conventions)
    actor = Actor(id=getpass.getuser(), name=getpass.getuser(), role=Role.ADMIN)
    sha256 = processed.outcome.sha256
    assert sha256 is not None  # it was read
    with writing(engine) as session:
        master = find_contract(session, named)
        child_id = contract_id(sha256)
        if child_id == master.id:
            raise AmendError("This file is the contract itself.", "Name the document that changes it.")
        save_outcome(
            session,
            processed.outcome,
            ruleset_version=known.ruleset,
            model_version=known.model,
            now=now,
            size=processed.size or 0,
            media_type=processed.media_type,
        )
        link = amend_by(session, master.id, child_id, actor, now, using=using)
        changed = effects(session, link, now, using=using)
        if seen_to:
            reviewed(session, link, actor, now)
        said = Amendment(
            processed.outcome.file, master.title or master.name, str(link.role), tuple(link.reasons), changed
        )
        if dry_run:
            session.expunge_all()
            session.rollback()
    return said


def _print(found: Amendment, *, dry_run: bool) -> None:
    console = stdout()
    console.print(f"[bold]{escape(found.document)}[/bold] ({_plain(found.role)}) changes {escape(found.contract)}.")
    for reason in found.reasons:
        console.print(f"  {escape(reason)}")
    if not found.effects:
        tell("It changes nothing that milepost reads.")
        return
    table = plain_table("What", "Old", "New", "Old words", "New words")
    for one in found.effects:
        table.add_row(
            escape(_plain(one.what)),
            escape(_words(one.old)),
            escape(_words(one.new) if one.operation is None else "a person reads it"),
            escape(shorten(_quote(one.old), 90)),
            escape(shorten(one.operation.quote if one.operation else _quote(one.new), 90)),
        )
    console.print(table)
    moved = sum(one.milestone_key is not None and bool(one.old or one.new) for one in found.effects)
    if dry_run:
        tell(f"{moved} milestones would change. Nothing was kept.")
        return
    tell(f"{moved} milestones change. What was confirmed and changes is open again: milepost review.")
    tell("Until it is decided, reminders of these milestones say that an amendment is under review.")


def _object(found: Amendment) -> dict[str, Any]:
    return {
        "document": found.document,
        "contract": found.contract,
        "role": found.role,
        "reasons": list(found.reasons),
        "changes": [
            {
                "what": one.what,
                "milestone": one.milestone_key,
                "old": _words(one.old) or None,
                "new": _words(one.new) or None,
                "old_quote": _quote(one.old) or None,
                "new_quote": (one.operation.quote if one.operation else _quote(one.new)) or None,
                "understood": one.operation is None,
            }
            for one in found.effects
        ],
    }


def _words(value: Term | Milestone | None) -> str:
    """A value in a few words: the day it falls on or what it waits for, the amount, the period."""
    if value is None or (isinstance(value, Term) and value.state is TermState.ABSENT):
        return ""
    parts: list[str] = []
    if isinstance(value, Milestone):
        window = [date_words(day) for day in (value.earliest, value.latest) if day and not value.date]
        parts += [" to ".join(window)] if window else []
    else:
        parts += [str(value.notice)] if value.notice else []
        parts += [str(value.renewal.period)] if value.renewal and value.renewal.period else []
        parts += ["no end"] if value.perpetual else []
        parts += [value.text] if value.text else []
        parts += [party.name for party in value.parties]
    parts = ([date_words(value.date)] if value.date else []) + parts
    parts += [value.amount.text] if value.amount else []
    parts += [f"waits for {value.blocked_on}"] if value.blocked_on else []
    return ", ".join(parts) or "stated"


def _quote(value: Term | Milestone | None) -> str:
    """The words a value rests on; where another document changed it, the words that did."""
    return value.evidence[-1 if isinstance(value, Milestone) else 0].quote if value and value.evidence else ""


def _plain(word: str) -> str:
    return word.replace("_", " ")

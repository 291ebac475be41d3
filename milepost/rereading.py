"""``milepost reread``: read the portfolio anew after an upgrade, show what differs, and accept or drop it."""

import getpass
import json
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.markup import escape
from sqlmodel import Session

from milepost.console import shorten, stdout, tell
from milepost.flow_running import run_batches
from milepost.opening import moment, opened
from milepost.reading_room import reading_room
from milepost.reckoning import reckoning
from milepost.settings import Settings, load_settings
from milepost.tables import plain_table, term_words, what, when
from milepost.wiring import options, use_config
from models.actor import Actor, Role
from models.contract import Milestone, Term
from models.rereading import ASIDE, quote_of
from pipeline.rereading import Rereading
from pipeline.versions import versions
from review.accepting import accept_all
from review.routing import hand_out
from rules.loader import installed_rules
from rules.routing import load_routing
from store import rereads
from store.engine import open_engine, reading, writing
from store.families import find_contract
from store.recurring_tables import RereadDifference, RereadEffect, RereadingState, RereadState
from store.reread_effects import Versions
from store.rereads import Summary
from store.tables import Contract

_EFFECTS = {
    RereadEffect.SHOWS: "not decided yet",
    RereadEffect.REOPENS: "opens a decision again",
    RereadEffect.KEEPS: "the decision stands",
    RereadEffect.VANISHES: "decided, no longer found",
}


def run(
    data: Path | None,
    config: Path | None,
    jobs: int | None,
    *,
    again: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> bool:
    """Read anew what older rules or models had read, and print what differs; whether all could be read."""
    use_config(config)
    settings = load_settings(data_dir=data, workers=jobs)
    found = reread(settings, again=again, verbose=verbose, quiet=quiet)
    if found is None:
        return preview(None, data, config, as_json=as_json, nothing_new=True)
    return preview(found.id, data, config, as_json=as_json)


def reread(settings: Settings, *, again: bool = False, verbose: bool = False, quiet: bool = True) -> Summary | None:
    """Read anew what is to be read anew, as a Prefect flow; None where there is nothing."""
    given = options(settings)
    with reading_room(settings, given, verbose=verbose, quiet=quiet) as room, ExitStack() as stack:
        rereading = Rereading(
            engine=room.engine,
            blobs=room.blobs,
            guard=room.guard,
            versions=versions(installed_rules(), given),
            scratch=settings.data_dir / "rereading",
            batch_size=settings.batch,
            on_progress=lambda now: room.advance(now.total, now.done),
        )
        stack.callback(rereading.close)
        if rereading.begin(again=again):
            run_batches("reread", rereading, settings, verbose=verbose)
        return rereading.finish() if rereading.reread_id else None


def is_due(settings: Settings) -> bool:
    """Whether there are contracts that other rules or models had read, or a new reading that was stopped."""
    found = versions(installed_rules(), options(settings))
    engine = open_engine(settings.url, create=True)
    try:
        with reading(engine) as session:
            states = {batch.state for batch in rereads.list_rereads(session)}
            return RereadState.READING in states or rereads.behind(session, Versions(*found)) > 0
    finally:
        engine.dispose()


def preview(
    prefix: str | None, data: Path | None, config: Path | None, *, as_json: bool, nothing_new: bool = False
) -> bool:
    """Print what a new reading of the portfolio found, the newest if none is named; whether all could be read."""
    with opened(data, config) as (_, engine), reading(engine) as session:
        if nothing_new and not rereads.list_rereads(session):
            tell("Nothing to re-read: all contracts were read by these rules and models.")
            return True
        batch = rereads.find_reread(session, prefix)
        found = rereads.summary(session, batch)
        if as_json:
            print(json.dumps(as_object(session, found), ensure_ascii=False, indent=1))
        else:
            _print(session, found)
    return not found.counts[RereadingState.FAILED]


def decide(prefix: str, contracts: Sequence[str], data: Path | None, config: Path | None, *, accept: bool) -> None:
    """Accept or drop a new reading, as a whole or of some contracts."""
    name = getpass.getuser()
    actor = Actor(id=name, name=name, role=Role.ADMIN)
    with opened(data, config) as (settings, engine):
        with writing(engine) as session:
            batch = rereads.find_reread(session, prefix)
            ids = [find_contract(session, one).id for one in contracts]
            act = rereads.accept_reread if accept else rereads.drop_reread
            done = act(session, batch, actor, moment(), ids)
        if accept:
            hand_out(engine, load_routing(settings.policies), moment())
            accept_all(engine, moment(), using=reckoning(options(settings)))
    many = "1 contract" if done.contracts == 1 else f"{done.contracts:,} contracts"
    print(f"{many} {'accepted: the review has the new values' if accept else 'dropped: they stay as they were'}.")
    if done.stale:
        tell(f"{done.stale} were read in another way meanwhile, and left as they are.")


def as_object(session: Session, found: Summary) -> dict[str, Any]:
    """A new reading for programs."""
    decided = rereads.states_by_family(session, found.id)
    return {
        "id": found.id,
        "state": str(found.state),
        "summary": found.sentence,
        "contracts": found.contracts,
        "values_differ": found.differ,
        "counts": {str(state): number for state, number in sorted(found.counts.items())},
        "differences": [
            _difference(contract, one, decided.get(one.family))
            for contract, one in rereads.differences(session, found.id)
        ],
        "failures": [{"file": name, "reason": reason} for name, reason in rereads.failures(session, found.id)],
    }


def _difference(contract: Contract, one: RereadDifference, state: RereadingState | None) -> dict[str, Any]:
    old, new = rereads.value_of(one.old), rereads.value_of(one.new)
    was, now = _words(old, new)
    return {
        "contract": contract.id,
        "file": contract.name,
        "title": contract.title,
        "what": one.what,
        "milestone": one.milestone_key,
        "item": one.item_id or None,
        "old": was or None,
        "new": now or None,
        "old_quote": quote_of(old) or None,
        "new_quote": quote_of(new) or None,
        "effect": str(one.effect),
        "state": str(state or ""),
    }


def _print(session: Session, found: Summary) -> None:
    console = stdout()
    console.print(f"[bold]{found.sentence}[/bold]  ({found.id[:8]}, {found.state})")
    listed = rereads.differences(session, found.id)
    decided = rereads.states_by_family(session, found.id)
    for contract, group in groupby(listed, key=lambda one: one[0]):
        table = plain_table("What", "Old", "New", "Old words", "New words", "If accepted")
        for _, one in group:
            old, new = rereads.value_of(one.old), rereads.value_of(one.new)
            was, now = _words(old, new)
            state = decided.get(one.family)
            undecided = state in (RereadingState.DIFFERS, None)
            table.add_row(
                escape(one.what),
                escape(shorten(was, 90)),
                escape(shorten(now, 90)),
                escape(shorten(quote_of(old), 60)),
                escape(shorten(quote_of(new), 60)),
                _EFFECTS[one.effect] if undecided else str(state),
            )
        console.print(f"\n{escape(contract.title or contract.name)}  [dim]{contract.id[:8]}[/dim]")
        console.print(table)
    for name, reason in rereads.failures(session, found.id):
        console.print(f"{escape(name)} could not be read anew and stays as it is: {escape(reason)}")
    if found.state is RereadState.READY:
        tell(f"Nothing has moved yet. milepost reread --accept {found.id[:8]}, or --drop {found.id[:8]};")
        tell("with --contract NAME of one contract alone.")
    elif found.state is RereadState.UNCHANGED and found.counts[RereadingState.SHADED]:
        tell(
            f"In {found.counts[RereadingState.SHADED]} the program is more or less sure than before: "
            f"milepost reread --accept {found.id[:8]} takes that over."
        )


def _words(old: Term | Milestone | None, new: Term | Milestone | None) -> tuple[str, str]:
    """Two values that differ, in words that show in what."""
    was, now = (_plainly(value) for value in (old, new))
    if was != now or old is None or new is None:
        return was, now
    first, second = old.model_dump(mode="json"), new.model_dump(mode="json")
    apart = [name for name in first if name not in ASIDE and first[name] != second.get(name)]
    return (
        "; ".join(f"{name}: {_json(first[name])}" for name in apart),
        "; ".join(f"{name}: {_json(second[name])}" for name in apart),
    )


def _plainly(value: Term | Milestone | None) -> str:
    if value is None:
        return ""
    return term_words(value) if isinstance(value, Term) else f"{value.kind}: {when(value)}, {what(value)}"


def _json(value: object) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), 200)

"""``milepost owners``: the people and teams that milestones belong to."""

import datetime as dt
import getpass
import json
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from milepost.console import stdout, tell
from milepost.opening import moment, opened, session_of
from milepost.tables import plain_table
from models.tracked import OwnerKind
from store import tracking_owners as owners
from store.accounts import account as find_account
from store.engine import writing
from store.errors import StoreError
from store.tracking_feeds import open_feed, revoke_feeds
from store.tracking_occurrences import count_open
from store.tracking_tables import Owner


def show(data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Print the owners."""
    with session_of(data, config) as session:
        people = owners.directory(session)
        open_ = count_open(session)
        rows = [_row(owner, people, open_.get(owner.id, 0)) for owner in people]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = plain_table("Name", "Kind", "E-mail", "Time zone", "Deputy", "Members", "Open", "")
    for row in rows:
        note = "left" if not row["active"] else "away" if row["away"] else ""
        table.add_row(
            escape(str(row["name"])),
            str(row["kind"]),
            escape(str(row["email"] or "none")),
            str(row["time_zone"]),
            escape(str(row["deputy"] or "")),
            escape(", ".join(map(str, row["members"]))),  # type: ignore[call-overload]
            str(row["open"]),
            note,
        )
    stdout().print(table)


def add(
    name: str,
    data: Path | None,
    config: Path | None,
    *,
    team: bool,
    email: str | None,
    time_zone: str | None,
    department: str | None,
    deputy: str | None,
    channels: Sequence[str] | None,
    account: str | None,
) -> None:
    """Add an owner."""
    with session_of(data, config, write=True, create=True) as session:
        made = owners.add_owner(
            session,
            name,
            OwnerKind.TEAM if team else OwnerKind.PERSON,
            now=moment(),
            email=email,
            time_zone=time_zone or "UTC",
            channels=channels or (owners.EMAIL,),
            department=department,
            deputy_id=owners.find_owner(session, deputy).id if deputy else None,
            account_id=find_account(session, account).id if account else None,
        )
        print(f"Added {made.name}.")


def change(
    name: str,
    data: Path | None,
    config: Path | None,
    *,
    email: str | None,
    time_zone: str | None,
    department: str | None,
    deputy: str | None,
    channels: Sequence[str] | None,
) -> None:
    """Change what is known of an owner."""
    with session_of(data, config, write=True) as session:
        owner = owners.find_owner(session, name)
        owners.change_owner(
            session,
            owner,
            now=moment(),
            email=email,
            time_zone=time_zone,
            department=department,
            deputy=owners.find_owner(session, deputy) if deputy else None,
            channels=channels,
        )
        print(f"Changed {owner.name}.")


def join_team(team: str, person: str, data: Path | None, config: Path | None, *, end: bool) -> None:
    """Begin or end a membership."""
    with session_of(data, config, write=True) as session:
        found, who = owners.find_owner(session, team), owners.find_owner(session, person)
        (owners.leave if end else owners.join)(session, found, who)
        print(f"{who.name} is {'no longer ' if end else ''}in {found.name}.")


def away(name: str, first: dt.date | None, last: dt.date | None, data: Path | None, config: Path | None) -> None:
    """Note when somebody is away."""
    if first and last and last < first:
        raise StoreError("The last day lies before the first.", "Give --from and --until in order.")
    with session_of(data, config, write=True) as session:
        owner = owners.find_owner(session, name)
        owner.away_from, owner.away_until, owner.updated_at = first, last, moment()
        session.add(owner)
        if not owner.deputy_id and (first or last):
            print(f"{owner.name} has no deputy: messages go on to them. See: milepost owners set.")
        print(f"{owner.name} is {'away' if first or last else 'back'}.")


def feed(name: str, data: Path | None, config: Path | None, *, revoke: bool) -> None:
    """Open a calendar feed of an owner, or end all of theirs."""
    with opened(data, config) as (settings, engine), writing(engine) as session:
        owner = owners.find_owner(session, name)
        if revoke:
            print(f"Ended {revoke_feeds(session, owner, now=moment())} feeds of {owner.name}.")
            return
        token = open_feed(session, owner, by=getpass.getuser(), now=moment())
    print(f"{(settings.base_url or 'http://127.0.0.1:8321').rstrip('/')}/calendar/{token}.ics")
    tell("Whoever has this address can read the deadlines; it is not shown again. To end it: --revoke.")
    if settings.base_url is None:
        tell("Set public_url to where people reach the web application, so that the address is the right one.")


def replace(leaver: str, successor: str, data: Path | None, config: Path | None) -> None:
    """Put one owner in the place of another."""
    with session_of(data, config, write=True) as session:
        done = owners.replace_owner(
            session, owners.find_owner(session, leaver), owners.find_owner(session, successor), now=moment()
        )
        left = owners.unowned(session)
    print(
        f"Handed over {done.occurrences} open milestones, {done.contracts} contracts, {done.deadlines} entered "
        f"deadlines, {done.reminders} reminders, {done.memberships} memberships, {done.deputies} deputyships."
    )
    if left:
        print(f"{left} open milestones still belong to somebody who left.")


def _row(owner: Owner, people: owners.Directory, open_: int) -> dict[str, object]:
    deputy = people.deputy(owner.id)
    return {
        "name": owner.name,
        "kind": str(owner.kind),
        "email": owner.email,
        "time_zone": owner.time_zone,
        "channels": owner.channels,
        "department": owner.department,
        "deputy": people[deputy].name if deputy else None,
        "members": [people[one].name for one in people.members(owner.id)],
        "active": owner.active,
        "away": owner.away_from is not None or owner.away_until is not None,
        "open": open_,
    }

"""Owners: people and teams that milestones belong to, their deputies, and what happens when somebody leaves."""

import datetime as dt
import unicodedata
import zoneinfo
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import CursorResult, Update, delete, func, update
from sqlmodel import Session, col, select

from models.tracked import OccurrenceState, OwnerKind, Purpose, ReminderState
from store.errors import StoreError
from store.identity import derive
from store.tracking_tables import EnteredDeadline, Membership, OccurrenceRow, Owner, ReminderRow, TrackedContractRow

EMAIL = "email"
"""The channel everybody has."""

_LONGEST = 200


class Directory:
    """All owners as they are now, for routing and delivery: who stands in for whom, and where messages go."""

    def __init__(self, owners: Iterable[Owner], memberships: Iterable[Membership]) -> None:
        self._owners = {owner.id: owner for owner in owners}
        self._by_name = {owner.name: owner.id for owner in self._owners.values()}
        self._members: dict[str, list[str]] = {}
        self._teams: dict[str, list[str]] = {}
        for row in sorted(memberships, key=lambda row: (row.team_id, self._name(row.person_id))):
            self._members.setdefault(row.team_id, []).append(row.person_id)
            self._teams.setdefault(row.person_id, []).append(row.team_id)

    def __getitem__(self, owner_id: str) -> Owner:
        return self._owners[owner_id]

    def __contains__(self, owner_id: str) -> bool:
        return owner_id in self._owners

    def __iter__(self) -> Iterator[Owner]:
        return iter(sorted(self._owners.values(), key=lambda owner: owner.name))

    def id_of(self, name: str | None) -> str | None:
        """The id of the owner called ``name``."""
        return self._by_name.get(owner_name(name)) if name else None

    def standing_in(self, owner_id: str | None) -> str | None:
        """The owner, or whoever took over from them, over any number of successions; None if nobody did."""
        seen: set[str] = set()
        while owner_id is not None and owner_id in self._owners and owner_id not in seen:
            seen.add(owner_id)
            owner = self._owners[owner_id]
            if owner.active:
                return owner_id
            owner_id = owner.replaced_by_id
        return None

    def deputy(self, owner_id: str) -> str | None:
        """Who steps in for an owner, if somebody else does."""
        found = self.standing_in(self._owners[owner_id].deputy_id)
        return found if found != owner_id else None

    def group(self, owner_id: str, fallback: str) -> str | None:
        """The team of an owner, the first by name; else the fallback team; None where that is the owner."""
        teams = sorted(self._teams.get(owner_id, ()), key=self._name)
        for team in (*teams, self.id_of(fallback)):
            found = self.standing_in(team)
            if found is not None and found != owner_id:
                return found
        return None

    def reachable(self, owner_id: str, day: dt.date) -> tuple[Owner, ...]:
        """Whom a message to an owner goes to on a day: the deputy while they are away, a team's members if it has no
        address of its own. Empty if there is nobody with an address."""
        found: dict[str, Owner] = {}
        self._reach(owner_id, day, found, set())
        return tuple(found.values())

    def _reach(self, owner_id: str | None, day: dt.date, found: dict[str, Owner], seen: set[str]) -> bool:
        owner_id = self.standing_in(owner_id)
        if owner_id is None or owner_id in seen:
            return owner_id in found
        seen.add(owner_id)
        owner = self._owners[owner_id]
        if _away(owner, day) and owner.deputy_id and self._reach(owner.deputy_id, day, found, seen):
            return True
        if owner.email:
            found[owner.email.casefold()] = owner
            return True
        reached = [self._reach(member, day, found, seen) for member in self._members.get(owner_id, ())]
        return any(reached) or (owner.deputy_id is not None and self._reach(owner.deputy_id, day, found, seen))

    def members(self, team_id: str) -> tuple[str, ...]:
        """The people of a team."""
        return tuple(self._members.get(team_id, ()))

    def teams(self, person_id: str) -> tuple[str, ...]:
        """The teams of a person."""
        return tuple(self._teams.get(person_id, ()))

    def _name(self, owner_id: str) -> str:
        owner = self._owners.get(owner_id)
        return owner.name if owner else ""


def _away(owner: Owner, day: dt.date) -> bool:
    if owner.away_from is None and owner.away_until is None:
        return False
    return (owner.away_from or dt.date.min) <= day <= (owner.away_until or dt.date.max)


def directory(session: Session) -> Directory:
    """All owners and teams."""
    return Directory(session.exec(select(Owner)), session.exec(select(Membership)))


def owner_name(name: str) -> str:
    """``name`` as owners are known by it: normalised, in lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def find_owner(session: Session, name: str) -> Owner:
    """The owner called ``name``. Raises StoreError if there is none."""
    found = session.exec(select(Owner).where(Owner.name == owner_name(name))).first()
    if found is None:
        raise StoreError(f"There is no owner {name[:80]!r}.", "See: milepost owners list.")
    return found


def add_owner(
    session: Session,
    name: str,
    kind: OwnerKind,
    *,
    now: dt.datetime,
    email: str | None = None,
    time_zone: str = "UTC",
    channels: Collection[str] = (EMAIL,),
    department: str | None = None,
    deputy_id: str | None = None,
    account_id: str | None = None,
) -> Owner:
    """A new owner. Raises StoreError for a name that is taken or empty, an unknown time zone, no e-mail address."""
    folded = owner_name(name)
    if not folded or len(folded) > _LONGEST:
        raise StoreError(f"{name[:80]!r} cannot be the name of an owner.", f"Take 1 to {_LONGEST} characters.")
    if session.exec(select(Owner.id).where(Owner.name == folded)).first() is not None:
        raise StoreError(f"There is an owner {folded!r} already.", "Take another name, or change that one.")
    made = Owner(
        id=derive("owner", folded),
        kind=kind,
        name=folded,
        email=checked_email(email),
        time_zone=checked_zone(time_zone),
        channels=list(channels),
        department=department,
        deputy_id=deputy_id,
        account_id=account_id,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    return made


def change_owner(
    session: Session,
    owner: Owner,
    *,
    now: dt.datetime,
    email: str | None = None,
    time_zone: str | None = None,
    department: str | None = None,
    deputy: Owner | None = None,
    channels: Collection[str] | None = None,
) -> None:
    """Change what is known of an owner; what is None stays. Raises StoreError as ``add_owner``, and for a deputy of
    oneself.

    Contracts with something of theirs are planned anew by the next run, for reminders hang on zone and channels.
    """
    if deputy is not None and deputy.id == owner.id:
        raise StoreError(f"{owner.name!r} cannot be their own deputy.", "Name another owner.")
    owner.email = checked_email(email) or owner.email
    owner.time_zone = checked_zone(time_zone) if time_zone is not None else owner.time_zone
    owner.department = department or owner.department
    owner.deputy_id = deputy.id if deputy is not None else owner.deputy_id
    owner.channels = list(channels) if channels else owner.channels
    owner.updated_at = now
    session.add(owner)
    session.flush()
    _plan_anew(session, owner.id)
    # What waits for an address is due again at once.
    if email is not None:
        session.execute(
            update(ReminderRow)
            .where(
                col(ReminderRow.recipient_id) == owner.id,
                col(ReminderRow.state) == ReminderState.PLANNED,
                col(ReminderRow.note) == no_address(owner.name),
            )
            .values(fire_at=now, note=None)
            .execution_options(synchronize_session=False)
        )


def no_address(name: str) -> str:
    """Why a reminder waits whose recipient cannot be reached."""
    return f"{name} has no address"


def _plan_anew(session: Session, owner_id: str) -> None:
    """Have the next run look at the contracts with something open of an owner."""
    theirs = select(OccurrenceRow.contract_id).where(
        OccurrenceRow.owner_id == owner_id,
        col(OccurrenceRow.state).in_([state for state in OccurrenceState if state.open]),
    )
    session.execute(
        update(TrackedContractRow)
        .where(col(TrackedContractRow.contract_id).in_(theirs))
        .values(check_on=dt.date.min)
        .execution_options(synchronize_session="fetch")
    )


def checked_zone(name: str) -> str:
    """A time zone's name. Raises StoreError if there is none of that name."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise StoreError(f"There is no time zone {name[:80]!r}.", "Name it as in Europe/Berlin or UTC.") from None
    return name


def checked_email(address: str | None) -> str | None:
    """An e-mail address. Raises StoreError if it cannot be one; a line break in it would forge headers."""
    if address is None:
        return None
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(char.isspace() or char in "<>,;" or ord(char) < 32 for char in address):
        raise StoreError(f"{address[:80]!r} is no e-mail address.", "Write it as name@example.com.")
    return address


def ensure_teams(session: Session, names: Iterable[str], *, now: dt.datetime) -> None:
    """Make a team of each name that no owner has: what a policy names exists."""
    known = set(session.exec(select(Owner.name)))
    for name in dict.fromkeys(map(owner_name, names)):
        if name not in known:
            add_owner(session, name, OwnerKind.TEAM, now=now)


def join(session: Session, team: Owner, person: Owner) -> None:
    """Make a person a member of a team. Raises StoreError if they are not that."""
    if team.kind is not OwnerKind.TEAM or person.kind is not OwnerKind.PERSON:
        raise StoreError(f"{team.name!r} is no team, or {person.name!r} no person.", "People belong to teams.")
    if session.get(Membership, (team.id, person.id)) is None:
        session.add(Membership(team_id=team.id, person_id=person.id))
        session.flush()


def leave(session: Session, team: Owner, person: Owner) -> None:
    """End a membership, if there is one."""
    session.execute(
        delete(Membership).where(col(Membership.team_id) == team.id, col(Membership.person_id) == person.id)
    )


class Replaced(NamedTuple):
    """What a succession changed."""

    occurrences: int
    contracts: int
    deadlines: int
    reminders: int
    memberships: int
    deputies: int


def replace_owner(session: Session, leaver: Owner, successor: Owner, *, now: dt.datetime) -> Replaced:
    """Put ``successor`` in the place of ``leaver`` everywhere, and switch the leaver off.

    Open occurrences, contracts, entered deadlines, memberships, deputies and reminders that have not been sent change
    hands; rules that name the leaver lead to the successor. What is done stays as it was. Raises StoreError if the
    successor is inactive or the same.
    """
    if leaver.id == successor.id or not successor.active:
        raise StoreError(f"{successor.name!r} cannot take over from {leaver.name!r}.", "Name another active owner.")
    if leaver.kind is OwnerKind.TEAM and successor.kind is OwnerKind.PERSON:
        session.execute(delete(Membership).where(col(Membership.team_id) == leaver.id))
    open_ = col(OccurrenceRow.state).in_([state for state in OccurrenceState if state.open])
    # The next run tells the successor of what has become theirs.
    _plan_anew(session, leaver.id)
    occurrences = _count(
        session,
        update(OccurrenceRow)
        .where(col(OccurrenceRow.owner_id) == leaver.id, open_)
        .values(owner_id=successor.id, planned_as="", version=OccurrenceRow.version + 1, updated_at=now),
    )
    contracts = _count(
        session,
        update(TrackedContractRow)
        .where(col(TrackedContractRow.owner_id) == leaver.id)
        .values(owner_id=successor.id, updated_at=now),
    )
    deadlines = _count(
        session, update(EnteredDeadline).where(col(EnteredDeadline.owner_id) == leaver.id).values(owner_id=successor.id)
    )
    reminders = _readdress(session, leaver, successor)
    memberships = _hand_over_memberships(session, leaver, successor)
    deputies = _count(
        session,
        update(Owner)
        .where(col(Owner.deputy_id) == leaver.id, col(Owner.id) != successor.id)
        .values(deputy_id=successor.id, updated_at=now),
    )
    if successor.deputy_id == leaver.id:
        successor.deputy_id = None
    leaver.active, leaver.replaced_by_id, leaver.updated_at = False, successor.id, now
    session.add(leaver)
    session.add(successor)
    session.flush()
    return Replaced(occurrences, contracts, deadlines, reminders, memberships, deputies)


def _readdress(session: Session, leaver: Owner, successor: Owner) -> int:
    """Hand over what has not been sent; a message the successor gets anyway is cancelled, not doubled."""
    waiting = session.exec(
        select(ReminderRow).where(ReminderRow.recipient_id == leaver.id, ReminderRow.state == ReminderState.PLANNED)
    ).all()
    for row in waiting:
        same = (
            select(ReminderRow.id)
            .where(
                ReminderRow.occurrence_id == row.occurrence_id,
                ReminderRow.purpose == row.purpose,
                ReminderRow.rung == row.rung,
                ReminderRow.due == row.due,
                ReminderRow.recipient_id == successor.id,
                ReminderRow.channel == row.channel,
            )
            .limit(1)
        )
        if row.purpose is Purpose.DIGEST or session.exec(same).first() is not None:
            row.state, row.note = ReminderState.CANCELLED, f"{successor.name} took over from {leaver.name}"
        else:
            row.recipient_id = successor.id
        session.add(row)
    session.flush()
    return len(waiting)


def _hand_over_memberships(session: Session, leaver: Owner, successor: Owner) -> int:
    teams = session.exec(select(Membership).where(Membership.person_id == leaver.id)).all()
    for row in teams:
        if successor.kind is OwnerKind.PERSON and session.get(Membership, (row.team_id, successor.id)) is None:
            session.add(Membership(team_id=row.team_id, person_id=successor.id))
        session.delete(row)
    members = session.exec(select(Membership).where(Membership.team_id == leaver.id)).all()
    for row in members:
        if session.get(Membership, (successor.id, row.person_id)) is None:
            session.add(Membership(team_id=successor.id, person_id=row.person_id))
        session.delete(row)
    session.flush()
    return len(teams) + len(members)


def unowned(session: Session) -> int:
    """Open occurrences whose owner is no longer active: there should be none."""
    left = select(Owner.id).where(col(Owner.active).is_(False))
    statement = select(func.count()).where(
        col(OccurrenceRow.owner_id).in_(left),
        # By owner, not by state: nearly all owners are active, and nearly all occurrences open.
        func.lower(col(OccurrenceRow.state)).in_([state.value for state in OccurrenceState if state.open]),
    )
    return session.exec(statement).one()


def _count(session: Session, statement: Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session="fetch"))
    assert isinstance(result, CursorResult)
    return int(result.rowcount)

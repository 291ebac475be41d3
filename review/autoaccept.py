"""Accepting by policy what people would accept anyway, measured against what people say.

Off by default. For each kind the bar is the lowest confidence above which people's own decisions prove the wanted
precision: the lower end of its 95 % interval, not the share itself. A random part of what clears the bar goes to people
all the same, who are not told; how often they disagree is the error rate of the policy. Once that is above what the
policy promised, it switches itself off.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import Field
from sqlalchemy import ColumnElement, func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.actor import Actor, Role
from models.base import Value
from models.decision import PROGRAM, Action, Finding, ItemState, ItemSubject
from models.proportion import Proportion, wilson
from review.deciding import accept, require
from review.errors import Invalid, ReviewError
from review.resolving import PLAIN, Reckoning
from store import audit, identity
from store.audit import Entry
from store.review_queue import DONE, OPEN
from store.review_tables import DecisionRow, ReviewItem, ReviewPolicy
from store.reviewing import change_item

NAME = "auto_accept"
ENOUGH = 20
"""Items of the sample that must be decided before a share above the promise switches the policy off by itself."""


_DECIDED = (Action.ACCEPT, Action.CORRECT, Action.REJECT, Action.APPROVE, Action.AUTO_ACCEPT)


class AutoAccept(Value):
    """The policy. ``precision``: the share of right answers it promises. ``sample``: the part that people see anyway.

    ``fewest``: decisions on a kind, above its bar, that must be there to prove it. ``kinds``: which kinds may be
    accepted so; none: all that prove it. ``off_because``: why it switched itself off.
    """

    on: bool = False
    precision: float = Field(default=0.98, ge=0.5, lt=1)
    sample: float = Field(default=0.1, ge=0.01, le=1)
    fewest: int = Field(default=100, ge=10, le=1_000_000)
    kinds: tuple[str, ...] = Field(default=(), max_length=50)
    off_because: str | None = Field(default=None, max_length=2_000)


class Bar(NamedTuple):
    """The bar of a kind: the confidence from which on, and the decisions that prove it. None: nothing proves any."""

    kind: str
    confidence: float | None
    proof: Proportion


class Standing(NamedTuple):
    """The policy as it stands: its version, the bars, its measured error rate, and how many it has accepted."""

    policy: AutoAccept
    version: int
    bars: list[Bar]
    errors: Proportion
    accepted: int


class Run(NamedTuple):
    """What one run did; undone by ``bulk_id``."""

    bulk_id: str
    accepted: list[ReviewItem]
    sampled: int
    policy: AutoAccept


def load(session: Session) -> tuple[AutoAccept, int]:
    """The policy in force and its version; 0 while nobody has set one."""
    row = session.get(ReviewPolicy, NAME, populate_existing=True)
    return (AutoAccept.model_validate(row.value), row.version) if row else (AutoAccept(), 0)


def standing(session: Session) -> Standing:
    """The policy with everything a person needs to judge it."""
    policy, version = load(session)
    accepted = select(func.count()).where(col(ReviewItem.sampled).is_(False), col(ReviewItem.decided_by) == PROGRAM.id)
    return Standing(policy, version, bars(session, policy), measured(session), session.exec(accepted).one())


def save(
    session: Session, policy: AutoAccept, version: int, actor: Actor, now: dt.datetime, reason: str | None = None
) -> tuple[AutoAccept, int]:
    """Set the policy, if it still has the version that the person saw. Raises ``Invalid`` if it has not."""
    require(actor, Role.ADMIN)
    before, current = load(session)
    if policy.on:
        policy = policy.model_copy(update={"off_because": None})
    if version != current or not _write(session, policy, current, actor, now):
        raise Invalid("The policy has changed since you opened it. Look at it again.", "version")
    entry = Entry(
        Action.POLICY,
        before=before.model_dump(),
        after=policy.model_dump(),
        reason=reason,
        number=f"{NAME} {current + 1}",
    )
    audit.write(session, actor, now, entry)
    return policy, current + 1


def bars(session: Session, policy: AutoAccept) -> list[Bar]:
    """The bar of each kind that people have decided, by kind."""
    found: dict[str, list[tuple[float, bool]]] = {}
    statement = columns(col(ReviewItem.kind), col(ReviewItem.confidence), col(ReviewItem.state)).where(
        col(ReviewItem.state).in_(DONE),
        col(ReviewItem.subject) != ItemSubject.ADDED,
        col(ReviewItem.decided_by) != PROGRAM.id,
    )
    for kind, confidence, state in session.execute(statement):
        found.setdefault(kind, []).append((confidence, state is ItemState.ACCEPTED))
    return [_bar(kind, decided, policy) for kind, decided in sorted(found.items())]


def measured(session: Session) -> Proportion:
    """How often people disagreed with what the policy would have accepted: errors among the decided of the sample."""
    statement = columns(col(ReviewItem.state), func.count()).where(
        col(ReviewItem.sampled).is_(True), col(ReviewItem.state).in_(DONE)
    )
    counted = dict(session.execute(statement.group_by(col(ReviewItem.state))).tuples().all())
    total = sum(counted.values())
    return wilson(total - counted.get(ItemState.ACCEPTED, 0), total)


def run(session: Session, now: dt.datetime, *, using: Reckoning = PLAIN, limit: int = 200) -> Run:
    """Accept up to ``limit`` items that clear the bar of their kind, and leave a part of them to people.

    Does nothing while the policy is off. Switches it off first if what was measured is worse than it promised.
    """
    policy, version = load(session)
    bulk_id = identity.derive("bulk", NAME, str(version), now.isoformat())
    if policy.on and (why := broken_promise(policy, measured(session))) is not None:
        policy, _ = save(
            session, policy.model_copy(update={"on": False, "off_because": why}), version, PROGRAM, now, why
        )
    if not policy.on:
        return Run(bulk_id, [], 0, policy)
    accepted: list[ReviewItem] = []
    sampled = 0
    for item in _clearing(session, policy, limit):
        if _for_people(item.id, policy.sample):
            sampled += change_item(session, item, now, {"sampled": True})
            continue
        try:
            accept(
                session,
                item.id,
                item.version,
                PROGRAM,
                now,
                using=using,
                reason=f"by policy, from a confidence of {item.confidence:.2f}",
                bulk_id=bulk_id,
                action=Action.AUTO_ACCEPT,
            )
        except ReviewError:  # decided, or moved, in this very moment: a person's affair now
            continue
        accepted.append(item)
    return Run(bulk_id, accepted, sampled, policy)


def broken_promise(policy: AutoAccept, errors: Proportion) -> str | None:
    """Why the policy must not go on, None while it may: the sample is worse than it promised."""
    promised = 1 - policy.precision
    share = errors.share
    if share is None or share <= promised:
        return None
    if errors.total < ENOUGH and errors.low <= promised:
        return None
    return (
        f"People disagreed with {errors.count} of {errors.total} sampled items ({share:.1%}, between {errors.low:.1%} "
        f"and {errors.high:.1%}); the policy promised at most {promised:.1%}."
    )


def _bar(kind: str, decided: Iterable[tuple[float, bool]], policy: AutoAccept) -> Bar:
    """The lowest confidence above which the decisions prove the precision."""
    ordered = sorted(decided, key=lambda one: -one[0])
    best: Bar | None = None
    right = 0
    for index, (confidence, was_right) in enumerate(ordered, 1):
        right += was_right
        if index < len(ordered) and ordered[index][0] == confidence:
            continue  # equally sure answers stand or fall together
        proof = wilson(right, index)
        if index >= policy.fewest and proof.low >= policy.precision:
            best = Bar(kind, confidence, proof)
    return best or Bar(kind, None, wilson(right, len(ordered)))


def waiting(session: Session, bar: Bar) -> int:
    """How many items wait that clear the bar of their kind."""
    if bar.confidence is None:
        return 0
    return session.exec(select(func.count()).where(*_clears(bar.kind, bar.confidence))).one()


def sampled(session: Session) -> int:
    """How many items were left to people as the sample, decided or not."""
    open_or_done = col(ReviewItem.state).in_(OPEN + DONE)
    return session.exec(select(func.count()).where(col(ReviewItem.sampled).is_(True), open_or_done)).one()


def _clears(kind: str, confidence: float) -> tuple[ColumnElement[bool], ...]:
    """Items of a kind that wait, that nothing speaks against, and that are sure enough.

    What was decided before waits because somebody took that back, or because another document or a new reading speaks
    against it: a person says what holds.
    """
    decided = columns(col(DecisionRow.seq)).where(
        col(DecisionRow.item_id) == col(ReviewItem.id), col(DecisionRow.action).in_(_DECIDED)
    )
    return (
        col(ReviewItem.state) == ItemState.PENDING,
        col(ReviewItem.kind) == kind,
        col(ReviewItem.finding) == Finding.FOUND,
        col(ReviewItem.confidence) >= confidence,
        col(ReviewItem.approvals) == 1,
        col(ReviewItem.sampled).is_(None),
        ~decided.exists(),
    )


def _clearing(session: Session, policy: AutoAccept, limit: int) -> list[ReviewItem]:
    """Items that wait, that nothing speaks against, and that clear the bar of their kind."""
    found: list[ReviewItem] = []
    for bar in bars(session, policy):
        if bar.confidence is None or (policy.kinds and bar.kind not in policy.kinds):
            continue
        statement = (
            select(ReviewItem)
            .where(*_clears(bar.kind, bar.confidence))
            .order_by(col(ReviewItem.contract_id), col(ReviewItem.id))
            .limit(limit - len(found))
        )
        found += session.exec(statement)
        if len(found) >= limit:
            break
    return sorted(found, key=lambda item: (item.contract_id, item.id))


def _for_people(item_id: str, sample: float) -> bool:
    """Whether an item is of the sample: chance, but the same chance however often one asks."""
    return int(identity.derive("sample", item_id), 16) / 2**128 < sample


def _write(session: Session, policy: AutoAccept, current: int, actor: Actor, now: dt.datetime) -> bool:
    values: dict[str, Any] = {
        "value": policy.model_dump(mode="json"),
        "version": current + 1,
        "updated_by": actor.id,
        "updated_by_name": actor.name,
        "updated_at": now,
    }
    if current == 0:
        session.add(ReviewPolicy(name=NAME, **values))
        session.flush()
        return True
    changed = session.execute(
        update(ReviewPolicy)
        .where(col(ReviewPolicy.name) == NAME, col(ReviewPolicy.version) == current)
        .values(**values)
        .execution_options(synchronize_session=False)
        .returning(col(ReviewPolicy.name))
    )
    return changed.first() is not None

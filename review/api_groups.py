"""The JSON API of clauses that stand in several contracts: looked at together, decided alike."""

from typing import Annotated

from fastapi import Query

from review import groups
from review.api_problems import GONE, STALE
from review.api_requests import Cursor, Id, Limit, Used, cursor_of, items_out, number_in, routes
from review.api_shapes import DecidedOut, GroupDecision, GroupOut, GroupPage, ItemOut, MemberOut, MembersOut
from review.permissions import Reviewer, Viewer
from store.engine import reading, writing

router = routes()


@router.get("/groups")
def list_groups(
    _: Viewer,
    services: Used,
    kind: Annotated[str | None, Query(max_length=50)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> GroupPage:
    """Clauses that wait in several contracts, the most frequent first."""
    start = number_in(cursor) or 0
    with reading(services.engine) as session:
        found = groups.groups(session, kind=kind, limit=limit + 1, offset=start)
    following = cursor_of(start + limit) if len(found) > limit else None
    return GroupPage(groups=[GroupOut.model_validate(group) for group in found[:limit]], next=following)


@router.get("/groups/{clause}", responses=GONE)
def get_group(clause: Id, _: Viewer, services: Used) -> MembersOut:
    """The items of one clause that wait: the identical ones, and the near-identical with what differs."""
    with reading(services.engine) as session:
        found = groups.members(session, clause)
    return MembersOut(identical=[_member(one) for one in found.identical], near=[_member(one) for one in found.near])


@router.post("/groups/decide", responses=STALE)
def decide_group(actor: Reviewer, services: Used, body: GroupDecision) -> DecidedOut:
    """Decide items that say the same, alike. All or none; each has its own row of the audit trail."""
    chosen = [groups.Choice(one.item_id, one.version) for one in body.items]
    with writing(services.engine) as session:
        done = groups.decide_group(
            session,
            body.action,
            chosen,
            actor,
            services.now(),
            change=body.change,
            reason=body.reason,
            using=services.using,
        )
    return DecidedOut(bulk_id=done.bulk_id, items=items_out(done.items))


def _member(member: groups.Member) -> MemberOut:
    return MemberOut(
        item=ItemOut.model_validate(member.item),
        contract_name=member.contract.name,
        same_answer=member.same_answer,
        likeness=member.likeness,
        differs=member.differs,
    )

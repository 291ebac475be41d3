"""One clause, many contracts: looked at together, decided once, undone as one."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from models.actor import Actor
from models.decision import Action
from review import undoing
from review.errors import Invalid, NotFound, StaleVersion
from review.groups import Choice, decide_group, groups, members
from review.permissions import Reviewer, Viewer
from review.queue_view import KINDS
from review.rendering import render, root_of
from review.resolving import load_contract, load_standing, shown
from review.screen import REASONS, Filled
from review.services import services_of
from store.engine import reading, writing
from store.review_tables import ReviewItem

router = APIRouter(include_in_schema=False)

PAGE = 30
_DONE = {Action.ACCEPT: "accepted", Action.REJECT: "rejected"}


@router.get("/groups")
def clauses(
    request: Request,
    actor: Viewer,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    kind: Annotated[str, Query(max_length=50)] = "",
) -> Response:
    """The clauses that wait in several contracts."""
    with reading(services_of(request).engine) as session:
        wanted = kind if kind in KINDS else None
        found = groups(session, kind=wanted, limit=PAGE + 1, offset=(page - 1) * PAGE)
    return render(
        request,
        "groups.html",
        actor=actor,
        section="groups",
        groups=found[:PAGE],
        more=len(found) > PAGE,
        page=page,
        kind=kind,
        kinds=KINDS,
    )


@router.get("/groups/of/{item_id}")
def group_of(request: Request, _: Viewer, item_id: str) -> Response:
    """The group of an item."""
    with reading(services_of(request).engine) as session:
        item = session.get(ReviewItem, item_id)
    if item is None or item.clause_hash is None:
        raise NotFound("There is no such item, or no other contract says the same.")
    return RedirectResponse(f"{root_of(request)}/groups/{item.clause_hash}", HTTPStatus.SEE_OTHER)


@router.get("/groups/{clause}")
def group(request: Request, actor: Viewer, clause: str) -> Response:
    """A clause with all contracts it stands in."""
    return _page(request, actor, clause)


@router.post("/groups/{clause}")
def decide(request: Request, actor: Reviewer, clause: str, filled: Filled) -> Response:
    """Decide the ticked items alike."""
    services = services_of(request)
    texts = [value for value in filled.getlist("item") if isinstance(value, str)]
    reason = str(filled.get("reason") or "")[:500]
    try:
        action = Action(str(filled.get("action") or ""))
        if action not in _DONE:
            raise ValueError
        choices = [_choice(text) for text in texts]
    except ValueError:
        return _page(request, actor, clause, trouble="The form is incomplete. Load the page again.")
    try:
        with writing(services.engine) as session:
            decided = decide_group(
                session, action, choices, actor, services.now(), reason=reason or None, using=services.using
            )
    except StaleVersion as error:
        words = f"Nothing was decided. {error.message} It is shown as it stands now: decide again."
        return _page(request, actor, clause, trouble=words, status=HTTPStatus.CONFLICT)
    except (Invalid, NotFound) as error:
        return _page(request, actor, clause, trouble=error.message)
    count = len(decided.items)
    said = f"{count} {'item' if count == 1 else 'items'} {_DONE[action]}."
    return render(
        request, "parts/group_done.html", bulk_id=decided.bulk_id, said=said, clause=clause, undone=False, items=count
    )


@router.post("/groups/undo/{bulk_id}")
def undo(request: Request, actor: Reviewer, bulk_id: str) -> Response:
    """Take back what was decided together."""
    services = services_of(request)
    with writing(services.engine) as session:
        undone = undoing.undo_bulk(session, actor, services.now(), bulk_id, using=services.using)
    said = f"Undone: {len(undone.items)} items are to be decided again."
    if undone.overtaken:
        said += f" {len(undone.overtaken)} had been decided anew since, and stay."
    clause = next((item.clause_hash for item in undone.items if item.clause_hash), None)
    return render(
        request,
        "parts/group_done.html",
        bulk_id=bulk_id,
        said=said,
        clause=clause,
        undone=True,
        items=len(undone.items),
    )


def _page(
    request: Request, actor: Actor, clause: str, *, trouble: str = "", status: HTTPStatus | None = None
) -> Response:
    services = services_of(request)
    context: dict[str, Any] = {"actor": actor, "section": "groups", "clause": clause, "reasons": REASONS}
    try:
        with reading(services.engine) as session:
            found = members(session, clause)
            values = {}
            for member in (*found.identical, *found.near):
                standing = load_standing(session, load_contract(session, member.contract.id))
                values[member.item.id] = shown(standing, standing.items[member.item.id], services.using)
    except NotFound:
        return render(request, "group.html", trouble=trouble, found=None, values={}, **context)
    status = status or (HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK)
    template = "parts/group.html" if request.headers.get("hx-request") == "true" and trouble else "group.html"
    return render(request, template, status, trouble=trouble, found=found, values=values, **context)


def _choice(text: str) -> Choice:
    item_id, _, version = text.partition(" ")
    return Choice(item_id, int(version))

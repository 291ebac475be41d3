"""Decisions in the browser: each answers with the next item, or says why it could not be done."""

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from models.actor import Actor
from review import deciding, forms, supplying, undoing
from review.errors import Invalid, NotFound, StaleVersion
from review.panel import called
from review.permissions import Reviewer
from review.previewing import preview, value_words
from review.queue_view import QueueView
from review.rendering import render
from review.resolving import load_contract, load_standing, shown
from review.screen import (
    Filled,
    View,
    edit_form,
    found_item,
    look,
    parts_of,
    parts_of_nothing,
    texts_of,
    version_in,
)
from review.services import services_of
from review.wording import state_words
from store import review_queue
from store.engine import reading, writing
from store.review_queue import place_of
from store.review_tables import ReviewItem

router = APIRouter(include_in_schema=False)


@router.post("/items/{item_id}/preview")
def try_out(request: Request, _: Reviewer, item_id: str, filled: Filled) -> Response:
    """How a correction would be read, and what it would move. Changes nothing."""
    services = services_of(request)
    form = texts_of(filled)
    with reading(services.engine) as session:
        found = found_item(session, item_id)
        standing = load_standing(session, load_contract(session, found.contract_id))
        now = shown(standing, standing.items[item_id], services.using)
        if now is None:
            raise NotFound("There is nothing to correct any more.")
        try:
            change = forms.change_of(form, now)
        except Invalid as error:
            return render(request, "parts/preview.html", problem=error.message, field=error.field, reading="", moves=())
        if change.empty:
            return render(request, "parts/preview.html", problem="", field=None, reading="", moves=())
        tried = preview(session, item_id, change, using=services.using)
    # Terms first: everything else hangs on them.
    ordered = sorted(tried.moves, key=lambda move: (move.item.term_field is None, move.item.due or dt.date.max))
    moves = [(called(move.item), value_words(move.before), value_words(move.after)) for move in ordered]
    reading_ = value_words(tried.value) if tried.value else ""
    derivation = tried.value.derivation if tried.value else None
    return render(
        request,
        "parts/preview.html",
        problem=tried.problem or "",
        field=tried.field,
        reading=reading_,
        derivation=derivation,
        moves=moves,
    )


@router.post("/items/{item_id}/accept")
def accept(
    request: Request,
    actor: Reviewer,
    view: View,
    item_id: str,
    version: Annotated[int, Form()],
    shown: Annotated[str, Form()] = "",
) -> Response:
    """The value is right."""
    services = services_of(request)

    def act(session: Session, now: dt.datetime) -> ReviewItem:
        return deciding.accept(session, item_id, version, actor, now, using=services.using)

    return _decide(request, actor, view, item_id, shown, act)


@router.post("/items/{item_id}/reject")
def reject(
    request: Request,
    actor: Reviewer,
    view: View,
    item_id: str,
    version: Annotated[int, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
    shown: Annotated[str, Form()] = "",
) -> Response:
    """The contract does not say this."""
    services = services_of(request)

    def act(session: Session, now: dt.datetime) -> ReviewItem:
        return deciding.reject(session, item_id, version, actor, now, reason=reason, using=services.using)

    return _decide(request, actor, view, item_id, shown, act)


@router.post("/items/{item_id}/reopen")
def reopen(
    request: Request,
    actor: Reviewer,
    view: View,
    item_id: str,
    version: Annotated[int, Form()],
    shown: Annotated[str, Form()] = "",
) -> Response:
    """The item is to be decided anew."""
    services = services_of(request)

    def act(session: Session, now: dt.datetime) -> ReviewItem:
        return deciding.reopen(session, item_id, version, actor, now, using=services.using)

    return _decide(request, actor, view, item_id, shown, act, stay=True)


@router.post("/items/{item_id}/correct")
def correct(request: Request, actor: Reviewer, view: View, item_id: str, filled: Filled) -> Response:
    """The value is another one."""
    services = services_of(request)
    form = texts_of(filled)
    version = version_in(form)
    with reading(services.engine) as session:
        screen = look(session, services, actor, found_item(session, item_id))
    value = screen.panel.value
    try:
        if value is None:
            raise Invalid("There is nothing to correct any more.")
        change = forms.change_of(form, value)

        def act(session: Session, now: dt.datetime) -> ReviewItem:
            reason = form.get("reason") or None
            if change.empty:
                raise Invalid("Nothing was changed. Press Escape to go back, or accept the value.")
            return deciding.correct(session, item_id, version, actor, now, change, using=services.using, reason=reason)

        return _decide(request, actor, view, item_id, form.get("shown", ""), act, refuse=False)
    except Invalid as error:
        return edit_form(request, view, screen.panel, form, error)


@router.post("/items/{item_id}/supply")
def supply(
    request: Request,
    actor: Reviewer,
    view: View,
    item_id: str,
    anchor: Annotated[str, Form(max_length=600)],
    date: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
    shown: Annotated[str, Form()] = "",
) -> Response:
    """Something the item waits for happened: everything that waits for it gets its date."""
    services = services_of(request)
    moved = 0

    def act(session: Session, now: dt.datetime) -> ReviewItem:
        nonlocal moved
        day = forms.day_of(date, "date")
        contract = found_item(session, item_id).contract_id
        moved = len(supplying.supply(session, contract, anchor, day, actor, now, using=services.using, note=note).items)
        return found_item(session, item_id)

    def told(_: ReviewItem) -> str:
        return f"{moved} {'date follows' if moved == 1 else 'dates follow'} from it now."

    return _decide(request, actor, view, item_id, shown, act, stay=True, told=told)


@router.post("/undo")
def undo(request: Request, actor: Reviewer, view: View, shown: Annotated[str, Form()] = "") -> Response:
    """Take back one's last decision, or all that were taken together."""
    services = services_of(request)
    now = services.now()
    try:
        with writing(services.engine) as session:
            undone = undoing.undo(session, actor, now, using=services.using)
            changed = undone.items[0].id if undone.items else None
            count = len(undone.items)
            overtaken = len(undone.overtaken)
    except (NotFound, Invalid, StaleVersion) as error:
        return render(request, "parts/alert.html", HTTPStatus.CONFLICT, _TO_ALERTS, message=error.message)
    said = f"Undone: {count} items are to be decided again." if count > 1 else "Undone."
    if overtaken:
        said += f" {overtaken} had been decided anew since, and stay."
    with reading(services.engine) as session:
        found = found_item(session, changed) if changed else review_queue.next_item(session, view.which(actor))
        if found is None:
            return parts_of_nothing(request, session, actor, view, said)
        return parts_of(request, session, actor, view, found, shown, said=said, since=now, whole=count != 1)


_TO_ALERTS = {"hx-retarget": "#alerts", "hx-reswap": "innerHTML"}


def _decide(
    request: Request,
    actor: Actor,
    view: QueueView,
    item_id: str,
    shown: str,
    act: Callable[[Session, dt.datetime], ReviewItem],
    *,
    stay: bool = False,
    refuse: bool = True,
    told: Callable[[ReviewItem], str] | None = None,
) -> Response:
    """Do something to an item and answer with the next one; with this one where it could not be done, saying why."""
    services = services_of(request)
    now = services.now()
    try:
        with writing(services.engine) as session:
            # Where the queue goes on is where the item stood before it was decided.
            place = place_of(found_item(session, item_id))
            decided = act(session, now)
    except StaleVersion as error:
        with reading(services.engine) as session:
            found = found_item(session, item_id)
            return parts_of(
                request, session, actor, view, found, shown, status=HTTPStatus.CONFLICT, clash=error.message, since=now
            )
    except Invalid as error:
        if not refuse:
            raise
        with reading(services.engine) as session:
            found = found_item(session, item_id)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return parts_of(request, session, actor, view, found, shown, status=status, trouble=error.message)
    said = told(decided) if told else f"{state_words(decided.state)}: {called(decided)}."
    with reading(services.engine) as session:
        which = view.which(actor)
        following = None if stay else review_queue.next_item(session, which, after=place)
        if following is None and not stay:
            following = review_queue.next_item(session, which)
        if following is None and not stay:
            return parts_of_nothing(request, session, actor, view, said, since=now, contract=decided.contract_id)
        found = following or found_item(session, item_id)
        return parts_of(request, session, actor, view, found, shown, said=said, since=now, of=decided.contract_id)

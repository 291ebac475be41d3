"""Decisions in the browser: each answers with the next item, or says why it could not be done."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from review import assigning, choosing, deciding, forms, supplying, undoing
from review.errors import Invalid, NotFound, StaleVersion
from review.panel import called
from review.permissions import Reviewer
from review.previewing import preview, value_words
from review.rendering import render
from review.resolving import load_contract, load_standing, shown
from review.screen import Filled, View, edit_form, found_item, look, parts_of, parts_of_nothing, texts_of, version_in
from review.services import services_of
from review.stepping import Step, first_free
from store import presence
from store.engine import reading, writing
from store.review_tables import ReviewItem

router = APIRouter(include_in_schema=False)

Stepping = Annotated[Step, Depends()]
Version = Annotated[int, Form(ge=0, lt=2**31)]

_TO_ALERTS = {"hx-retarget": "#alerts", "hx-reswap": "innerHTML"}


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
def accept(step: Stepping, version: Version) -> Response:
    """The value is right."""
    return step.decide(deciding.accept, version)


@router.post("/items/{item_id}/take")
def take(step: Stepping, version: Version, number: Annotated[int, Form(ge=0, le=1000)]) -> Response:
    """Another of the readings that the contract allows is right."""

    def act(session: Session, now: dt.datetime) -> ReviewItem:
        opened = deciding.open_item(session, step.item_id, version, step.actor)
        value = shown(opened.standing, opened.item, step.using)
        readings = choosing.other_readings(opened.standing, opened.item, value, step.using)
        change = readings[number].change if number < len(readings) else None
        if change is None:
            raise Invalid("There is no such reading. Edit the value.")
        return deciding.correct(session, step.item_id, version, step.actor, now, change, using=step.using)

    return step.take(act)


@router.post("/items/{item_id}/reject")
def reject(step: Stepping, version: Version, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """The contract does not say this."""
    return step.decide(deciding.reject, version, reason=reason)


@router.post("/items/{item_id}/reopen")
def reopen(step: Stepping, version: Version) -> Response:
    """The item is to be decided anew."""
    return step.decide(deciding.reopen, version, stay=True)


@router.post("/items/{item_id}/assign")
def assign(step: Stepping, version: Version, assignee: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Somebody in particular is to decide it, or anybody again."""
    names: list[str] = []

    def act(session: Session, now: dt.datetime) -> ReviewItem:
        names.extend(one.display_name for one in assigning.deciders(session) if one.id == assignee)
        return assigning.assign_one(session, step.item_id, version, step.actor, now, assignee_id=assignee or None)

    def told(item: ReviewItem) -> str:
        return f"{called(item)} is {f'for {names[0]}' if names else 'for anybody'} now."

    return step.take(act, stay=assignee in ("", step.actor.id), told=told)


@router.post("/items/{item_id}/open")
def has_open(request: Request, actor: Reviewer, item_id: str) -> Response:
    """A browser shows the item. Who else does is answered."""
    services = services_of(request)
    now = services.now()
    with writing(services.engine) as session:
        found_item(session, item_id)
        presence.has_open(session, actor, item_id, now)
        names = presence.open_elsewhere(session, actor, now).get(item_id, [])
    return render(request, "parts/present.html", names=names)


@router.post("/items/{item_id}/correct")
def correct(request: Request, step: Stepping, filled: Filled) -> Response:
    """The value is another one."""
    form = texts_of(filled)
    version = version_in(form)
    with reading(step.services.engine) as session:
        screen = look(session, step.services, step.actor, found_item(session, step.item_id))
    value = screen.panel.value
    try:
        if value is None:
            raise Invalid("There is nothing to correct any more.")
        change = forms.change_of(form, value)

        def act(session: Session, now: dt.datetime) -> ReviewItem:
            reason = form.get("reason") or None
            if change.empty:
                raise Invalid("Nothing was changed. Press Escape to go back, or accept the value.")
            return deciding.correct(
                session, step.item_id, version, step.actor, now, change, using=step.using, reason=reason
            )

        return step.take(act, refuse=False)
    except Invalid as error:
        return edit_form(request, step.view, screen.panel, form, error)


@router.post("/items/{item_id}/supply")
def supply(
    step: Stepping,
    anchor: Annotated[str, Form(max_length=600)],
    date: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Something the item waits for happened: everything that waits for it gets its date."""
    moved = 0

    def act(session: Session, now: dt.datetime) -> ReviewItem:
        nonlocal moved
        day = forms.day_of(date, "date")
        contract = found_item(session, step.item_id).contract_id
        done = supplying.supply(session, contract, anchor, day, step.actor, now, using=step.using, note=note)
        moved = len(done.items)
        return found_item(session, step.item_id)

    def told(_: ReviewItem) -> str:
        return f"{moved} {'date follows' if moved == 1 else 'dates follow'} from it now."

    return step.take(act, stay=True, told=told)


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
    said = f"Undone for {count} items." if count > 1 else "Undone."
    if overtaken:
        said += f" {overtaken} had been decided anew since, and stay."
    with reading(services.engine) as session:
        found = found_item(session, changed) if changed else first_free(session, view.which(actor), actor, now)
        if found is None:
            return parts_of_nothing(request, session, actor, view, said)
        return parts_of(request, session, actor, view, found, shown, said=said, since=now, whole=count != 1)

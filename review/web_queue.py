"""The queue: the review screen, one item after another, and the form to correct one."""

import datetime as dt
from http import HTTPStatus
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from models.consequence import Weights
from review import assigning, forms, undoing
from review.consequence import refresh
from review.errors import Forbidden, Invalid, NotFound
from review.permissions import Reviewer, Viewer
from review.queue_view import place_in
from review.rendering import render, root_of, wants_part
from review.screen import (
    PAGE,
    Shown,
    View,
    edit_form,
    found_item,
    look,
    parts_of,
    parts_of_nothing,
    people_of,
    rows_of,
    whole_page,
)
from review.services import Services, services_of
from review.stepping import first_free
from store import review_queue
from store.engine import reading, writing
from store.review_queue import place_of

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, _: Viewer) -> Response:
    """The front page is the queue."""
    return RedirectResponse(f"{root_of(request)}/queue", HTTPStatus.SEE_OTHER)


@router.get("/queue")
def queue(request: Request, actor: Viewer, view: View) -> Response:
    """The queue, with its first item."""
    services = services_of(request)
    rest = _ranked(services)
    with reading(services.engine) as session:
        first = first_free(session, view.which(actor), actor, services.now())
        answer = whole_page(request, session, actor, view, first)
    answer.background = rest
    return answer


@router.get("/queue/rows")
def rows(request: Request, actor: Viewer, view: View, after: Annotated[str, Query(max_length=200)] = "") -> Response:
    """More rows of the queue."""
    with reading(services_of(request).engine) as session:
        found = review_queue.page(session, view.which(actor), after=place_in(after), limit=PAGE + 1)
        people = people_of(session, actor)
    return render(request, "parts/rows.html", **rows_of(found, view), current=None, people=people)


@router.get("/queue/back")
def back(request: Request, actor: Viewer, view: View, shown: Shown = "") -> Response:
    """What was shown before a form was opened: the first item of its contract that is to be decided."""
    with reading(services_of(request).engine) as session:
        found = review_queue.next_item(session, view.which(actor)._replace(contract=shown or None))
        found = found or review_queue.next_item(session, view.which(actor))
        if found is None:
            return parts_of_nothing(request, session, actor, view, "")
        return parts_of(request, session, actor, view, found, shown)


@router.post("/queue/assign")
def assign(
    request: Request, actor: Reviewer, view: View, assignee: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Hand over all that the filter shows and that waits."""
    services = services_of(request)
    try:
        done = assigning.assign_all(
            services.engine, view.which(actor), actor, services.now(), assignee_id=assignee or None
        )
    except Invalid as error:
        return render(request, "parts/alert.html", HTTPStatus.UNPROCESSABLE_ENTITY, message=error.message)
    with reading(services.engine) as session:
        name = next((one.display_name for one in assigning.deciders(session) if one.id == assignee), "")
    return render(request, "parts/handed_over.html", done=done, name=name, query=view.query)


@router.post("/queue/assign/undo/{bulk_id}")
def take_back(request: Request, actor: Reviewer, bulk_id: str) -> Response:
    """Take back a handing over."""
    services = services_of(request)
    try:
        with writing(services.engine) as session:
            undone = undoing.undo_bulk(session, actor, services.now(), bulk_id, using=services.using)
    except (Invalid, NotFound, Forbidden) as error:
        return render(request, "parts/alert.html", message=error.message)
    return render(request, "parts/alert.html", message=f"Undone for {len(undone.items)} items.")


@router.get("/items/{item_id}")
def item(request: Request, actor: Viewer, view: View, item_id: str, shown: Shown = "") -> Response:
    """One item: the screen, or the parts of it that change."""
    with reading(services_of(request).engine) as session:
        found = found_item(session, item_id)
        if not wants_part(request):
            return whole_page(request, session, actor, view, found)
        return parts_of(request, session, actor, view, found, shown)


@router.get("/items/{item_id}/next")
def skip(request: Request, actor: Viewer, view: View, item_id: str, shown: Shown = "") -> Response:
    """The item after this one; the first again after the last."""
    with reading(services_of(request).engine) as session:
        here = found_item(session, item_id)
        which = view.which(actor)
        found = first_free(session, which, actor, services_of(request).now(), after=place_of(here))
        return parts_of(request, session, actor, view, found or here, shown, said="Skipped." if found else "")


@router.get("/items/{item_id}/edit")
def edit(request: Request, actor: Reviewer, view: View, item_id: str) -> Response:
    """The form to correct an item, in place of its panel."""
    services = services_of(request)
    with reading(services.engine) as session:
        screen = look(session, services, actor, found_item(session, item_id))
    form = forms.fields_of(screen.panel.value) if screen.panel.value else {}
    return edit_form(request, view, screen.panel, form)


def _ranked(services: Services) -> BackgroundTask | None:
    """Bring the order of the queue up to date, once a day: some items at once, what is left once the page was sent."""
    today, weights = services.today(), services.weights
    with reading(services.engine) as session:
        if review_queue.rank_is_current(session, today):
            return None
    with writing(services.engine) as session:
        review_queue.rank(session, weights, today)
    return BackgroundTask(_rank_the_rest, services, weights, today)


def _rank_the_rest(services: Services, weights: Weights, today: dt.date) -> None:
    if not _RANKING.acquire(blocking=False):
        return  # somebody else's page does it already
    try:
        refresh(services.engine, weights, today)
    finally:
        _RANKING.release()


_RANKING = Lock()

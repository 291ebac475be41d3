"""The review screen, whole and in parts: what the routes of the queue and of decisions answer with."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query, Request
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.responses import Response

from models.actor import LOCAL_ID, Actor, Role
from models.contract import MilestoneKind, Recurrence, TermField
from models.decision import ItemState
from review import forms
from review.assigning import MOST, deciders
from review.errors import Invalid, NotFound
from review.groups import group_size
from review.panel import Panel, called, panel
from review.panes import DocumentPane, Marked, document_pane
from review.previewing import value_words
from review.queue_view import KINDS, LOOK_AT, STATES, SURE, WHOSE, QueueView, place_text
from review.rendering import render, root_of
from review.resolving import Standing, load_contract, load_standing, resolved
from review.services import Services, services_of
from store import presence, review_queue
from store.account_tables import Account
from store.accounts import list_accounts
from store.review_queue import Counts, Listed, place_of
from store.review_tables import ReviewItem
from store.tables import Batch, Contract, Document

PAGE = 50
_BATCHES = 100

REASONS = (
    "No obligation and no date: a definition, an example, background",
    "Not ours to track: it binds somebody else",
    "The same as another one",
    "Struck out, superseded or never signed",
    "Misread: the passage says something else",
)

Shown = Annotated[str, Query(max_length=100)]

RENEWED = f"every {presence.RENEWED.seconds}s"
"""When a browser says again that it has an item open, as htmx takes it."""


async def form_of(request: Request) -> FormData:
    """The form that was sent."""
    return await request.form()


Filled = Annotated[FormData, Depends(form_of)]


class Screen(NamedTuple):
    """What stands beside the queue: an item with its contract."""

    panel: Panel
    standing: Standing
    counts: Counts


def view_of(request: Request) -> QueueView:
    """The part of the queue that the address names."""
    return QueueView.of(request.query_params)


View = Annotated[QueueView, Depends(view_of)]


def whole_page(request: Request, session: Session, actor: Actor, view: QueueView, found: ReviewItem | None) -> Response:
    """The whole page."""
    services = services_of(request)
    which = view.which(actor)
    listed = review_queue.page(session, which, limit=PAGE + 1)
    screen = look(session, services, actor, found) if found else None
    context: dict[str, Any] = _panel_context(session, screen, view, actor) if screen else {}
    pane = pane_of(session, services, screen.standing) if screen else None
    return render(
        request,
        "review.html",
        actor=actor,
        section="queue",
        view=view,
        progress=review_queue.counts(session, which),
        most=MOST,
        screen=screen,
        pane=pane,
        current=found.id if found else None,
        choices=_choices(session, view),
        **({"people": people_of(session, actor)} | rows_of(listed, view) | context),
    )


def parts_of(
    request: Request,
    session: Session,
    actor: Actor,
    view: QueueView,
    found: ReviewItem,
    shown: str,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    said: str = "",
    clash: str = "",
    trouble: str = "",
    since: dt.datetime | None = None,
    of: str | None = None,
    whole: bool = False,
) -> Response:
    """The panel of an item, and whatever else of the screen changed. ``since``: rows written then are shown anew."""
    services = services_of(request)
    screen = look(session, services, actor, found)
    other = shown != found.contract_id or whole
    pane = None
    if other and services.library.at_hand(screen.standing.contract.document_sha256):
        pane = pane_of(session, services, screen.standing)
    touched = _touched(session, {found.contract_id, *([of] if of else [])}, since) if since else []
    context = _panel_context(session, screen, view, actor) | {"clash": clash, "trouble": trouble}
    return render(
        request,
        "parts/item_answer.html",
        status,
        {"hx-push-url": f"{root_of(request)}/items/{found.id}{view.query}"},
        touched=touched,
        said=_announced(said, clash or trouble, screen),
        progress=review_queue.counts(session, view.which(actor)),
        pane=pane,
        pane_later=other and pane is None,
        view=view,
        current=found.id,
        **context,
    )


def parts_of_nothing(
    request: Request,
    session: Session,
    actor: Actor,
    view: QueueView,
    said: str,
    since: dt.datetime | None = None,
    contract: str | None = None,
) -> Response:
    """What is shown when nothing is left to decide."""
    return render(
        request,
        "parts/done_answer.html",
        headers={"hx-push-url": f"{root_of(request)}/queue{view.query}"},
        touched=_touched(session, {contract} if contract else set(), since) if since else [],
        said=f"{said} Nothing is left to decide here.",
        progress=review_queue.counts(session, view.which(actor)),
        query=view.query,
        view=view,
        may_decide=True,
        current=None,
        people=people_of(session, actor),
    )


def _announced(said: str, trouble: str, screen: Screen) -> str:
    """What a screen reader says after a step."""
    now = screen.panel.item
    return " ".join(
        part for part in (trouble or said, f"Now: {called(now)}, {value_words(screen.panel.value)}.") if part
    )


def look(session: Session, services: Services, actor: Actor, found: ReviewItem) -> Screen:
    """What stands beside the queue for an item."""
    standing = load_standing(session, load_contract(session, found.contract_id))
    shown_ = panel(session, standing, standing.items[found.id], actor, services.using)
    counted = review_queue.contract_counts(session, [found.contract_id])[found.contract_id]
    return Screen(shown_, standing, counted)


def _panel_context(session: Session, screen: Screen, view: QueueView, actor: Actor) -> dict[str, Any]:
    item = screen.panel.item
    people = people_of(session, actor)
    return {
        "panel": screen.panel,
        "place": f"{screen.counts.done} of {screen.counts.total} decided in this contract",
        "reasons": REASONS,
        "query": view.query,
        "clash": "",
        "trouble": "",
        "similar": group_size(session, item),
        "people": people,
        "me": actor.id,
        "assignee": next((one.display_name for one in people if one.id == item.assignee_id), None),
        "renewed": RENEWED,
    }


def people_of(session: Session, actor: Actor) -> list[Account]:
    """Who items may be handed to; nobody where there is but one local user."""
    return [] if actor.id == LOCAL_ID else deciders(session)


def pane_of(session: Session, services: Services, standing: Standing, which: str | None = None) -> DocumentPane:
    """The document of a contract with all passages that something was read from."""
    document = session.get(Document, standing.contract.document_sha256)
    assert document is not None  # a foreign key
    dated = resolved(standing, services.using)
    marked = [
        Marked(item, value)
        for item in standing.items.values()
        if item.state is not ItemState.SUPERSEDED and (value := dated.get(item.id) or standing.value(item.id))
    ]
    return document_pane(services.library, standing.contract, document, marked, which)


def rows_of(listed: list[Listed], view: QueueView) -> dict[str, Any]:
    """What the rows of the queue are drawn from; one row more than a page says that there are more."""
    more = place_text(place_of(listed[PAGE - 1].item)) if len(listed) > PAGE else None
    return {"listed": listed[:PAGE], "more": more, "query": view.query}


def _touched(session: Session, contracts: set[str], since: dt.datetime) -> list[Listed]:
    """The items of these contracts that were changed in the transaction of that moment."""
    statement = (
        select(ReviewItem, Contract)
        .join(Contract, col(Contract.id) == col(ReviewItem.contract_id))
        .where(col(ReviewItem.contract_id).in_(contracts), col(ReviewItem.updated_at) == since)
    )
    return [Listed(item, contract) for item, contract in session.exec(statement)]


def _choices(session: Session, view: QueueView) -> dict[str, Any]:
    contract = session.get(Contract, view.contract) if view.contract else None
    batches = session.exec(select(Batch).order_by(col(Batch.created_at).desc()).limit(_BATCHES)).all()
    return {
        "states": STATES,
        "sure": SURE,
        "look": LOOK_AT,
        "whose": WHOSE,
        "kinds": KINDS,
        "contract": contract,
        "batches": batches,
        "reviewers": [account for account in list_accounts(session) if account.role.allows(Role.REVIEWER)],
    }


def edit_form(
    request: Request, view: QueueView, shown_: Panel, form: dict[str, str], error: Invalid | None = None
) -> Response:
    """The form to correct an item; with all that was typed, and what is wrong with it, where it was refused."""
    fields: dict[str, str] = forms.fields_of(shown_.value) if shown_.value else {}
    return render(
        request,
        "parts/edit.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        panel=shown_,
        form={**dict.fromkeys(fields, ""), **form},
        version=form.get("version", str(shown_.item.version)),
        error=error.message if error else "",
        field=(error.field or "").removeprefix("timing.") if error else "",
        query=view.query,
        renewed=RENEWED,
        **FORM_CHOICES,
    )


FORM_CHOICES: dict[str, Any] = {
    "anchors": {name.value: words for name, words in forms.ANCHORS.items()},
    "units": forms.UNITS,
    "milestone_kinds": [kind.value for kind in MilestoneKind],
    "recurrences": [rhythm.value for rhythm in Recurrence],
    "date_fields": [TermField.AGREEMENT_DATE, TermField.EFFECTIVE_DATE, TermField.EXPIRATION_DATE],
}


def found_item(session: Session, item_id: str) -> ReviewItem:
    """The item of that id. Raises ``NotFound``."""
    found = session.get(ReviewItem, item_id) if len(item_id) <= 100 else None
    if found is None:
        raise NotFound("There is no such item. It may have been removed with its contract.")
    return found


def texts_of(filled: FormData) -> dict[str, str]:
    """The form's texts; files have no place in it."""
    return {name: value for name, value in filled.items() if isinstance(value, str)}


def version_in(form: dict[str, str]) -> int:
    """The version of the item that the form was made from. Raises ``Invalid``."""
    text = form.get("version", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Invalid("The form is incomplete. Load the page again.")
    return int(text)

"""The review screen: the queue, one item beside its document, and the decisions about it.

An address gives the whole screen, or to htmx the parts of it that change. A decision answers with the next item, and
brings the rows, the counter and what is read aloud up to date on the way.
"""

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlmodel import Session, col, select
from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from models.actor import Actor, Role
from models.consequence import Weights
from models.contract import MilestoneKind, Recurrence, TermField
from models.decision import ItemState
from review import deciding, forms, supplying, undoing
from review.consequence import refresh
from review.errors import Invalid, NotFound, StaleVersion
from review.groups import group_size
from review.panel import Panel, called, panel
from review.panes import DocumentPane, Marked, document_pane
from review.permissions import Reviewer, Viewer
from review.previewing import preview, value_words
from review.queue_view import KINDS, LOOK_AT, STATES, SURE, WHOSE, QueueView, place_in, place_text
from review.rendering import render, root_of, wants_part
from review.resolving import Standing, load_contract, load_standing, resolved, shown
from review.services import Services, services_of
from review.wording import state_words
from rules.review_policies import installed_weights
from store import review_queue
from store.accounts import list_accounts
from store.engine import reading, writing
from store.review_queue import Counts, Listed, place_of
from store.review_tables import ReviewItem
from store.tables import Batch, Contract, Document

router = APIRouter(include_in_schema=False)

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
        first = review_queue.next_item(session, view.which(actor))
        answer = _screen(request, session, actor, view, first)
    answer.background = rest
    return answer


@router.get("/queue/rows")
def rows(request: Request, actor: Viewer, view: View, after: Annotated[str, Query(max_length=200)] = "") -> Response:
    """More rows of the queue."""
    with reading(services_of(request).engine) as session:
        found = review_queue.page(session, view.which(actor), after=place_in(after), limit=PAGE + 1)
    return render(request, "parts/rows.html", **_rows(found, view), current=None)


@router.get("/queue/back")
def back(request: Request, actor: Viewer, view: View, shown: Shown = "") -> Response:
    """What was shown before a form was opened: the first item of its contract that is to be decided."""
    with reading(services_of(request).engine) as session:
        found = review_queue.next_item(session, view.which(actor)._replace(contract=shown or None))
        found = found or review_queue.next_item(session, view.which(actor))
        if found is None:
            return _parts_of_nothing(request, session, actor, view, "")
        return parts_of(request, session, actor, view, found, shown)


@router.get("/items/{item_id}")
def item(request: Request, actor: Viewer, view: View, item_id: str, shown: Shown = "") -> Response:
    """One item: the screen, or the parts of it that change."""
    with reading(services_of(request).engine) as session:
        found = _find(session, item_id)
        if not wants_part(request):
            return _screen(request, session, actor, view, found)
        return parts_of(request, session, actor, view, found, shown)


@router.get("/items/{item_id}/next")
def skip(request: Request, actor: Viewer, view: View, item_id: str, shown: Shown = "") -> Response:
    """The item after this one; the first again after the last."""
    with reading(services_of(request).engine) as session:
        here = _find(session, item_id)
        which = view.which(actor)
        found = review_queue.next_item(session, which, after=place_of(here)) or review_queue.next_item(session, which)
        return parts_of(request, session, actor, view, found or here, shown, said="Skipped." if found else "")


@router.get("/items/{item_id}/edit")
def edit(request: Request, actor: Reviewer, view: View, item_id: str) -> Response:
    """The form to correct an item, in place of its panel."""
    services = services_of(request)
    with reading(services.engine) as session:
        screen = _look(session, services, actor, _find(session, item_id))
    form = forms.fields_of(screen.panel.value) if screen.panel.value else {}
    return _edit_form(request, view, screen.panel, form)


@router.post("/items/{item_id}/preview")
def try_out(request: Request, _: Reviewer, item_id: str, filled: Filled) -> Response:
    """How a correction would be read, and what it would move. Changes nothing."""
    services = services_of(request)
    form = texts_of(filled)
    with reading(services.engine) as session:
        found = _find(session, item_id)
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
    version = _version(form)
    with reading(services.engine) as session:
        screen = _look(session, services, actor, _find(session, item_id))
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
        return _edit_form(request, view, screen.panel, form, error)


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
        contract = _find(session, item_id).contract_id
        moved = len(supplying.supply(session, contract, anchor, day, actor, now, using=services.using, note=note).items)
        return _find(session, item_id)

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
        found = _find(session, changed) if changed else review_queue.next_item(session, view.which(actor))
        if found is None:
            return _parts_of_nothing(request, session, actor, view, said)
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
            place = place_of(_find(session, item_id))
            decided = act(session, now)
    except StaleVersion as error:
        with reading(services.engine) as session:
            found = _find(session, item_id)
            return parts_of(
                request, session, actor, view, found, shown, status=HTTPStatus.CONFLICT, clash=error.message, since=now
            )
    except Invalid as error:
        if not refuse:
            raise
        with reading(services.engine) as session:
            found = _find(session, item_id)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return parts_of(request, session, actor, view, found, shown, status=status, trouble=error.message)
    said = told(decided) if told else f"{state_words(decided.state)}: {called(decided)}."
    with reading(services.engine) as session:
        which = view.which(actor)
        following = None if stay else review_queue.next_item(session, which, after=place)
        if following is None and not stay:
            following = review_queue.next_item(session, which)
        if following is None and not stay:
            return _parts_of_nothing(request, session, actor, view, said, since=now, contract=decided.contract_id)
        found = following or _find(session, item_id)
        return parts_of(request, session, actor, view, found, shown, said=said, since=now, of=decided.contract_id)


def _screen(request: Request, session: Session, actor: Actor, view: QueueView, found: ReviewItem | None) -> Response:
    """The whole page."""
    services = services_of(request)
    which = view.which(actor)
    listed = review_queue.page(session, which, limit=PAGE + 1)
    screen = _look(session, services, actor, found) if found else None
    context: dict[str, Any] = _panel_context(session, screen, view) if screen else {}
    pane = pane_of(session, services, screen.standing) if screen else None
    return render(
        request,
        "review.html",
        actor=actor,
        section="queue",
        view=view,
        progress=review_queue.counts(session, which),
        screen=screen,
        pane=pane,
        current=found.id if found else None,
        choices=_choices(session, view),
        **(_rows(listed, view) | context),
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
    screen = _look(session, services, actor, found)
    other = shown != found.contract_id or whole
    pane = None
    if other and services.library.at_hand(screen.standing.contract.document_sha256):
        pane = pane_of(session, services, screen.standing)
    touched = _touched(session, {found.contract_id, *([of] if of else [])}, since) if since else []
    context = _panel_context(session, screen, view) | {"clash": clash, "trouble": trouble}
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


def _parts_of_nothing(
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
    )


def _announced(said: str, trouble: str, screen: Screen) -> str:
    """What a screen reader says after a step."""
    now = screen.panel.item
    return " ".join(
        part for part in (trouble or said, f"Now: {called(now)}, {value_words(screen.panel.value)}.") if part
    )


def _look(session: Session, services: Services, actor: Actor, found: ReviewItem) -> Screen:
    standing = load_standing(session, load_contract(session, found.contract_id))
    shown_ = panel(session, standing, standing.items[found.id], actor, services.using)
    counted = review_queue.contract_counts(session, [found.contract_id])[found.contract_id]
    return Screen(shown_, standing, counted)


def _panel_context(session: Session, screen: Screen, view: QueueView) -> dict[str, Any]:
    item = screen.panel.item
    return {
        "panel": screen.panel,
        "place": f"{screen.counts.done} of {screen.counts.total} decided in this contract",
        "reasons": REASONS,
        "query": view.query,
        "clash": "",
        "trouble": "",
        "similar": group_size(session, item),
    }


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


def _rows(listed: list[Listed], view: QueueView) -> dict[str, Any]:
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


def _edit_form(
    request: Request, view: QueueView, shown_: Panel, form: dict[str, str], error: Invalid | None = None
) -> Response:
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
        **FORM_CHOICES,
    )


FORM_CHOICES: dict[str, Any] = {
    "anchors": {name.value: words for name, words in forms.ANCHORS.items()},
    "units": forms.UNITS,
    "milestone_kinds": [kind.value for kind in MilestoneKind],
    "recurrences": [rhythm.value for rhythm in Recurrence],
    "date_fields": [TermField.AGREEMENT_DATE, TermField.EFFECTIVE_DATE, TermField.EXPIRATION_DATE],
}


def _find(session: Session, item_id: str) -> ReviewItem:
    found = session.get(ReviewItem, item_id) if len(item_id) <= 100 else None
    if found is None:
        raise NotFound("There is no such item. It may have been removed with its contract.")
    return found


def texts_of(filled: FormData) -> dict[str, str]:
    """The form's texts; files have no place in it."""
    return {name: value for name, value in filled.items() if isinstance(value, str)}


def _version(form: dict[str, str]) -> int:
    text = form.get("version", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Invalid("The form is incomplete. Load the page again.")
    return int(text)


def _ranked(services: Services) -> BackgroundTask | None:
    """Bring the order of the queue up to date, once a day: some items at once, what is left once the page was sent."""
    today, weights = services.today(), installed_weights()
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

"""What a link in a message opens: a page that says what it is about and asks, and only its button acts.

The link is the right to act, as the message was; nobody signs in. Reading the page changes nothing, for mail scanners
and previews read it too.
"""

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from models.tracked import OccurrenceState, Proof
from store.engine import reading, writing
from store.errors import StoreError
from store.tracking_owners import Directory, directory
from store.tracking_tables import OccurrenceRow, Owner, TrackedContractRow
from tracking.acting import ActError
from tracking.links import Deed, LinkError, Right
from tracking.web_seat import Seat, day_of, find_whole, sentence

_HEADERS = {"cache-control": "no-store", "x-robots-tag": "noindex"}


class _Asked(NamedTuple):
    """What a link is about, as it stands now."""

    right: Right
    row: OccurrenceRow
    contract: TrackedContractRow | None
    owner: Owner
    others: tuple[Owner, ...]


def message_router(seat: Seat) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/act/{token}", methods=["GET", "HEAD"])
    def ask(request: Request, token: str) -> Response:
        try:
            with reading(seat.engine) as session:
                asked = _asked(session, seat, token)
        except (LinkError, StoreError) as error:
            return _refused(seat, request, error)
        return _page(seat, request, asked)

    @router.post("/act/{token}")
    def act(
        request: Request,
        token: str,
        until: Annotated[str, Form(max_length=40)] = "",
        note: Annotated[str, Form(max_length=4_000)] = "",
        to: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        try:
            with writing(seat.engine) as session:
                asked = _asked(session, seat, token)
                _act(session, seat, asked, until, note, to)
                done = _asked(session, seat, token)
        except (LinkError, StoreError) as error:
            return _refused(seat, request, error)
        except ActError as error:
            with reading(seat.engine) as session:
                return _page(seat, request, _asked(session, seat, token), problem=sentence(error))
        return _page(seat, request, done, taken=True)

    return router


def _asked(session: Session, seat: Seat, token: str) -> _Asked:
    """Raises LinkError for a link that opens nothing, StoreError where the deadline is gone."""
    if seat.links is None:
        raise LinkError("links in messages are switched off")
    right = seat.links.open(token, seat.now())
    row = find_whole(session, right.occurrence)
    people = directory(session)
    if right.owner not in people or not people[right.owner].active:
        raise LinkError("the person or team that this was sent to is no longer in charge of anything")
    return _Asked(
        right,
        row,
        session.get(TrackedContractRow, row.contract_id),
        people[right.owner],
        _near(people, right.owner),
    )


def _near(people: Directory, owner_id: str) -> tuple[Owner, ...]:
    """Whom the reader may hand it to: deputy, own teams and those in them. All others are for who has signed in."""
    teams = [owner_id, *people.teams(owner_id)]
    ids = [people.deputy(owner_id), *teams, *(member for team in teams for member in people.members(team))]
    return tuple(people[id_] for id_ in dict.fromkeys(ids) if id_ and id_ != owner_id and people[id_].active)


def _act(session: Session, seat: Seat, asked: _Asked, until: str, note: str, to: str) -> None:
    desk, now = seat.desk, seat.now()
    id_, by = asked.row.id, f"{asked.owner.name} (by a link in a message)"
    acts: dict[Deed, Callable[[], object]] = {
        Deed.ACKNOWLEDGE: lambda: desk.acknowledge(session, id_, by=by, now=now),
        Deed.SNOOZE: lambda: desk.snooze(session, id_, day_of(until), by=by, now=now),
        Deed.DONE: lambda: desk.done(session, id_, _proof(note), by=by, now=now),
        Deed.DELEGATE: lambda: desk.delegate(session, id_, _other(asked, to), by=by, now=now),
    }
    acts[asked.right.deed]()


def _proof(note: str) -> Proof:
    if not note.strip():
        raise ActError("say how it can be shown")
    return Proof(note=note.strip())


def _other(asked: _Asked, to: str) -> Owner:
    found = next((one for one in asked.others if one.id == to), None)
    if found is None:
        raise ActError("choose who sees to it from now on")
    return found


def _page(seat: Seat, request: Request, asked: _Asked, *, problem: str | None = None, taken: bool = False) -> Response:
    answer = seat.render(
        request,
        "tracking/act.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        row=asked.row,
        contract=asked.contract,
        owner=asked.owner,
        deed=asked.right.deed,
        others=asked.others,
        open=asked.row.state in (OccurrenceState.PLANNED, OccurrenceState.BLOCKED),
        problem=problem,
        taken=taken,
        tomorrow=seat.now().date() + dt.timedelta(days=1),
    )
    answer.headers.update(_HEADERS)
    return answer


def _refused(seat: Seat, request: Request, error: Exception) -> Response:
    words = sentence(ActError(str(error))) if isinstance(error, LinkError) else str(error)
    answer = seat.render(request, "tracking/act_refused.html", HTTPStatus.NOT_FOUND, problem=words)
    answer.headers.update(_HEADERS)
    return answer

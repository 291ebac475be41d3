"""The page of one deadline: what is known of it, what waits for it, and what people do about it."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from sqlmodel import Session, select
from starlette.responses import Response

from models.actor import Actor
from models.contract import MilestoneKind
from models.tracked import Choice
from store.engine import reading
from store.tracking_acts import acts_of
from store.tracking_deliveries import deliveries_of
from store.tracking_occurrences import cycle_decisions, delayed_by, occurrences_by_id, occurrences_of
from store.tracking_owners import directory
from store.tracking_reminders import reminders_of
from store.tracking_tables import OccurrenceRow, Owner, TrackingAct
from tracking.acting import ActError
from tracking.overview import lines
from tracking.web_seat import Seat, day_of, find_whole, proof_file, proof_of

_OF_A_TERM = (MilestoneKind.RENEWAL, MilestoneKind.EXPIRATION, MilestoneKind.NOTICE, MilestoneKind.TERMINATION)
"""Kinds whose day hangs on what is decided about a term."""

_Act = Callable[[Session, dt.datetime], object]


def occurrence_router(seat: Seat) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    _pages(router, seat)
    _acts(router, seat)
    _hand_over(router, seat)
    return router


def _pages(router: APIRouter, seat: Seat) -> None:
    @router.get("/occurrences/{occurrence_id}")
    def occurrence(request: Request, actor: Annotated[Actor, Depends(seat.viewer)], occurrence_id: str) -> Response:
        return _shown(request, seat, actor, occurrence_id)

    @router.get("/occurrences/{occurrence_id}/proof")
    def proof(occurrence_id: str, _: Annotated[Actor, Depends(seat.viewer)]) -> Response:
        with reading(seat.engine) as session:
            row = occurrences_by_id(session, [occurrence_id]).get(occurrence_id)
        return proof_file(seat, row.proof if row is not None else None)

    @router.get("/acts/{number}/proof")
    def old_proof(number: int, _: Annotated[Actor, Depends(seat.viewer)]) -> Response:
        with reading(seat.engine) as session:
            row = session.get(TrackingAct, number) if 0 < number < 2**31 else None
        return proof_file(seat, row.proof if row is not None else None)


def _done(seat: Seat, request: Request, actor: Actor, occurrence_id: str, what: _Act) -> Response:
    def act(session: Session, now: dt.datetime) -> None:
        find_whole(session, occurrence_id)
        what(session, now)

    def again(problem: str | None) -> Response:
        return _shown(request, seat, actor, occurrence_id, problem)

    return seat.act(request, act, f"/occurrences/{occurrence_id}", again)


def _acts(router: APIRouter, seat: Seat) -> None:
    desk = seat.desk

    @router.post("/occurrences/{occurrence_id}/acknowledge")
    def acknowledge(request: Request, actor: Annotated[Actor, Depends(seat.reviewer)], occurrence_id: str) -> Response:
        def act(session: Session, now: dt.datetime) -> OccurrenceRow:
            return desk.acknowledge(session, occurrence_id, by=actor.name, now=now)

        return _done(seat, request, actor, occurrence_id, act)

    @router.post("/occurrences/{occurrence_id}/snooze")
    def snooze(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        occurrence_id: str,
        until: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        def act(session: Session, now: dt.datetime) -> OccurrenceRow:
            return desk.snooze(session, occurrence_id, day_of(until), by=actor.name, now=now)

        return _done(seat, request, actor, occurrence_id, act)

    @router.post("/occurrences/{occurrence_id}/done")
    def done(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        occurrence_id: str,
        note: Annotated[str, Form(max_length=4_000)] = "",
        on: Annotated[str, Form(max_length=40)] = "",
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        def act(session: Session, now: dt.datetime) -> OccurrenceRow:
            day = day_of(on) if on else None
            kept = proof_of(seat, note, file)
            assert kept is not None
            return desk.done(session, occurrence_id, kept, by=actor.name, now=now, on=day)

        return _done(seat, request, actor, occurrence_id, act)

    @router.post("/occurrences/{occurrence_id}/reopen")
    def reopen(request: Request, actor: Annotated[Actor, Depends(seat.reviewer)], occurrence_id: str) -> Response:
        def act(session: Session, now: dt.datetime) -> OccurrenceRow:
            return desk.reopen(session, occurrence_id, by=actor.name, now=now)

        return _done(seat, request, actor, occurrence_id, act)


def _hand_over(router: APIRouter, seat: Seat) -> None:
    desk = seat.desk

    @router.post("/occurrences/{occurrence_id}/delegate")
    def delegate(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        occurrence_id: str,
        to: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        def act(session: Session, now: dt.datetime) -> OccurrenceRow:
            owner = session.get(Owner, to) if to else None
            if owner is None:
                raise ActError("choose who sees to it from now on")
            return desk.delegate(session, occurrence_id, owner, by=actor.name, now=now)

        return _done(seat, request, actor, occurrence_id, act)

    @router.post("/occurrences/{occurrence_id}/waive")
    def waive(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        occurrence_id: str,
        reason: Annotated[str, Form(max_length=4_000)] = "",
    ) -> Response:
        def act(session: Session, now: dt.datetime) -> OccurrenceRow:
            return desk.waive(session, occurrence_id, reason, by=actor.name, now=now)

        return _done(seat, request, actor, occurrence_id, act)


def _shown(request: Request, seat: Seat, actor: Actor, occurrence_id: str, problem: str | None = None) -> Response:
    judged = seat.judged()
    with reading(seat.engine) as session:
        row = occurrences_by_id(session, [occurrence_id]).get(occurrence_id)
        if row is None:
            return seat.missing(request, actor)
        (line,) = lines(session, [row], judged)
        people = directory(session)
        keys = set(row.waits_for)
        before = [one for one in occurrences_of(session, row.contract_id) if keys and one.milestone_key in keys]
        decided = cycle_decisions(session, [row.contract_id]).get(row.contract_id, ()) if row.cycle else ()
        return seat.page(
            request,
            actor,
            "occurrence",
            "deadlines",
            problem,
            line=line,
            row=row,
            reminders=reminders_of(session, row.id),
            deliveries=deliveries_of(session, row.id),
            acts=acts_of(session, row.id),
            delayed=delayed_by(session, row, judged.today),
            before=before,
            owners=list(session.exec(select(Owner).where(Owner.active).order_by(Owner.kind, Owner.name))),
            people=people,
            choices=list(Choice) if row.cycle and row.kind in _OF_A_TERM else [],
            decisions=[one for one in decided if one.cycle == row.cycle],
            tomorrow=judged.today + dt.timedelta(days=1),
        )

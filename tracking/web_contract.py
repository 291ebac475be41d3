"""The page of a tracked contract: its term and what is decided about it, what people enter and say, and its history."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from sqlmodel import Session, select
from starlette.responses import Response

from models.actor import Actor
from models.tracked import Choice, ContractSettings, CycleDecision, OccurrenceState, Risk, Stage
from store.engine import reading
from store.tables import Contract
from store.tracking_acts import acts_of_contract
from store.tracking_occurrences import cycle_decisions, entered_deadlines, occurrences_of, tracked_rows
from store.tracking_owners import directory
from store.tracking_tables import EnteredDeadline, Owner, TrackedContractRow
from tracking.acting import ActError
from tracking.confirmed import settings_of
from tracking.filtering import choices
from tracking.overview import Line, lines
from tracking.web_seat import Seat, day_of, proof_of

ENTERED_KINDS = ("approval", "review", "signature", "other")
"""What is entered most: deadlines before a contract is signed."""

_OPEN_SHOWN = 12
_CLOSED_SHOWN = 12


def contract_router(seat: Seat) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/contracts/{contract_id}/deadlines")
    def contract(
        request: Request,
        actor: Annotated[Actor, Depends(seat.viewer)],
        contract_id: str,
        cycle: Annotated[int, Query(ge=0, le=10_000)] = 0,
    ) -> Response:
        return _shown(request, seat, actor, contract_id, cycle=cycle)

    _decide(router, seat)
    _enter(router, seat)
    _describe(router, seat)
    return router


def _done(
    seat: Seat, request: Request, actor: Actor, contract_id: str, what: Callable[[Session, dt.datetime], object]
) -> Response:
    def act(session: Session, now: dt.datetime) -> None:
        if session.get(Contract, contract_id) is None:
            raise ActError("there is no such contract")
        what(session, now)

    def again(problem: str | None) -> Response:
        return _shown(request, seat, actor, contract_id, problem)

    return seat.act(request, act, f"/contracts/{contract_id}/deadlines", again)


def _decide(router: APIRouter, seat: Seat) -> None:
    @router.post("/contracts/{contract_id}/decision")
    def decide(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        contract_id: str,
        cycle: Annotated[int, Form(ge=1, le=10_000)],
        choice: Annotated[str, Form(max_length=40)] = "",
        reason: Annotated[str, Form(max_length=4_000)] = "",
        note: Annotated[str, Form(max_length=4_000)] = "",
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        def act(session: Session, now: dt.datetime) -> None:
            if choice not in list(Choice):
                raise ActError("choose what is decided about the term")
            if not reason.strip():
                raise ActError("a reason is needed")
            decision = CycleDecision(
                cycle=cycle,
                choice=Choice(choice),
                reason=reason.strip(),
                proof=proof_of(seat, note, file, needed=False),
                decided_by=actor.name,
                decided_at=now,
            )
            seat.desk.decide(session, contract_id, decision, now=now)

        return _done(seat, request, actor, contract_id, act)


def _enter(router: APIRouter, seat: Seat) -> None:
    @router.post("/contracts/{contract_id}/enter")
    def enter(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        contract_id: str,
        kind: Annotated[str, Form(max_length=60)] = "",
        title: Annotated[str, Form(max_length=500)] = "",
        due: Annotated[str, Form(max_length=40)] = "",
        owner: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        def act(session: Session, now: dt.datetime) -> None:
            if owner and session.get(Owner, owner) is None:
                raise ActError("there is no such owner")
            desk = seat.desk
            desk.enter(session, contract_id, kind, title, day_of(due), by=actor.name, now=now, owner_id=owner or None)

        return _done(seat, request, actor, contract_id, act)

    @router.post("/contracts/{contract_id}/withdraw")
    def withdraw(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        contract_id: str,
        deadline: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        def act(session: Session, now: dt.datetime) -> None:
            row = session.get(EnteredDeadline, deadline)
            if row is None or row.contract_id != contract_id:
                raise ActError("there is no such deadline")
            seat.desk.withdraw(session, deadline, by=actor.name, now=now)

        return _done(seat, request, actor, contract_id, act)


def _describe(router: APIRouter, seat: Seat) -> None:
    @router.post("/contracts/{contract_id}/settings")
    def describe(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        contract_id: str,
        stage: Annotated[str, Form(max_length=40)] = "",
        risk: Annotated[str, Form(max_length=40)] = "",
        department: Annotated[str, Form(max_length=200)] = "",
        owner: Annotated[str, Form(max_length=64)] = "",
        ended: Annotated[str, Form(max_length=40)] = "",
        seen: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        def act(session: Session, now: dt.datetime) -> None:
            if owner and session.get(Owner, owner) is None:
                raise ActError("there is no such owner")
            known = settings_of(session.get(TrackedContractRow, contract_id, with_for_update=True))
            if seen and seen != _state_of(known):
                raise ActError("somebody has said something else since you opened this: look at it again")
            try:
                said = ContractSettings(
                    stage=Stage(stage) if stage else None,
                    risk=Risk(risk) if risk else None,
                    department=department.strip() or None,
                    owner=owner or None,
                    terminated_on=day_of(ended) if ended else None,
                    ladders=known.ladders,
                )
            except (ValueError, ValidationError):
                raise ActError("there is no such stage or risk") from None
            seat.desk.describe(session, contract_id, said, by=actor.name, now=now)

        return _done(seat, request, actor, contract_id, act)


def _state_of(settings: ContractSettings) -> str:
    """A name for what is said of a contract: another one as soon as anything of it changes."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:32]


def _when(line: Line) -> tuple[dt.date, str]:
    return line.row.act_by or dt.date.max, line.row.id


def _shown(
    request: Request, seat: Seat, actor: Actor, contract_id: str, problem: str | None = None, cycle: int = 0
) -> Response:
    judged = seat.judged()
    with reading(seat.engine) as session:
        contract = session.get(Contract, contract_id)
        if contract is None:
            return seat.missing(request, actor)
        row = tracked_rows(session, [contract_id]).get(contract_id)
        found = lines(session, occurrences_of(session, contract_id), judged)
        closed = [
            line for line in found if not line.row.state.open and line.row.state is not OccurrenceState.SUPERSEDED
        ]
        return seat.page(
            request,
            actor,
            "contract",
            "deadlines",
            problem,
            contract=contract,
            row=row,
            seen=_state_of(settings_of(row)),
            few=_OPEN_SHOWN,
            cycle=cycle,
            titles={line.row.id: line.row.title for line in found},
            open=sorted((line for line in found if line.row.state.open), key=_when),
            closed=sorted(closed, key=lambda line: line.row.act_by or dt.date.min, reverse=True)[:_CLOSED_SHOWN],
            decisions=list(reversed(cycle_decisions(session, [contract_id]).get(contract_id, ()))),
            entered=entered_deadlines(session, [contract_id]).get(contract_id, ()),
            acts=acts_of_contract(session, contract_id),
            owners=list(session.exec(select(Owner).where(Owner.active).order_by(Owner.kind, Owner.name))),
            people=directory(session),
            departments=choices(session).departments,
            choices=list(Choice),
            stages=list(Stage),
            risks=list(Risk),
            kinds=ENTERED_KINDS,
            tomorrow=judged.today + dt.timedelta(days=1),
        )

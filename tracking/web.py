"""The pages of tracking: what is due as lists, a month, reports, and an occurrence with what people do about it.

Who starts the application says how somebody comes in and how a page is drawn (``Seat``): the frame of the pages and the
doors are the review's, which tracking does not know.
"""

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Protocol
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from models.actor import Actor
from models.tracked import Proof
from store.engine import reading, writing
from store.errors import StoreError
from store.tracking_occurrences import find_occurrence, occurrences_by_id
from store.tracking_reminders import reminders_of
from store.tracking_tables import OccurrenceRow
from tracking import overview
from tracking.acting import ActError, Desk
from tracking.overview import By, Shown
from tracking.spreadsheet import write_register

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
"""Served under ``/tracking-static``."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_PERIODS = (30, 60, 90)


class Render(Protocol):
    """Draws a page."""

    def __call__(self, request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> Response:
        """The answer that a template makes."""
        ...


@dataclass(frozen=True)
class Seat:
    """What the pages work with. ``viewer`` and ``reviewer`` give who is asking, or refuse them.

    ``put`` keeps a file and gives its hash, ``get`` gives it back. ``root`` is what comes before each path.
    """

    engine: Engine
    desk: Desk
    now: Callable[[], dt.datetime]
    viewer: Callable[[Request], Actor]
    reviewer: Callable[[Request], Actor]
    render: Render
    root: Callable[[Request], str]
    put: Callable[[bytes], str]
    get: Callable[[str], bytes]

    def shown(self) -> Shown:
        """The day, and when something is due soon."""
        policy = self.desk.context.policies.reminders
        return Shown(self.now().date(), policy.due_soon, tuple(policy.happenings))


def tracking_router(seat: Seat) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    _lists(router, seat)
    _reports(router, seat)
    _occurrence(router, seat)
    _acts(router, seat)
    return router


def _lists(router: APIRouter, seat: Seat) -> None:
    @router.get("/deadlines")
    def deadlines(
        request: Request,
        actor: Annotated[Actor, Depends(seat.viewer)],
        days: Annotated[int, Query(ge=1, le=400)] = 30,
        by: By | None = None,
    ) -> Response:
        shown = seat.shown()
        with reading(seat.engine) as session:
            lines = overview.coming(session, shown, days)
            late = overview.overdue(session, shown)
        groups = overview.grouped(lines, by) if by else [("", lines)]
        return seat.render(
            request,
            "tracking/deadlines.html",
            actor=actor,
            section="deadlines",
            page="deadlines",
            days=days,
            periods=_PERIODS,
            by=by,
            ways=list(By),
            groups=groups,
            number=len(lines),
            overdue=late,
        )

    @router.get("/calendar")
    def calendar(
        request: Request,
        actor: Annotated[Actor, Depends(seat.viewer)],
        month: Annotated[str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")] = "",
    ) -> Response:
        shown = seat.shown()
        year, at = (int(part) for part in month.split("-")) if month else (shown.today.year, shown.today.month)
        first = dt.date(min(max(year, 1901), 9998), at, 1)
        by_day: dict[dt.date, list[overview.Line]] = {}
        with reading(seat.engine) as session:
            for line in overview.in_month(session, shown, first):
                assert line.row.act_by is not None
                by_day.setdefault(line.row.act_by, []).append(line)
        return seat.render(
            request,
            "tracking/calendar.html",
            actor=actor,
            section="deadlines",
            page="calendar",
            first=first,
            before=first - dt.timedelta(days=1),
            after=overview.next_month(first),
            weeks=overview.weeks(first),
            by_day=by_day,
        )


def _reports(router: APIRouter, seat: Seat) -> None:
    @router.get("/reports")
    def reports(request: Request, actor: Annotated[Actor, Depends(seat.viewer)]) -> Response:
        shown = seat.shown()
        with reading(seat.engine) as session:
            context: dict[str, Any] = {
                "renewals": overview.renewals(session, shown),
                "cash_flow": overview.cash_flow(session, shown.today),
                "missed": overview.missed(session, shown),
                "escalated": overview.escalated(session, shown),
            }
        return seat.render(
            request, "tracking/reports.html", actor=actor, section="deadlines", page="reports", **context
        )

    @router.get("/deadlines.xlsx")
    def workbook(_: Annotated[Actor, Depends(seat.viewer)]) -> Response:
        held = io.BytesIO()
        with reading(seat.engine) as session:
            write_register(session, held, seat.now(), due_soon=seat.shown().due_soon)
        headers = {"content-disposition": 'attachment; filename="deadlines.xlsx"'}
        return Response(held.getvalue(), media_type=XLSX, headers=headers)


def _occurrence(router: APIRouter, seat: Seat) -> None:
    @router.get("/occurrences/{occurrence_id}")
    def occurrence(request: Request, actor: Annotated[Actor, Depends(seat.viewer)], occurrence_id: str) -> Response:
        return _shown(request, seat, actor, occurrence_id)

    @router.get("/occurrences/{occurrence_id}/proof")
    def proof(occurrence_id: str, _: Annotated[Actor, Depends(seat.viewer)]) -> Response:
        with reading(seat.engine) as session:
            row = occurrences_by_id(session, [occurrence_id]).get(occurrence_id)
        kept = Proof.model_validate(row.proof) if row is not None and row.proof else None
        if kept is None or kept.sha256 is None:
            return Response("There is no such file.\n", HTTPStatus.NOT_FOUND, media_type="text/plain")
        # Whatever it is, it is saved and never shown as a page of ours.
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(kept.file or 'proof', safe='')}"}
        return Response(seat.get(kept.sha256), media_type="application/octet-stream", headers=headers)


def _acts(router: APIRouter, seat: Seat) -> None:
    def act(
        request: Request, actor: Actor, occurrence_id: str, what: Callable[[Session, dt.datetime], OccurrenceRow]
    ) -> Response:
        try:
            with writing(seat.engine) as session:
                find_whole(session, occurrence_id)
                what(session, seat.now())
        except ActError as error:
            return _shown(request, seat, actor, occurrence_id, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        except StoreError:
            return _shown(request, seat, actor, occurrence_id)
        return RedirectResponse(f"{seat.root(request)}/occurrences/{occurrence_id}", HTTPStatus.SEE_OTHER)

    @router.post("/occurrences/{occurrence_id}/acknowledge")
    def acknowledge(request: Request, actor: Annotated[Actor, Depends(seat.reviewer)], occurrence_id: str) -> Response:
        return act(
            request,
            actor,
            occurrence_id,
            lambda session, now: seat.desk.acknowledge(session, occurrence_id, by=actor.name, now=now),
        )

    @router.post("/occurrences/{occurrence_id}/snooze")
    def snooze(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        occurrence_id: str,
        until: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        def put_off(session: Session, now: dt.datetime) -> OccurrenceRow:
            return seat.desk.snooze(session, occurrence_id, _day(until), by=actor.name, now=now)

        return act(request, actor, occurrence_id, put_off)

    @router.post("/occurrences/{occurrence_id}/done")
    def done(
        request: Request,
        actor: Annotated[Actor, Depends(seat.reviewer)],
        occurrence_id: str,
        note: Annotated[str, Form(max_length=4_000)] = "",
        on: Annotated[str, Form(max_length=40)] = "",
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        def finish(session: Session, now: dt.datetime) -> OccurrenceRow:
            day = _day(on) if on else None
            kept = _proof(seat, note, file)
            return seat.desk.done(session, occurrence_id, kept, by=actor.name, now=now, on=day)

        return act(request, actor, occurrence_id, finish)

    @router.post("/occurrences/{occurrence_id}/reopen")
    def reopen(request: Request, actor: Annotated[Actor, Depends(seat.reviewer)], occurrence_id: str) -> Response:
        return act(
            request,
            actor,
            occurrence_id,
            lambda session, now: seat.desk.reopen(session, occurrence_id, by=actor.name, now=now),
        )


def find_whole(session: Session, occurrence_id: str) -> OccurrenceRow:
    """An occurrence by its whole id: what a page names is never meant as a beginning. Raises StoreError."""
    found = find_occurrence(session, occurrence_id)
    if found.id != occurrence_id:
        raise StoreError("There is no such deadline.", "Go back to the list.")
    return found


def _shown(request: Request, seat: Seat, actor: Actor, occurrence_id: str, problem: str | None = None) -> Response:
    shown = seat.shown()
    with reading(seat.engine) as session:
        row = occurrences_by_id(session, [occurrence_id]).get(occurrence_id)
        if row is None:
            return seat.render(
                request,
                "tracking/missing.html",
                HTTPStatus.NOT_FOUND,
                actor=actor,
                section="deadlines",
                page="deadlines",
            )
        line = overview.one(session, row, shown)
        reminders = reminders_of(session, row.id)
    return seat.render(
        request,
        "tracking/occurrence.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        actor=actor,
        section="deadlines",
        page="deadlines",
        line=line,
        row=row,
        reminders=reminders,
        problem=problem,
        tomorrow=shown.today + dt.timedelta(days=1),
    )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise ActError("give a day") from None


def _proof(seat: Seat, note: str, file: UploadFile | None) -> Proof:
    content = file.file.read() if file is not None else b""
    name = Path(file.filename).name[:200] if file is not None and file.filename else None
    try:
        return Proof(
            note=note.strip() or None,
            sha256=seat.put(content) if content else None,
            file=name if content else None,
        )
    except ValidationError:
        raise ActError("a proof is needed: a note, or a file") from None

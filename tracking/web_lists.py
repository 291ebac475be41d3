"""The list of deadlines with its filter, the same as a workbook, a table or a calendar, and the month."""

import datetime as dt
import io
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from models.actor import Actor
from models.base import Value
from store.engine import reading
from tracking import overview
from tracking.calendar import MEDIA_TYPE as ICS
from tracking.feeds import chosen_entries
from tracking.filtering import Filter, Listed, choices, count, within
from tracking.overview import LIMIT, By, Line
from tracking.reports import numbers
from tracking.spreadsheet import write_csv, write_register
from tracking.web_seat import Seat

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_PERIODS = (30, 60, 90, 365)
_OVERDUE_SHOWN = 8
"""Overdue deadlines that stand before those to come; a link leads to the others."""

_PER_DAY = 3
"""Deadlines a day of the month shows; the others unfold."""


class Asked(Value):
    """What the address of a list asks for; ``days`` 0 is any time."""

    days: int = Field(default=30, ge=0, le=4_000)
    state: Listed = Listed.OPEN
    kind: str = Field(default="", max_length=60)
    owner: str = Field(default="", max_length=200)
    department: str = Field(default="", max_length=200)
    counterparty: str = Field(default="", max_length=200)
    type: str = Field(default="", max_length=200)
    contract: str = Field(default="", max_length=64)
    text: str = Field(default="", max_length=200)
    by: By | Literal[""] = ""

    def filter(self, today: dt.date) -> Filter:
        """As what is listed is found."""
        return Filter(
            listed=self.state,
            kind=self.kind or None,
            owner=self.owner or None,
            department=self.department or None,
            counterparty=self.counterparty or None,
            contract_type=self.type or None,
            contract=self.contract or None,
            text=self.text or None,
            **within(self.state, self.days or None, today),
        )

    def query(self, **changes: object) -> str:
        """The address of the same list with some of it changed; what is as usual is left out."""
        usual = Asked()
        asked = {**self.model_dump(mode="json"), **changes}
        given = {name: value for name, value in asked.items() if value != getattr(usual, name)}
        return urlencode(given)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the time is chosen."""
        return bool(self.query(days=30, by=""))


_Asked = Annotated[Asked, Query()]


def lists_router(seat: Seat) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    _list(router, seat)
    _taken_along(router, seat)
    _month(router, seat)
    return router


def _list(router: APIRouter, seat: Seat) -> None:
    @router.get("/deadlines")
    def deadlines(request: Request, actor: Annotated[Actor, Depends(seat.viewer)], asked: _Asked) -> Response:
        judged = seat.judged()
        chosen = asked.filter(judged.today)
        with reading(seat.engine) as session:
            late: list[Line] = []
            if chosen.listed is Listed.OPEN:
                overdue = chosen.model_copy(update={"listed": Listed.OVERDUE, "first": None, "last": None})
                late = overview.listed(session, overdue, judged, _OVERDUE_SHOWN)
                chosen = chosen.model_copy(update={"first": judged.today})
            lines = overview.listed(session, chosen, judged)
            context: dict[str, Any] = {
                "number": count(session, chosen, judged),
                "numbers": numbers(session, judged, asked.filter(judged.today)),
                "choices": choices(session),
            }
        groups = overview.grouped(lines, asked.by) if asked.by else [("", lines)] if lines else []
        context |= {"asked": asked, "periods": _PERIODS, "ways": list(By), "states": list(Listed), "limit": LIMIT}
        return seat.page(request, actor, "deadlines", "deadlines", overdue=late, groups=groups, **context)


def _taken_along(router: APIRouter, seat: Seat) -> None:
    def answer(content: bytes, media_type: str, suffix: str) -> Response:
        headers = {
            "content-disposition": f'attachment; filename="deadlines.{suffix}"',
            "cache-control": "private, no-store",
        }
        return Response(content, media_type=media_type, headers=headers)

    @router.get("/deadlines.xlsx")
    def workbook(_: Annotated[Actor, Depends(seat.viewer)], asked: _Asked) -> Response:
        held, judged = io.BytesIO(), seat.judged()
        with reading(seat.engine) as session:
            write_register(session, held, seat.now(), judged, asked.filter(judged.today))
        return answer(held.getvalue(), XLSX, "xlsx")

    @router.get("/deadlines.csv")
    def table(_: Annotated[Actor, Depends(seat.viewer)], asked: _Asked) -> Response:
        held, judged = io.StringIO(), seat.judged()
        with reading(seat.engine) as session:
            write_csv(session, held, judged, asked.filter(judged.today))
        return answer(held.getvalue().encode(), "text/csv; charset=utf-8", "csv")

    @router.get("/deadlines.ics")
    def calendar(_: Annotated[Actor, Depends(seat.viewer)], asked: _Asked) -> Response:
        judged, base_url = seat.judged(), seat.desk.context.base_url
        with reading(seat.engine) as session:
            content = chosen_entries(session, asked.filter(judged.today), judged, base_url)
        return answer(content, ICS, "ics")


def _month(router: APIRouter, seat: Seat) -> None:
    @router.get("/calendar")
    def calendar(
        request: Request,
        actor: Annotated[Actor, Depends(seat.viewer)],
        month: Annotated[str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")] = "",
    ) -> Response:
        judged = seat.judged()
        year, at = (int(part) for part in month.split("-")) if month else (judged.today.year, judged.today.month)
        first = dt.date(min(max(year, 1901), 9998), at, 1)
        by_day: dict[dt.date, list[Line]] = {}
        with reading(seat.engine) as session:
            for line in overview.in_month(session, judged, first):
                assert line.row.act_by is not None
                by_day.setdefault(line.row.act_by, []).append(line)
        return seat.page(
            request,
            actor,
            "calendar",
            "calendar",
            first=first,
            before=first - dt.timedelta(days=1),
            after=overview.next_month(first),
            weeks=overview.weeks(first),
            by_day=by_day,
            per_day=_PER_DAY,
        )

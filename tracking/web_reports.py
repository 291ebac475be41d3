"""The reports: all on one page, or one of them in full; both print."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from models.actor import Actor
from store.engine import reading
from tracking import charts, reports
from tracking.overview import LIMIT
from tracking.web_seat import Seat

_FEW = 10
"""Lines of a report that stand among the others; alone it shows all."""


class Only(StrEnum):
    """A report by itself."""

    ALL = ""
    AHEAD = "ahead"
    CASH = "cash"
    QUARTER = "quarter"
    REVIEWS = "reviews"
    DUTIES = "duties"
    LOAD = "load"
    MISSED = "missed"
    ESCALATED = "escalated"
    REVIEWING = "reviewing"


def reports_router(seat: Seat) -> APIRouter:
    """The route."""
    router = APIRouter(include_in_schema=False)

    @router.get("/reports")
    def show(request: Request, actor: Annotated[Actor, Depends(seat.viewer)], only: Only = Only.ALL) -> Response:
        judged = seat.judged()
        with reading(seat.engine) as session:
            quarter = reports.renewals(session, judged)
            ahead = reports.year_ahead(session, judged)
            loads = reports.workload(session, judged)
            whole, least = reports.review_progress(session)
            cash = reports.cash_flow(session, judged.today)
            context: dict[str, Any] = {
                "numbers": reports.numbers(session, judged),
                "renewals": quarter,
                "quarter": reports.quarter_of(judged.today),
                "ahead": ahead,
                "loads": loads,
                "whole": whole,
                "least": least,
                "cash": cash,
                "reviews": reports.reviews_overdue(session, judged),
                "duties": reports.reporting_duties(session, judged),
                "missed": reports.missed(session, judged),
                "escalated": reports.escalated(session, judged),
            }
        few = _FEW if only is Only.ALL else None
        drawn: dict[str, Any] = {
            "width": charts.WIDTH,
            "full": charts.FULL,
            "quarter_line": charts.quarter_line(quarter, judged.today),
            "ahead_columns": charts.ahead_columns(ahead),
            "cash_columns": {name: charts.cash_columns(months, name) for name, months in cash.items()},
            "load_rows": charts.load_rows(loads),
            "whole_rows": charts.progress_rows([whole], whole=True),
            "least_rows": charts.progress_rows(least),
        }
        return seat.page(request, actor, "reports", "reports", only=only.value, few=few or LIMIT, **context, **drawn)

    return router

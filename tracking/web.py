"""The pages of tracking: lists and a month, reports, deadlines and contracts with what people do, links of messages."""

from pathlib import Path

from fastapi import APIRouter

from tracking.web_contract import contract_router
from tracking.web_lists import lists_router
from tracking.web_message import message_router
from tracking.web_occurrence import occurrence_router
from tracking.web_reports import reports_router
from tracking.web_seat import Seat

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
"""Served under ``/tracking-static``."""


def tracking_router(seat: Seat) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    for part in (lists_router, reports_router, occurrence_router, contract_router, message_router):
        router.include_router(part(seat))
    return router
